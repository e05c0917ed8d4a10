import type { PeerTrack } from '../../src/sessions/peer.ts';

/** A track that keeps what is sent: the last byte of each unit, which numbers it. */
export class ScriptedTrack implements PeerTrack {
  readonly mid = '3';
  isOpen = true;
  sent: number[] = [];
  send(data: Buffer): void {
    this.sent.push(data.at(-1) as number);
  }
}
