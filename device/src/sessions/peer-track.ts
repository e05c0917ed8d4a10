/** A track of libdatachannel: like `peer.ts`, which makes it, every callback is guarded. */

import { randomInt, randomUUID } from 'node:crypto';
import ndc from 'node-datachannel';
import type { StreamFormat } from '../media/access-unit.ts';
import { formatFor, type OfferedVideo } from './offer.ts';
import type { Pacer } from './pacer.ts';
import type { Feedback } from './rtcp.ts';
import type { Picture } from './rtp-packetizer.ts';
import { RtpSender } from './rtp-sender.ts';

/** How the browser's feedback reaches the slot, and when it may begin to send. */
export interface TrackEvents {
  open(): void;
  feedback(feedback: Feedback): void;
}

/** A coded picture, and when it is to be shown. */
export interface TimedPicture {
  /** Annex B. */
  data: Buffer;
  /** RTP, 90 kHz. */
  timestamp: number;
}

export interface PeerTrack {
  readonly mid: string;
  readonly isOpen: boolean;
  /** Whether the browser's offer has this format. */
  takes(format: StreamFormat): boolean;
  /** A GOP, with which the track begins anew. @param format one that it takes */
  replay(gop: readonly TimedPicture[], format: StreamFormat): void;
  /** The next picture of what was replayed. @param format one that it takes */
  live(picture: TimedPicture, format: StreamFormat): void;
  /** Sends nothing more until the next replay. */
  rest(): void;
}

/** What a track has of its peer. */
export interface TrackOwner {
  connection: ndc.PeerConnection;
  /** Calls it unless the peer is closed; what it throws is logged. */
  guard(callback: () => void): void;
  pacer: Pacer;
  /** Is told of every picture that goes out. */
  sent(bytes: number): void;
}

/** The m-line answered with every format that it offers, so that streams of either codec can follow each other on it. */
export function addTrack(video: OfferedVideo, events: TrackEvents, owner: TrackOwner): PeerTrack {
  const { mid, formats, playoutDelayId } = video;
  const { connection, guard, pacer, sent } = owner;
  const ssrc = randomInt(1, 2 ** 32);
  const name = `slot-${mid}-${randomUUID().slice(0, 8)}`;
  const track = connection.addTrack(describe(video, ssrc, name));
  // Without the extension Chrome waits for the pictures of a replayed GOP as long as for those of a late network.
  const rtp = new RtpSender({ ssrc, name, playoutDelayId, send: (packet) => track.sendMessageBinary(packet) });
  track.onOpen(() => guard(() => events.open()));
  track.onMessage((packet) => guard(() => events.feedback(rtp.receive(packet))));
  const lane = pacer.lane((picture) => {
    if (track.isOpen()) {
      guard(() => {
        rtp.send(picture);
        sent(picture.data.length);
      });
    }
  });
  const toPicture = ({ data, timestamp }: TimedPicture, format: StreamFormat): Picture | null => {
    const offered = formatFor(formats, format);
    return offered ? { data, timestamp, codec: offered.codec, payloadType: offered.payloadType } : null;
  };
  return {
    mid,
    get isOpen() {
      return track.isOpen();
    },
    takes: (format) => formatFor(formats, format) !== undefined,
    replay: (gop, format) => lane.replay(gop.flatMap((picture) => toPicture(picture, format) ?? [])),
    live: (timed, format) => {
      const picture = toPicture(timed, format);
      if (picture !== null) {
        lane.live(picture);
      }
    },
    rest: () => lane.clear(),
  };
}

function describe({ mid, formats }: OfferedVideo, ssrc: number, name: string): ndc.Video {
  const description = new ndc.Video(mid, 'SendOnly');
  for (const { codec, payloadType, parameters } of formats) {
    if (codec === 'H264') {
      description.addH264Codec(payloadType, parameters);
    } else {
      description.addH265Codec(payloadType);
      description.parseSdpLine(`a=fmtp:${payloadType} ${parameters}`);
    }
  }
  description.addSSRC(ssrc, name, name, name);
  return description;
}
