import { expect, waitUntil } from '@open-wc/testing';
import { Peer } from '../../src/client/peer.ts';
import type { SlotStatus } from '../../src/protocol/messages.ts';

const silent = { onCandidate() {}, onConnected() {}, onLost() {} };
const grace = 5000;

describe('Peer', () => {
  let peer: Peer;
  let device: RTCPeerConnection;

  beforeEach(() => {
    device = new RTCPeerConnection();
  });

  afterEach(() => {
    peer.close();
    device.close();
  });

  /** Answers the offer, sending on the m-lines of these indexes and refusing the others. */
  async function answer(sending: readonly number[], refuse: 'inactive' | 'rejected' = 'rejected'): Promise<string> {
    await device.setRemoteDescription({ type: 'offer', sdp: await peer.silence(await peer.offer()) });
    for (const [i, line] of device.getTransceivers().entries()) {
      line.direction = sending.includes(i) ? 'sendonly' : 'inactive';
    }
    await device.setLocalDescription();
    const sdp = device.localDescription?.sdp ?? '';
    return refuse === 'rejected' ? withoutInactive(sdp) : sdp;
  }

  function midOf(line: number): string {
    return device.getTransceivers()[line]?.mid ?? '';
  }

  function idsOf(tracks: Map<number, MediaStreamTrack>): [number, string][] {
    return [...tracks].map(([slot, { id }]) => [slot, id]);
  }

  it('offers one video line per slot, H264 among its codecs', async () => {
    peer = new Peer([5, 0, 3], {}, grace, silent);
    const sdp = await peer.offer();
    expect(sdp.match(/^m=video /gm)).to.have.length(3);
    expect(sdp.match(/^a=recvonly/gm)).to.have.length(3);
    expect(sdp.match(/^a=rtpmap:\d+ H264\/90000/gm)?.length).to.be.at.least(3);
  });

  it('links slots to tracks by the mid, however the answer is ordered', async () => {
    peer = new Peer([5, 0, 3], {}, grace, silent);
    const sdp = await answer([0, 1, 2]);
    const mid = (slot: number, line: number): SlotStatus => ({ slot, stream: 'x', status: 'active', mid: midOf(line) });
    const inOrder = await peer.accept(sdp, [mid(3, 2), mid(5, 0), mid(0, 1)]);
    expect([...inOrder.keys()]).to.deep.equal([3, 5, 0]);
    expect(new Set(idsOf(inOrder).map(([, id]) => id)).size).to.equal(3);
  });

  for (const refuse of ['inactive', 'rejected'] as const) {
    it(`without mids, gives the answered lines to the listed slots in the order of init (others ${refuse})`, async () => {
      peer = new Peer([5, 0, 3], {}, grace, silent);
      const sdp = await answer([0, 1], refuse);
      const tracks = await peer.accept(sdp, [
        { slot: 3, stream: 'c', status: 'active' },
        { slot: 5, stream: 'a', status: 'active' },
      ]);
      expect([...tracks.keys()]).to.deep.equal([5, 3]);
    });
  }

  it('without mids, gives no line to a slot that is listed as failed', async () => {
    peer = new Peer([0, 1, 2], {}, grace, silent);
    const sdp = await answer([0, 2]);
    const tracks = await peer.accept(sdp, [
      { slot: 0, stream: 'a', status: 'error', error: 'stream not found' },
      { slot: 1, stream: 'b', status: 'active' },
      { slot: 2, stream: 'c', status: 'active' },
    ]);
    expect([...tracks.keys()]).to.deep.equal([1, 2]);
  });

  it('connects when the device refuses the first line and sends its candidates early', async () => {
    const candidates: string[] = [];
    const connected = new Promise<void>((onConnected) => {
      peer = new Peer([0, 1], {}, grace, { ...silent, onCandidate: (text) => candidates.push(text), onConnected });
    });
    device.onicecandidate = ({ candidate }) => candidate?.candidate && peer.addCandidate(candidate.candidate);
    const sdp = await answer([1]);
    const tracks = await peer.accept(sdp, [{ slot: 1, stream: 'b', status: 'active' }]);
    expect([...tracks.keys()]).to.deep.equal([1]);
    await new Promise((resolve) => setTimeout(resolve));
    expect(candidates).to.deep.equal([]);
    peer.sendCandidates();
    await waitUntil(() => candidates.length > 0);
    await Promise.all(candidates.map((candidate) => device.addIceCandidate({ candidate, sdpMLineIndex: 0 })));
    await connected;
  });
});

/** Chromium answers an unused line as inactive; other stacks reject it: port 0, and out of the bundle. */
function withoutInactive(sdp: string): string {
  const [head = '', ...lines] = sdp.split(/^(?=m=)/m);
  const mids = lines.filter((line) => line.includes('a=sendonly')).map((line) => /^a=mid:(\S+)/m.exec(line)?.[1]);
  const session = head.replace(/^a=group:BUNDLE .*$/m, `a=group:BUNDLE ${mids.join(' ')}`);
  return (
    session +
    lines.map((line) => (line.includes('a=sendonly') ? line : line.replace(/^m=video \d+/, 'm=video 0'))).join('')
  );
}
