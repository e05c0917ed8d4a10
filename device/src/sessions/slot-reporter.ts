import { isDeepStrictEqual } from 'node:util';
import type { SlotState, SlotStatus } from '../../../src/protocol/messages.ts';
import type { StreamFormat } from '../media/access-unit.ts';
import type { StreamRegistry } from '../streams/registry.ts';
import type { Feed, Wish } from './feed.ts';
import { qualityOf } from './ladder.ts';
import type { Replay, SlotWriter } from './slot-writer.ts';

/** @param requestId the request that the status answers */
export type TellStatus = (status: SlotStatus, requestId?: string) => void;

/** The reason why a slot does not show the stream that was asked for. */
export type Fault = Pick<SlotStatus, 'error' | 'code'>;

/** Reports the state of a slot to its client, as the protocol's `SlotStatus`. */
export class SlotReporter {
  readonly #slot: number;
  readonly #streams: StreamRegistry;
  readonly #writer: SlotWriter;
  readonly #tell: TellStatus;
  #last: SlotStatus | null = null;

  constructor(slot: number, streams: StreamRegistry, writer: SlotWriter, tell: TellStatus) {
    this.#slot = slot;
    this.#streams = streams;
    this.#writer = writer;
    this.#tell = tell;
  }

  /** @param stream the name that was asked for */
  describe(stream: string, status: SlotState, { quality }: Partial<Wish>, fault: Fault = {}): SlotStatus {
    const { mid } = this.#writer;
    return {
      slot: this.#slot,
      stream,
      status,
      ...fault,
      ...(quality === undefined ? {} : { quality }),
      ...(mid === null ? {} : { mid }),
    };
  }

  /** The status of a feed, and the quality that is sent if it is less than was asked for. */
  statusOf({ stream, reading, purpose, playing, replayed, isCalm, intervalMs, clock }: Feed): SlotStatus {
    const { state, reason, format, waitsForKeyframe } = reading;
    const { asked, wish } = purpose;
    const quality = stream.name === asked ? undefined : qualityOf(this.#streams, stream.name);
    const actual = quality === undefined ? {} : { actual_quality: quality };
    if (state === 'offline' || state === 'mismatch') {
      const [status, fault]: [SlotState, Fault] =
        state === 'offline' ? ['offline', { error: reason }] : ['error', { error: reason, code: 'codec-mismatch' }];
      return { ...this.describe(asked, status, wish, fault), ...actual };
    }
    const fault: Fault = !playing && waitsForKeyframe ? { code: 'no-keyframe' } : {};
    return {
      ...this.describe(asked, playing ? 'active' : 'buffering', wish, fault),
      ...actual,
      ...(format === null ? {} : shapeOf(format)),
      ...(intervalMs > 0 && { interval: intervalMs }),
      ...(isCalm && { calm: true }),
      ...(playing ? timesOf(replayed) : {}),
      ...(clock !== null && { clock_rtp: clock.rtp, clock_ms: clock.ms }),
    };
  }

  /** Tells a status, as the answer to a request if there is a `requestId`. */
  say(status: SlotStatus, requestId: string | undefined): void {
    this.#last = status;
    this.#tell(status, requestId);
  }

  /** Tells a status that no request asked for, if it is news. */
  mention(status: SlotStatus): void {
    if (!isDeepStrictEqual({ ...status, ...noTimes }, { ...this.#last, ...noTimes })) {
      this.say(status, undefined);
    }
  }
}

function shapeOf({ codec, width, height, aspect }: StreamFormat): Partial<SlotStatus> {
  return { codec, width, height, ...(aspect !== undefined && { display_width: Math.round(width * aspect) }) };
}

/** From the GOP that was sent at once last: where the stream begins on the track, and where it is live. */
function timesOf(replay: Replay | null): Pick<SlotStatus, 'rtp_first' | 'rtp_live'> {
  return replay === null ? {} : { rtp_first: replay.first, rtp_live: replay.newest };
}

/** Another key frame alone is no news. */
const noTimes = { rtp_first: undefined, rtp_live: undefined };
