import { expect } from '@open-wc/testing';
import { type Installation, install } from './wall.ts';

type Message = Record<string, unknown> & { type: string };

/** A client as it was first published, or as it came later: it knows one framing and reads no other. */
const framings = {
  flat: {
    write: ({ type, ...fields }: Message) => ({ type, ...fields }),
    read: (message: Message) => message,
  },
  wrapped: {
    write: ({ type, ...fields }: Message) => ({ type, value: fields }),
    read: ({ type, value }: Message) => (typeof value === 'object' ? { type, ...value } : { type, value }),
  },
};

describe('a scripted client', () => {
  let installation: Installation;

  before(async () => {
    installation = await install();
  });

  after(() => installation.stop());

  for (const [name, framing] of Object.entries(framings)) {
    it(`completes a session in the ${name} framing`, async () => {
      const socket = new WebSocket(`${installation.device.url.replace('http', 'ws')}/api/ws`);
      const peer = new RTCPeerConnection();
      const received: Message[] = [];
      let wake = () => {};
      socket.onmessage = ({ data }) => {
        const raw = JSON.parse(data) as Message;
        received.push({ ...framing.read(raw), raw } as Message);
        wake();
      };
      const send = (message: Message) => socket.send(JSON.stringify(framing.write(message)));
      const reply = async (matches: (message: Message) => boolean): Promise<Record<string, unknown>> => {
        for (;;) {
          const found = received.find(matches);
          if (found) {
            return found;
          }
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      };
      try {
        await new Promise((resolve) => {
          socket.onopen = resolve;
        });
        send({ type: 'multistream/init', request_id: 'a', slots: [{ slot: 7, stream: 'red', quality: '180p' }] });
        expect(await reply(({ type }) => type === 'multistream/ready')).to.include({ request_id: 'a', slots: 1 });

        peer.addTransceiver('video', { direction: 'recvonly' });
        const unmuted = new Promise((resolve) => {
          peer.ontrack = ({ track }) => {
            track.onunmute = resolve;
          };
        });
        peer.onicecandidate = ({ candidate }) =>
          candidate && send({ type: 'multistream/ice', candidate: candidate.candidate });
        await peer.setLocalDescription();
        send({ type: 'multistream/offer', request_id: 'b', sdp: peer.localDescription?.sdp });
        const answer = await reply(({ type }) => type === 'multistream/answer');
        expect(answer.request_id).to.equal('b');
        await peer.setRemoteDescription({ type: 'answer', sdp: String(answer.sdp) });
        const candidate = await reply(({ type }) => type === 'multistream/ice');
        await peer.addIceCandidate({ candidate: String(candidate.value), sdpMid: '0' });
        await unmuted;

        const active = (stream: string) => (message: Message) => {
          const status = message.status as Record<string, unknown> | undefined;
          return message.type === 'multistream/status' && status?.stream === stream && status.status === 'active';
        };
        await reply(active('red-180p'));
        send({ type: 'multistream/switch', request_id: 'c', slot: 7, stream: 'blue' });
        expect(await reply(active('blue'))).to.include({ request_id: 'c', slot: 7 });
        send({ type: 'multistream/switch', request_id: 'd', slot: 8, stream: 'blue' });
        // go2rtc's errors look the same in both framings.
        const error = await reply(({ type }) => type === 'error');
        expect((error.raw as Message).value).to.equal('multistream/switch: invalid slot index 8');
        send({ type: 'multistream/close' });
      } finally {
        socket.close();
        peer.close();
      }
    });
  }
});
