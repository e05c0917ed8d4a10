import { parse } from 'sdp-transform';

/** What an offer says of one video m-line. */
export interface OfferedVideo {
  mid: string;
  /** The best H.264 format on offer; null where the browser takes none. */
  h264: { payloadType: number; parameters: string } | null;
  /** The header extension's id, where offered. */
  playoutDelayId: number | null;
}

/** Lets a sender say that its pictures are to be shown when they come (WebRTC's experiments, "playout-delay"). */
const playoutDelay = 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay';

/** A decoder of a higher profile takes the streams of the lower ones, not the other way round. */
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
    const formats = rtp
      .filter(({ codec }) => codec.toUpperCase() === 'H264')
      .map(({ payload }) => ({
        payloadType: payload,
        parameters: fmtp.find((line) => line.payload === payload)?.config ?? '',
      }))
      // Without it each picture part would need a packet of its own (RFC 6184 section 6.2).
      .filter(({ parameters }) => parameters.includes('packetization-mode=1'));
    const rank = ({ parameters }: { parameters: string }) => {
      const profile = /profile-level-id=(..)/i.exec(parameters)?.[1]?.toLowerCase() ?? '';
      return profiles.includes(profile) ? profiles.indexOf(profile) : profiles.length;
    };
    return {
      mid: String(mid),
      h264: formats.toSorted((a, b) => rank(a) - rank(b))[0] ?? null,
      playoutDelayId: ext?.find(({ uri }) => uri === playoutDelay)?.value ?? null,
    };
  });
}

/** The answer with the playout-delay extension accepted wherever it was offered: libdatachannel sends it, and does not say so. */
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
