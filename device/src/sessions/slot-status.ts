import type { SlotState, SlotStatus } from '../../../src/protocol/messages.ts';
import type { StreamRegistry } from '../streams/registry.ts';
import type { Feed } from './feed.ts';
import { qualityOf } from './ladder.ts';
import type { Replay } from './slot-track.ts';

/** The slot that a status is of. */
export interface Place {
  slot: number;
  /** Null before it has a track. */
  mid: string | null;
  /** What its track was sent at once last; null before it was. */
  replayed: Replay | null;
}

/** @param stream the name that was asked for @param quality as it was asked for */
export function describe(
  { slot, mid }: Place,
  stream: string,
  status: SlotState,
  quality: string | undefined,
  error?: string,
): SlotStatus {
  return {
    slot,
    stream,
    status,
    ...(error === undefined ? {} : { error }),
    ...(quality === undefined ? {} : { quality }),
    ...(mid === null ? {} : { mid }),
  };
}

/** What a feed shows, and where it is smaller than what was asked for, how much. */
export function statusOf(place: Place, { stream, asked, wish, playing }: Feed, streams: StreamRegistry): SlotStatus {
  const quality = stream.name === asked ? undefined : qualityOf(streams, stream.name);
  const actual = quality === undefined ? {} : { actual_quality: quality };
  if (stream.state === 'offline') {
    return { ...describe(place, asked, 'offline', wish.quality, stream.reason), ...actual };
  }
  return {
    ...describe(place, asked, playing ? 'active' : 'buffering', wish.quality),
    ...actual,
    ...stream.format,
    ...(playing && place.replayed && { rtp_first: place.replayed.first, rtp_live: place.replayed.newest }),
  };
}
