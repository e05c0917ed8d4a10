import { parse } from 'sdp-transform';
import type { Codec, StreamFormat } from '../media/access-unit.ts';

/** A form of video that a browser takes. */
export interface OfferedFormat {
  codec: Codec;
  payloadType: number;
  /** As the offer has them. */
  parameters: string;
  /** Of H.265, its general_profile_idc. The one format of H.264 is that which takes the others' streams too. */
  profile?: number;
}

/** What an offer says of one video m-line. */
export interface OfferedVideo {
  mid: string;
  /** Those that we could send; none where the browser takes neither H.264 nor H.265. */
  formats: OfferedFormat[];
  /** The header extension's id, where offered. */
  playoutDelayId: number | null;
}

/** Lets a sender say that its pictures are to be shown when they come (WebRTC's experiments, "playout-delay"). */
const playoutDelay = 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay';

/** Of H.264: a decoder of a higher profile takes the streams of the lower ones, not the other way round. */
const profiles = ['64', '4d', '42'];

/**
 * The video m-lines of an offer, in order.
 * @throws {Error} for what is no SDP with video
 */
export function readOffer(sdp: string): OfferedVideo[] {
  const videos = parse(sdp).media.filter(({ type }) => type === 'video');
  if (videos.length === 0) {
    throw new Error('the sdp has no video m-line');
  }
  return videos.map(({ mid, rtp, fmtp, ext }) => {
    if (mid === undefined) {
      throw new Error('the sdp has an m-line without a mid');
    }
    const offered = rtp.map(({ payload, codec }) => ({
      payloadType: payload,
      name: codec.toUpperCase(),
      parameters: fmtp.find((line) => line.payload === payload)?.config ?? '',
    }));
    const of = (codec: Codec) => offered.filter(({ name }) => name === codec);
    return {
      mid: String(mid),
      formats: [...bestH264(of('H264')), ...allH265(of('H265'))],
      playoutDelayId: ext?.find(({ uri }) => uri === playoutDelay)?.value ?? null,
    };
  });
}

/** The format in which a stream can be sent. */
export function formatFor(
  formats: readonly OfferedFormat[],
  { codec, profile }: StreamFormat,
): OfferedFormat | undefined {
  return formats.find((format) => format.codec === codec && format.profile === profile);
}

interface Offered {
  payloadType: number;
  parameters: string;
}

function bestH264(offered: readonly Offered[]): OfferedFormat[] {
  const rank = ({ parameters }: Offered) => {
    const profile = /profile-level-id=(..)/i.exec(parameters)?.[1]?.toLowerCase() ?? '';
    return profiles.includes(profile) ? profiles.indexOf(profile) : profiles.length;
  };
  return (
    offered
      // Without it each picture part would need a packet of its own (RFC 6184 section 6.2).
      .filter(({ parameters }) => parameters.includes('packetization-mode=1'))
      .toSorted((a, b) => rank(a) - rank(b))
      .slice(0, 1)
      .map(({ payloadType, parameters }) => ({ codec: 'H264', payloadType, parameters }))
  );
}

/**
 * One for each profile; without a word it is 1, Main (RFC 7798 section 7.1). The level is not looked at, nor is H.264's:
 * browsers name one below what they decode.
 */
function allH265(offered: readonly Offered[]): OfferedFormat[] {
  const byProfile = new Map<number, OfferedFormat>();
  for (const { payloadType, parameters } of offered) {
    const profile = Number(/(?:^|;)\s*profile-id=(\d+)/i.exec(parameters)?.[1] ?? 1);
    // Several streams of packets for one picture are not what we send.
    if (!byProfile.has(profile) && !/tx-mode=(?!SRST)/i.test(parameters)) {
      byProfile.set(profile, { codec: 'H265', payloadType, parameters, profile });
    }
  }
  return [...byProfile.values()];
}

/** The answer with the playout-delay extension accepted wherever it was offered: we send it, and libdatachannel does not say so. */
export function acceptPlayoutDelay(answer: string, offered: readonly OfferedVideo[]): string {
  const ids = new Map(offered.map(({ mid, playoutDelayId }) => [mid, playoutDelayId]));
  return answer.replaceAll(/^a=mid:(.*?)\r?\n/gm, (line, mid: string) => {
    const id = ids.get(mid) ?? null;
    return id === null ? line : `${line}a=extmap:${id} ${playoutDelay}\r\n`;
  });
}

/** All candidates travel one by one; whether some were gathered in time for the answer is chance. */
export function withoutCandidates(answer: string): string {
  return answer.replaceAll(/^a=(candidate:.*|end-of-candidates)\r?\n/gm, '');
}
