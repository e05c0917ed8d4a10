/** Pictures and sound over the session's own WebSocket, for viewers that WebRTC does not reach. */

import type { BinaryChannel } from '../binary-channel.ts';
import type { StreamFormat } from '../media/access-unit.ts';
import type { AudioCodec } from '../media/audio-unit.ts';
import { FeedbackBudget } from '../sessions/feedback-budget.ts';
import type { Answer, FileEvents, Outlet, OutletEvents, TrackEvents } from '../sessions/outlet.ts';
import { Turns } from '../turns.ts';
import { Movie } from './movie.ts';
import { SocketLink } from './socket-link.ts';
import { SocketSound } from './socket-sound.ts';
import { SocketTrack, type TrackOwner } from './socket-track.ts';

export interface SocketOutletOptions {
  readonly channel: BinaryChannel;
  /** The codecs that the browser's MediaSource takes (RFC 6381). */
  readonly accept: readonly string[];
  /** For clients that know no headers of ours: the messages are one MP4 file, whose time begins at 0. */
  plain?: FileEvents;
  /** Is told of every picture that goes out. */
  sent?(bytes: number): void;
}

/** Slots of all viewers open one a turn: each is sent a GOP, and many viewers may come at once. */
const openings = new Turns(1);

/** How often (ms) the session is told how pictures arrive, at most. */
const reportEvery = 200;

export class SocketOutlet implements Outlet {
  readonly #events: OutletEvents;
  readonly #owner: TrackOwner;
  /** Null where the browser takes none. */
  readonly #sound: SocketSound | null;
  readonly #link: SocketLink;
  readonly #movie: Movie | null;
  #tracks: SocketTrack[] = [];
  /** Bytes since the last report. */
  #sent = 0;
  #dropped = 0;
  #reportedAt = performance.now();
  #isClosed = false;

  constructor({ channel, accept, plain, sent }: SocketOutletOptions, events: OutletEvents) {
    this.#events = events;
    this.#link = new SocketLink(channel, {
      roundTrip: (roundTrip) => this.#report(roundTrip),
      drained: () => {
        for (const track of this.#tracks) {
          track.drained();
        }
      },
    });
    const formats = accept.flatMap(readCodec);
    const soundCodecs = accept.flatMap(readSoundCodec);
    this.#movie =
      plain === undefined
        ? null
        : new Movie(soundCodecs.length > 0, {
            ...{ begin: plain.begin, changed: plain.changed, begun: () => this.#sound?.begin() },
            ready: () => {
              for (const track of this.#tracks) {
                track.begin();
              }
            },
          });
    this.#owner = {
      link: this.#link,
      movie: this.#movie,
      budget: new FeedbackBudget(),
      accepts: (format) => formats.some((accepted) => fits(accepted, format)),
      sent: (bytes) => {
        this.#sent += bytes;
        sent?.(bytes);
      },
      dropped: (bytes) => {
        this.#dropped += bytes;
      },
    };
    this.#sound =
      soundCodecs.length === 0
        ? null
        : new SocketSound({
            link: this.#link,
            movie: this.#movie,
            takes: (codec) => soundCodecs.includes(codec),
            timeIn: (slot, moment) => this.#tracks.find((track) => track.slot === slot)?.timeAt(moment) ?? null,
            sent: this.#owner.sent,
          });
  }

  answer(_offer: string, slots: readonly TrackEvents[]): Answer {
    this.#tracks = slots.map((events) => new SocketTrack(events, this.#owner));
    for (const slot of slots) {
      openings.take(() => this.#isClosed || slot.open());
    }
    return { sdp: '', tracks: this.#tracks, sound: this.#sound };
  }

  /** Nothing is negotiated. */
  addCandidate(): void {}

  /** The link finds its own pace. */
  pace(): void {}

  /** There is no sound: the pictures of a file need not wait for it, or are all that is left. */
  goSilent(): void {
    this.#movie?.decide(null);
  }

  close(): void {
    this.#isClosed = true;
    this.#movie?.close();
    this.#link.close();
  }

  #report(roundTrip: number): void {
    const now = performance.now();
    if (now - this.#reportedAt >= reportEvery) {
      this.#events.report({ loss: this.#dropped / Math.max(1, this.#dropped + this.#sent), roundTrip });
      this.#sent = this.#dropped = 0;
      this.#reportedAt = now;
    }
  }
}

/** `avc1.640033` or `hvc1.1.6.L153.B0`; others are no codec of ours. */
function readCodec(text: string): Pick<StreamFormat, 'codec' | 'profile'>[] {
  const hevc = /^h(?:vc|ev)1\.[ABC]?(\d+)\./.exec(text);
  if (hevc !== null) {
    return [{ codec: 'H265', profile: Number(hevc[1]) }];
  }
  return /^avc[13]\./.test(text) ? [{ codec: 'H264' }] : [];
}

function fits(accepted: Pick<StreamFormat, 'codec' | 'profile'>, { codec, profile }: StreamFormat): boolean {
  return accepted.codec === codec && (codec === 'H264' || accepted.profile === profile);
}

/** `opus`, or AAC in one of its forms. */
function readSoundCodec(text: string): AudioCodec[] {
  return text === 'opus' ? ['OPUS'] : text.startsWith('mp4a.40.') ? ['AAC'] : [];
}
