/**
 * A wall without a screen, as a process: real WebRTC, which counts what comes on each slot and shows nothing. It says
 * each message and, ten times a second, what has come by slot; on its standard input it takes messages to send.
 * A process of its own, since the library's threads do not let one end.
 */

import { createInterface } from 'node:readline';
import ndc from 'node-datachannel';
import { ApiClient } from './api-client.ts';
import type { Received } from './headless-viewer.ts';

const [url = '', query = '', codecs = '', ...streams] = process.argv.slice(2);
// Held on to: a track that is collected falls silent.
const tracks: ndc.Track[] = [];
const h264 = 96;
const h265 = 98;
const received = streams.map(
  (): Received => ({ packets: 0, gaps: 0, codec: null, pictures: 0, keyframes: 0, newest: -1 }),
);
const say = (what: object) => process.stdout.write(`${JSON.stringify(what)}\n`);

const client = await ApiClient.open(url, { query });
const peer = new ndc.PeerConnection('viewer', { iceServers: [] });
await client.ask({ type: 'multistream/init', slots: streams.map((stream, slot) => ({ slot, stream })) });
for (const slot of streams.keys()) {
  const video = new ndc.Video(String(slot), 'RecvOnly');
  if (codecs.includes('H264')) {
    video.addH264Codec(h264, 'profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1');
  }
  if (codecs.includes('H265')) {
    video.addH265Codec(h265);
    video.parseSdpLine(`a=fmtp:${h265} level-id=180;profile-id=1;tier-flag=0;tx-mode=SRST`);
  }
  const track = peer.addTrack(video);
  const counts = received[slot] as Received;
  track.onMessage((packet) => count(counts, packet));
  tracks.push(track);
}
peer.setLocalDescription('offer');
// The candidates are told after the answer is in, and not in the offer: libdatachannel's offerer would otherwise begin
// DTLS while it does not know the answer's fingerprint yet, and now and then refuse the device.
const candidates: string[] = [];
const offer = (peer.localDescription()?.sdp ?? '')
  .replace(/^a=(candidate:.*)\r\n/gm, (_, candidate) => {
    candidates.push(candidate);
    return '';
  })
  .replace('a=end-of-candidates\r\n', '');
const answer = await client.ask({ type: 'multistream/offer', sdp: offer });
peer.setRemoteDescription(String(answer.sdp), 'answer');
for (const candidate of candidates) {
  client.send({ type: 'multistream/ice', candidate });
}
say({ message: answer });
setInterval(() => say({ received }), 100);
createInterface(process.stdin).on('line', (line) => client.send(line));
for (;;) {
  const message = await client.next(() => true);
  if (message.type === 'multistream/ice') {
    peer.addRemoteCandidate(String(message.value), '0');
  } else {
    say({ message });
  }
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
  counts.pictures += type >> 7;
  counts.codec = (type & 0x7f) === h265 ? 'H265' : 'H264';
  counts.keyframes += isParameterSet(packet, counts.codec) ? 1 : 0;
}

/** A PPS: one stands before each key frame. */
function isParameterSet(packet: Buffer, codec: string): boolean {
  const extension = (packet.readUInt8(0) & 0x10) === 0 ? 0 : 4 + 4 * packet.readUInt16BE(14);
  const header = packet.readUInt8(12 + extension);
  return codec === 'H264' ? (header & 0x1f) === 8 : ((header >> 1) & 0x3f) === 34;
}
