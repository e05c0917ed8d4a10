/**
 * A viewer without a screen: real WebRTC that decodes nothing. The library's threads do not let a process end by itself,
 * so that a program of its own opens it: `headless-viewer-process.ts` for tests.
 */

import ndc from 'node-datachannel';
import { ApiClient, type Message } from './api-client.ts';

/** The packets that have come on a slot so far. */
export interface Received {
  packets: number;
  bytes: number;
  /** Packets that are missing between those that came. */
  gaps: number;
  /** The newest packet's codec. */
  codec: 'H264' | 'H265' | null;
  pictures: number;
  keyframes: number;
  /** Sequence number. */
  newest: number;
}

export interface HeadlessPeerOptions {
  /** The query of the WebSocket's address. */
  query?: string;
  /** The codecs in its offer; H264 alone by default. */
  codecs?: readonly ('H264' | 'H265')[];
  /** False: the library answers with receiver reports, and no packet costs this process a callback. True by default. */
  counts?: boolean;
}

export interface HeadlessPeer {
  /** Its messages are read here only as far as they are candidates. */
  client: ApiClient;
  /** One for each stream, in order. */
  tracks: readonly ndc.Track[];
  /** The device's message: `multistream/answer`, or `webrtc/answer` for a single stream. */
  answer: Message;
  /** One for each stream, kept up to date; all zero where nothing is counted. */
  received: readonly Received[];
  close(): void;
}

const h264 = 96;
const h265 = 98;
/** The library's objects fall silent when they are collected. */
const held = new Set<HeadlessPeer>();

/** A wall of these streams over one connection. Resolves when the connection is there; the slots are numbered from 0. */
export async function openHeadlessWall(
  url: string,
  streams: readonly string[],
  { query = '', ...options }: HeadlessPeerOptions = {},
): Promise<HeadlessPeer> {
  const client = await ApiClient.open(url, { query });
  await client.ask({ type: 'multistream/init', slots: streams.map((stream, slot) => ({ slot, stream })) });
  const candidate = { type: 'multistream/ice', sent: 'candidate' };
  return connect(client, streams.length, options, candidate, (sdp) => client.ask({ type: 'multistream/offer', sdp }));
}

/** A viewer of one stream, as go2rtc has them. Resolves when the connection is there. */
export async function openHeadlessSingle(
  url: string,
  stream: string,
  options: Omit<HeadlessPeerOptions, 'query'> = {},
): Promise<HeadlessPeer> {
  const client = await ApiClient.open(url, { query: `?src=${encodeURIComponent(stream)}` });
  const candidate = { type: 'webrtc/candidate', sent: 'value' };
  return connect(client, 1, options, candidate, async (value) => {
    client.send({ type: 'webrtc/offer', value });
    return client.next(({ type }) => type === 'webrtc/answer');
  });
}

async function connect(
  client: ApiClient,
  slots: number,
  { codecs = ['H264'], counts = true }: Omit<HeadlessPeerOptions, 'query'>,
  candidate: { type: string; sent: string },
  ask: (offer: string) => Promise<Message>,
): Promise<HeadlessPeer> {
  const peer = new ndc.PeerConnection('viewer', { iceServers: [] });
  const received = Array.from(
    { length: slots },
    (): Received => ({ packets: 0, bytes: 0, gaps: 0, codec: null, pictures: 0, keyframes: 0, newest: -1 }),
  );
  const tracks = received.map((counted, slot) => {
    const track = peer.addTrack(describe(slot, codecs));
    // Without a callback for its end the binding never lets a track go.
    track.onClosed(() => {});
    if (counts) {
      track.onMessage((packet) => count(counted, packet));
    } else {
      track.setMediaHandler(new ndc.RtcpReceivingSession());
    }
    return track;
  });
  const connected = new Promise<void>((resolve, reject) =>
    peer.onStateChange((state) => {
      if (state === 'connected') {
        resolve();
      } else if (state === 'failed') {
        reject(new Error('the connection failed'));
      }
    }),
  );
  // Heard of where it is awaited, which may be later.
  connected.catch(() => {});
  peer.setLocalDescription('offer');
  // The candidates are told after the answer is in, and not in the offer: libdatachannel's offerer would otherwise begin
  // DTLS while it does not know the answer's fingerprint yet, and now and then refuse the device.
  const candidates: string[] = [];
  const offer = (peer.localDescription()?.sdp ?? '')
    .replace(/^a=(candidate:.*)\r\n/gm, (_, line) => {
      candidates.push(line);
      return '';
    })
    .replace('a=end-of-candidates\r\n', '');
  const answer = await ask(offer);
  peer.setRemoteDescription(String(answer.sdp ?? answer.value), 'answer');
  for (const line of candidates) {
    client.send({ type: candidate.type, [candidate.sent]: line });
  }
  let isClosed = false;
  const hear = async () => {
    for (;;) {
      const { value } = await client.next(({ type }) => type === candidate.type);
      if (!isClosed) {
        peer.addRemoteCandidate(String(value), '0');
      }
    }
  };
  hear().catch(console.error);
  const viewer: HeadlessPeer = {
    client,
    tracks,
    answer,
    received,
    close: () => {
      isClosed = true;
      held.delete(viewer);
      client.close();
      for (const track of tracks) {
        track.close();
      }
      peer.close();
    },
  };
  held.add(viewer);
  await connected;
  return viewer;
}

function describe(slot: number, codecs: readonly string[]): ndc.Video {
  const video = new ndc.Video(String(slot), 'RecvOnly');
  if (codecs.includes('H264')) {
    video.addH264Codec(h264, 'profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1');
  }
  if (codecs.includes('H265')) {
    video.addH265Codec(h265);
    video.parseSdpLine(`a=fmtp:${h265} level-id=180;profile-id=1;tier-flag=0;tx-mode=SRST`);
  }
  return video;
}

/** From the RTP headers (RFC 3550 section 5.1), and the first NAL unit of each packet. RTCP has types above 191. */
function count(counts: Received, packet: Buffer): void {
  const type = packet.readUInt8(1);
  if (type >= 192 && type <= 223) {
    return;
  }
  const sequence = packet.readUInt16BE(2);
  const ahead = (sequence - counts.newest + 2 ** 16) % 2 ** 16;
  counts.gaps += counts.newest !== -1 && ahead > 1 && ahead < 2 ** 15 ? ahead - 1 : 0;
  counts.newest = sequence;
  counts.packets++;
  counts.bytes += packet.length;
  counts.pictures += type >> 7;
  counts.codec = (type & 0x7f) === h265 ? 'H265' : 'H264';
  counts.keyframes += isParameterSet(packet, counts.codec) ? 1 : 0;
}

/** Whether a PPS begins the packet, or is one of several units in it: one stands before each key frame. */
function isParameterSet(packet: Buffer, codec: 'H264' | 'H265'): boolean {
  const extension = (packet.readUInt8(0) & 0x10) === 0 ? 0 : 4 + 4 * packet.readUInt16BE(14);
  const payload = packet.subarray(12 + extension);
  const [headerSize, aggregate, pps] = codec === 'H264' ? [1, 24, 8] : [2, 48, 34];
  const typeAt = (at: number) =>
    codec === 'H264' ? payload.readUInt8(at) & 0x1f : (payload.readUInt8(at) >> 1) & 0x3f;
  if (typeAt(0) !== aggregate) {
    return typeAt(0) === pps;
  }
  for (let at = headerSize; at + 2 < payload.length; at += 2 + payload.readUInt16BE(at)) {
    if (typeAt(at + 2) === pps) {
      return true;
    }
  }
  return false;
}
