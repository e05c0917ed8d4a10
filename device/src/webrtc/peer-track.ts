/** The track that a slot writes to: one m-line of a viewer's connection, under an SSRC of its own. */

import { randomInt, randomUUID } from 'node:crypto';
import type { StreamFormat } from '../media/access-unit.ts';
import type { FeedbackBudget } from '../sessions/feedback-budget.ts';
import type { TimedPicture, Track, TrackEvents } from '../sessions/outlet.ts';
import type { Source } from './answer.ts';
import { formatFor, type OfferedFormat, type OfferedVideo } from './offer.ts';
import type { Lane, Pacer } from './pacer.ts';
import { RtpSender } from './rtp-sender.ts';

/** The tracks of a connection share these. */
export interface TrackOwner {
  /** The CNAME of the connection. */
  name: string;
  pacer: Pacer;
  budget: FeedbackBudget;
  isOpen(): boolean;
  /** Whether the connection has more to carry than it does in time: pictures that are sent now would come too late. */
  isCongested(): boolean;
  /** Sends one RTP or RTCP packet, which it does not keep. */
  send(packet: Buffer): void;
  /** Is told of every picture that goes out. */
  sent(bytes: number): void;
}

export class PeerTrack implements Track {
  readonly events: TrackEvents;
  readonly source: Source;
  readonly #video: OfferedVideo;
  readonly #owner: TrackOwner;
  readonly #rtp: RtpSender;
  readonly #lane: Lane;
  /** The viewer's name for the format of what was replayed last. */
  #format: OfferedFormat | undefined;
  /** Whether pictures were dropped: only a key frame can follow. */
  #awaitsKeyframe = false;

  constructor(video: OfferedVideo, events: TrackEvents, owner: TrackOwner) {
    this.events = events;
    this.source = { ssrc: randomInt(1, 2 ** 32), name: `slot-${randomUUID().slice(0, 8)}`, cname: owner.name };
    this.#video = video;
    this.#owner = owner;
    this.#rtp = new RtpSender({
      ssrc: this.source.ssrc,
      name: owner.name,
      playoutDelayId: video.playoutDelayId,
      send: (packet) => owner.send(packet),
    });
    this.#lane = owner.pacer.lane((picture) => {
      if (this.#format !== undefined && owner.isOpen() && !this.#drops(picture)) {
        this.#rtp.send(picture, this.#format);
        owner.sent(picture.data.length);
      }
    });
  }

  get mid(): string {
    return this.#video.mid;
  }

  get isOpen(): boolean {
    return this.#owner.isOpen();
  }

  takes(format: StreamFormat): boolean {
    return formatFor(this.#video.formats, format) !== undefined;
  }

  affords(bytes: number, cause: 'wish' | 'repair'): boolean {
    const { budget } = this.#owner;
    return cause === 'wish' ? budget.takeWish(bytes) : budget.takeReplay(bytes);
  }

  replay(gop: readonly TimedPicture[], format: StreamFormat, isRepair: boolean): void {
    if (!isRepair) {
      this.#owner.budget.earn(gop.reduce((sum, { data }) => sum + data.length, 0));
    }
    this.#format = formatFor(this.#video.formats, format);
    this.#lane.replay(gop);
  }

  live(picture: TimedPicture): void {
    if (!this.#awaitsKeyframe) {
      this.#owner.budget.earn(picture.data.length);
    }
    this.#lane.live(picture);
  }

  /** @param delay milliseconds after which pictures are shown, once they have come */
  hold(delay: number): void {
    this.#rtp.hold(delay);
  }

  rest(): void {
    this.#lane.clear();
  }

  /** Sends packets again that the viewer misses. @param roundTrip to the viewer and back, in milliseconds */
  resend(sequences: readonly number[], roundTrip: number): void {
    this.#rtp.resend(sequences, roundTrip, this.#owner.budget);
  }

  /** Drops whole pictures up to a key frame, so that a decoder gets none that refers to one it has not. */
  #drops({ keyframe }: TimedPicture): boolean {
    const isCongested = this.#owner.isCongested();
    this.#awaitsKeyframe = isCongested || (this.#awaitsKeyframe && !keyframe);
    if (this.#awaitsKeyframe && !isCongested) {
      // Not within the call that brings a picture: this may bring the whole GOP.
      setImmediate(() => this.#owner.isOpen() && this.events.wantsKeyframe());
    }
    return this.#awaitsKeyframe;
  }
}
