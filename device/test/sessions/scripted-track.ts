import type { PeerTrack } from '../../src/sessions/peer.ts';

/** A track that keeps what is sent: the last byte of each unit, which numbers it, and its RTP timestamp. */
export class ScriptedTrack implements PeerTrack {
  readonly mid = '3';
  isOpen = true;
  sent: number[] = [];
  stamps: number[] = [];
  send(data: Buffer, timestamp: number): void {
    this.stamps.push(timestamp);
    this.sent.push(data.at(-1) as number);
  }
}
