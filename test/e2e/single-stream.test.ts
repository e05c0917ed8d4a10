import { expect } from '@open-wc/testing';
import { frameNumber, isColor } from '../support/picture.ts';
import { type Installation, install, red, until } from './wall.ts';

/** Messages that come back on the socket, in go2rtc's words. */
interface Reply {
  type: string;
  value: string;
}

describe('a single stream', () => {
  let installation: Installation;
  const closing: (() => void)[] = [];

  before(async () => {
    installation = await install();
  });

  afterEach(() => {
    for (const close of closing.splice(0)) {
      close();
    }
  });

  after(() => installation.stop());

  async function open(
    query: string,
  ): Promise<{ ask(type: string, value: string): void; replies: Reply[]; socket: WebSocket }> {
    const socket = new WebSocket(`${installation.device.url.replace('http', 'ws')}/api/ws${query}`);
    const replies: Reply[] = [];
    socket.addEventListener('message', ({ data }) => replies.push(JSON.parse(data)));
    closing.push(() => socket.close());
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    return { ask: (type, value) => socket.send(JSON.stringify({ type, value })), replies, socket };
  }

  async function firstReply(query: string, offer: string): Promise<Reply | undefined> {
    const { ask, replies } = await open(query);
    ask('webrtc/offer', offer);
    await until(() => replies.length > 0);
    return replies[0];
  }

  it('plays for a client of go2rtc, whose offer asks for sound too, and which then closes its socket', async () => {
    const { ask, replies, socket } = await open('?src=red');
    const peer = new RTCPeerConnection();
    const video = document.createElement('video');
    closing.push(() => {
      peer.close();
      video.srcObject = null;
    });
    video.muted = true;
    peer.addTransceiver('audio', { direction: 'recvonly' });
    peer.addTransceiver('video', { direction: 'recvonly' });
    peer.ontrack = ({ track }) => {
      if (track.kind === 'video') {
        video.srcObject = new MediaStream([track]);
        video.play();
      }
    };
    peer.onicecandidate = ({ candidate }) => ask('webrtc/candidate', candidate?.candidate ?? '');
    await peer.setLocalDescription();
    ask('webrtc/offer', peer.localDescription?.sdp ?? '');
    await until(() => replies.length > 0);
    const [answer] = replies;
    expect(answer?.type).to.equal('webrtc/answer');
    await peer.setRemoteDescription({ type: 'answer', sdp: answer?.value ?? '' });
    for (let next = 1; video.videoWidth === 0 || !isColor(video, red); ) {
      await new Promise(requestAnimationFrame);
      for (const { type, value } of replies.slice(next)) {
        expect(type).to.equal('webrtc/candidate');
        await peer.addIceCandidate({ candidate: value, sdpMid: '0' });
        next += 1;
      }
    }
    const shown = frameNumber(video);
    expect(shown).to.be.a('number');
    const closed = new Promise((resolve) => socket.addEventListener('close', resolve));
    socket.close();
    await closed;
    // Two seconds of pictures after it: a cut would show within a jitter buffer's length.
    await until(() => (frameNumber(video) ?? 0) >= (shown ?? 0) + 50);
  });

  it('says that a stream is not found as go2rtc does', async () => {
    const notFound = { type: 'error', value: 'webrtc/offer: stream not found', code: 'stream-not-found' };
    expect(await firstReply('?src=purple', 'v=0')).to.deep.equal(notFound);
    expect(await firstReply('', 'v=0')).to.deep.equal(notFound);
  });

  it('answers what is no offer with the reason', async () => {
    const reply = await firstReply('?src=red', 'v=0');
    expect(reply).to.deep.equal({
      type: 'error',
      value: 'webrtc/offer: the sdp has no video m-line',
      code: 'invalid-offer',
    });
  });
});
