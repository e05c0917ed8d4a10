import { expect, waitUntil } from '@open-wc/testing';
import { FrameCounter } from '../../src/elements/extras/frame-counter.ts';
import { Picture } from '../../src/elements/picture.ts';

describe('Picture', () => {
  const picture = new Picture();

  beforeEach(() => document.body.append(picture.element));

  afterEach(() => {
    picture.release();
    picture.element.remove();
  });

  function camera(): MediaStreamTrack {
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    const draw = () => {
      if (picture.element.isConnected) {
        context.fillRect(0, 0, 1, 1);
        requestAnimationFrame(draw);
      }
    };
    draw();
    return canvas.captureStream().getVideoTracks()[0] as MediaStreamTrack;
  }

  it('keeps what it shows when the track that was to follow ends before its first frame', async () => {
    picture.show(camera());
    await waitUntil(() => picture.isVisible);
    const [shown] = picture.element.children;
    const connection = new RTCPeerConnection();
    picture.show(connection.addTransceiver('video').receiver.track);
    const next = picture.video as HTMLVideoElement;
    connection.close();
    // The browser ends the picture of a lost track with a black frame.
    await new Promise((resolve) => next.requestVideoFrameCallback(resolve));
    await new Promise(requestAnimationFrame);
    expect(picture.element.lastElementChild).to.equal(shown);
  });

  describe('where the session of what it shows goes on for a while', () => {
    let shown: HTMLVideoElement;
    const front = () => picture.element.lastElementChild;

    beforeEach(async () => {
      picture.show(camera());
      await waitUntil(() => picture.isVisible);
      shown = front() as HTMLVideoElement;
    });

    it('plays it until the first live frame of what follows', async () => {
      let frames = 0;
      let isLive = false;
      picture.show(camera(), () => {
        frames++;
        return isLive;
      });
      const next = picture.video;
      await waitUntil(() => frames > 2);
      expect(front()).to.equal(shown);
      expect(shown.paused).to.equal(false);
      isLive = true;
      await waitUntil(() => front() === next);
    });

    it('goes over to what follows when that session ends, though no frame of it is live yet', async () => {
      picture.show(camera(), () => false);
      const next = picture.video;
      await waitUntil(() => front() === next);
      expect(picture.isLoading).to.equal(false);
    });

    it('holds it when that session ends before what follows has a frame', async () => {
      const connection = new RTCPeerConnection();
      picture.show(connection.addTransceiver('video').receiver.track, () => true);
      expect(shown.paused).to.equal(false);
      await waitUntil(() => shown.paused);
      expect(front()).to.equal(shown);
      connection.close();
    });
  });

  it('counts its frames where the browser counts none of a live stream, as Firefox', async () => {
    const { getVideoPlaybackQuality } = HTMLVideoElement.prototype;
    HTMLVideoElement.prototype.getVideoPlaybackQuality = () => ({ totalVideoFrames: 0 }) as VideoPlaybackQuality;
    try {
      picture.show(camera());
      await waitUntil(() => picture.isVisible);
      const counter = new FrameCounter(picture);
      const before = counter.count() as number;
      await waitUntil(() => (counter.count() as number) > before);
    } finally {
      HTMLVideoElement.prototype.getVideoPlaybackQuality = getVideoPlaybackQuality;
    }
  });
});
