/**
 * A wall without a screen, as a process: real WebRTC, which counts what comes on each slot and shows nothing. It says
 * each message and, ten times a second, the RTP packets by slot; on its standard input it takes messages to send.
 * A process of its own, since the library's threads do not let one end.
 */

import { createInterface } from 'node:readline';
import ndc from 'node-datachannel';
import { ApiClient } from './api-client.ts';

const [url = '', query = '', ...streams] = process.argv.slice(2);
// Held on to: a track that is collected falls silent.
const tracks: ndc.Track[] = [];
const packets = streams.map(() => 0);
const say = (what: object) => process.stdout.write(`${JSON.stringify(what)}\n`);

const client = await ApiClient.open(url, { query });
const peer = new ndc.PeerConnection('viewer', { iceServers: [] });
await client.ask({ type: 'multistream/init', slots: streams.map((stream, slot) => ({ slot, stream })) });
for (const slot of streams.keys()) {
  const video = new ndc.Video(String(slot), 'RecvOnly');
  video.addH264Codec(96, 'profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1');
  const track = peer.addTrack(video);
  track.onMessage(() => {
    packets[slot] = (packets[slot] ?? 0) + 1;
  });
  tracks.push(track);
}
peer.setLocalDescription('offer');
const answer = await client.ask({ type: 'multistream/offer', sdp: peer.localDescription()?.sdp ?? '' });
peer.setRemoteDescription(String(answer.sdp), 'answer');
setInterval(() => say({ packets }), 100);
createInterface(process.stdin).on('line', (line) => client.send(line));
for (;;) {
  const message = await client.next(() => true);
  if (message.type === 'multistream/ice') {
    peer.addRemoteCandidate(String(message.value), '0');
  } else {
    say({ message });
  }
}
