/**
 * Viewers without a screen, all in one process: real WebRTC that takes every packet, answers the reports and decodes
 * nothing. Arguments: the device, `wall` or `single`, how many viewers, and the streams of each. Says `open` when all are
 * connected; ends with its standard input.
 */

import ndc from 'node-datachannel';
import { ApiClient } from '../../device/test/support/api-client.ts';

const [url = '', kind = '', count = '', ...streams] = process.argv.slice(2);
/** How many connect at a time: most of it is waiting, but all at once would time each other out. */
const atOnce = 30;
// Held on to: what is collected falls silent.
const held: unknown[] = [];

const openings = Array.from({ length: Number(count) }, () =>
  kind === 'wall' ? [() => openWall()] : streams.map((stream) => () => openSingle(stream)),
).flat();
const next = async () => {
  for (let open = openings.pop(); open !== undefined; open = openings.pop()) {
    await open();
  }
};
await Promise.all(Array.from({ length: atOnce }, next));
console.log('open');
process.stdin.on('end', () => process.exit(0)).resume();

async function openWall(): Promise<void> {
  const client = await ApiClient.open(url);
  await client.ask({ type: 'multistream/init', slots: streams.map((stream, slot) => ({ slot, stream })) });
  const { peer, offer, candidates } = createPeer(streams.length);
  const { sdp } = await client.ask({ type: 'multistream/offer', sdp: offer });
  const connected = connect(peer, client, String(sdp), 'multistream/ice');
  for (const candidate of candidates) {
    client.send({ type: 'multistream/ice', candidate });
  }
  await connected;
}

async function openSingle(stream: string): Promise<void> {
  const client = await ApiClient.open(url, { query: `?src=${stream}` });
  const { peer, offer, candidates } = createPeer(1);
  client.send({ type: 'webrtc/offer', value: offer });
  const { value } = await client.next(({ type }) => type === 'webrtc/answer');
  const connected = connect(peer, client, String(value), 'webrtc/candidate');
  for (const candidate of candidates) {
    client.send({ type: 'webrtc/candidate', value: candidate });
  }
  await connected;
}

/**
 * The candidates are told after the answer is in, and not in the offer: libdatachannel's offerer would otherwise begin
 * DTLS while it does not know the answer's fingerprint yet, and now and then refuse the device.
 */
function createPeer(tracks: number): { peer: ndc.PeerConnection; offer: string; candidates: string[] } {
  const peer = new ndc.PeerConnection('receiver', { iceServers: [] });
  for (let mid = 0; mid < tracks; mid++) {
    const video = new ndc.Video(String(mid), 'RecvOnly');
    video.addH264Codec(96, 'profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1');
    const track = peer.addTrack(video);
    track.setMediaHandler(new ndc.RtcpReceivingSession());
    held.push(track);
  }
  peer.setLocalDescription('offer');
  const candidates: string[] = [];
  const withoutCandidates = (peer.localDescription()?.sdp ?? '').replace(/^a=(candidate:.*)\r\n/gm, (_, candidate) => {
    candidates.push(candidate);
    return '';
  });
  return { peer, offer: withoutCandidates.replace('a=end-of-candidates\r\n', ''), candidates };
}

/** Resolves when the media path is there. */
async function connect(peer: ndc.PeerConnection, client: ApiClient, answer: string, candidate: string): Promise<void> {
  const connected = new Promise<void>((resolve) => {
    peer.onStateChange((state) => state === 'connected' && resolve());
  });
  held.push(peer, client);
  peer.setRemoteDescription(answer, 'answer');
  const hear = async () => {
    for (;;) {
      const { value } = await client.next(({ type }) => type === candidate);
      peer.addRemoteCandidate(String(value), '0');
    }
  };
  hear().catch(console.error);
  await connected;
}
