/** Two ends of a real WebRTC connection in one process. */

import ndc from 'node-datachannel';
import { pino } from 'pino';
import type { Track } from '../../src/sessions/outlet.ts';
import { Peer } from '../../src/webrtc/peer.ts';
import { until } from '../support/until.ts';

/** The device's end of a connection, and a viewer's that receives on several m-lines. */
export class Pair {
  readonly device: Peer;
  readonly viewer = new ndc.PeerConnection('viewer', { iceServers: [], disableAutoNegotiation: true });
  readonly received: Buffer[][];
  readonly #lines: ndc.Track[];
  readonly keyframesWanted: number[] = [];
  /** The device's end, as its peer tells it. */
  readonly states: string[] = [];
  tracks: Track[] = [];
  sdp = '';

  constructor(lines: number) {
    this.viewer.onStateChange(() => {});
    this.device = peer(
      (candidate) => this.viewer.addRemoteCandidate(candidate, '0'),
      (state) => this.states.push(state),
    );
    this.received = Array.from({ length: lines }, () => []);
    this.#lines = this.received.map((packets, line) => {
      const video = new ndc.Video(String(line), 'RecvOnly');
      video.addH264Codec(96, 'profile-level-id=42e01f;packetization-mode=1');
      const track = this.viewer.addTrack(video);
      track.onMessage((packet) => packets.push(packet));
      // The binding lets go of what has this callback alone.
      track.onClosed(() => {});
      return track;
    });
  }

  /** Resolves when every track is open at both ends. @param fingerprint of the viewer, if not its own */
  async connect(fingerprint?: string): Promise<void> {
    this.viewer.setLocalDescription('offer');
    const offer = (this.viewer.localDescription()?.sdp ?? '')
      .replace(/^a=(?:candidate.*|end-of-candidates)\r\n/gm, '')
      .replace(/(?<=^a=fingerprint:).*(?=\r)/m, (own) => fingerprint ?? own);
    let open = 0;
    await new Promise<void>((resolve) => {
      const slots = this.received.map((_, slot) => ({
        open: () => ++open === this.received.length && resolve(),
        wantsKeyframe: () => this.keyframesWanted.push(slot),
      }));
      const { sdp, tracks } = this.device.answer(offer, slots as never);
      this.sdp = sdp;
      this.tracks = tracks.filter((track) => typeof track !== 'string');
      this.viewer.setRemoteDescription(sdp, 'answer');
      this.viewer.onLocalCandidate((candidate) => this.device.addCandidate(candidate.replace(/^a=/, '')));
      for (const [, candidate] of (this.viewer.localDescription()?.sdp ?? '').matchAll(/^a=(candidate:.*)\r$/gm)) {
        this.device.addCandidate(candidate as string);
      }
    });
    await until(() => this.#lines.every((line) => line.isOpen()));
  }

  ssrc(line: number): number {
    return Number(/^a=ssrc:(\d+)/m.exec(this.sdp.split(/^m=/m)[line + 1] ?? '')?.[1]);
  }

  say(packet: Buffer): void {
    this.#lines[0]?.sendMessageBinary(packet);
  }

  close(): void {
    this.device.close();
    for (const line of this.#lines) {
      line.close();
    }
    this.viewer.close();
  }
}

function peer(candidate: (candidate: string) => void, state: (state: string) => void): Peer {
  return new Peer(
    {
      ...{ iceServers: [], candidates: [], host: '127.0.0.1', port: 0, clientAddress: '127.0.0.1' },
      log: pino({ level: 'silent' }),
    },
    { candidate, state, report: () => {}, estimate: () => {} },
  );
}

/** A picture of one slice, in which every byte is this one. */
export function picture(bytes: number, filling: number, timestamp: number) {
  return {
    keyframe: true,
    data: Buffer.concat([Buffer.from([0, 0, 0, 1, 0x65]), Buffer.alloc(bytes, filling)]),
    timestamp,
  };
}
