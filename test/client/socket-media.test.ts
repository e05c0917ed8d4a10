import { expect } from '@open-wc/testing';
import type { Media, SlotSource } from '../../src/client/media.ts';
import { openSocketMedia } from '../../src/client/socket-media.ts';
import { headerBytes, writePictureHeader } from '../../src/protocol/picture-message.ts';

/** A box of MP4 (ISO/IEC 14496-12 section 4.2). @param size what it says of itself */
function box(type: string, content: readonly number[], size = 8 + content.length): number[] {
  return [...u32(size), ...Array.from(type, (letter) => letter.charCodeAt(0)), ...content];
}

function u32(value: number): number[] {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
}

/** A fragment of this many samples, each of which has no bytes of its own. */
function fragmentOf(samples: number): number[] {
  const traf = [
    ...box('tfhd', [...u32(0x02_0000), ...u32(1)]),
    ...box('tfdt', [...u32(0), ...u32(0)]),
    ...box('trun', [...u32(0), ...u32(samples)]),
  ];
  return [...box('moof', [...box('mfhd', [...u32(0), ...u32(1)]), ...box('traf', traf)]), ...box('mdat', [])];
}

describe('the media of a WebSocket, from a device that means harm', () => {
  let media: Media<SlotSource>;
  let video: HTMLVideoElement;
  let track: SlotSource;
  let starved: number;

  beforeEach(async () => {
    starved = 0;
    media = openSocketMedia([0], {
      onCandidate: () => {},
      onConnected: () => {},
      onLost: () => {},
      onStarved: () => {
        starved += 1;
      },
    });
    const tracks = await media.accept('', [{ slot: 0, stream: 'a', status: 'active' }]);
    track = tracks.get(0) as SlotSource;
    video = document.createElement('video');
    video.muted = true;
    document.body.append(video);
    track.attach?.(video);
  });

  afterEach(() => {
    media.close();
    video.remove();
  });

  function send(kind: Parameters<typeof writePictureHeader>[0]['kind'], content: ArrayLike<number>, slot = 0): void {
    const message = new Uint8Array(headerBytes + content.length);
    message.set(writePictureHeader({ kind, keyframe: true, slot, timestamp: 7 }));
    message.set(content, headerBytes);
    media.receive?.(message.buffer);
  }

  it('costs a page no more than it brings, however many pieces without a picture there are', async () => {
    const began = performance.now();
    const message = new Uint8Array(headerBytes);
    message.set(writePictureHeader({ kind: 'picture', keyframe: false, slot: 0, timestamp: 7 }));
    send('picture', []);
    for (let sent = 0; sent < 300_000; sent += 1) {
      media.receive?.(message.buffer);
    }
    const [stats] = [...((await media.getStats(track)) as ReadonlyMap<string, Record<string, number>>).values()];
    expect(stats?.packetsReceived).to.equal(300_001);
    expect(stats?.framesPerSecond).to.be.at.most(240);
    // What is kept for a video that takes none of it is 16 MB, the pieces themselves included.
    expect(starved).to.be.at.most(1);
    expect(performance.now() - began).to.be.lessThan(8000);
  });

  it('reaches no slot, kind or size that was not asked for', () => {
    for (const kind of ['init', 'picture', 'sound-init', 'sound'] as const) {
      for (const slot of [1, 65_535]) {
        send(kind, [1, 2, 3], slot);
      }
    }
    send('sound-init', new Uint8Array(10_000_000));
    send('sound', new Uint8Array(10_000_000));
    for (const bytes of [0, 1, 7, 8]) {
      media.receive?.(new Uint8Array(bytes).fill(255).buffer);
    }
    expect(media.state).to.equal('connected');
  });

  for (const [name, pieces] of Object.entries({
    'no boxes': [[1, 2, 3, 4, 5, 6, 7, 8]],
    'boxes without an end': [box('moov', [], 0xffff_ffff), box('moof', [], 0)],
    'boxes within boxes': [Array.from({ length: 2000 }, (_, at) => box('moov', [], 8 * (2000 - at))).flat()],
    'a billion samples': [fragmentOf(1_000_000_000), fragmentOf(0xffff_ffff)],
  })) {
    it(`lives through ${name}`, async () => {
      for (const piece of pieces) {
        send('init', piece);
        send('picture', piece);
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(video.isConnected && media.state).to.equal('connected');
    });
  }
});
