import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/**
 * A UDP path to `port` that can be cut, or lose only the media that comes back: what the tests of a lost path and of a
 * picture that stands still stand on. Every sender has a socket of its own towards the target, so that the answers find
 * their way back.
 * @param {{host: string, port: number}} target
 */
export async function startRelay(target) {
  const front = createSocket('udp4');
  /** @type {Map<string, import('node:dgram').Socket>} */
  const ways = new Map();
  let cut = false;
  let mute = false;

  front.on('message', (packet, sender) => {
    const name = `${sender.address}:${sender.port}`;
    let way = ways.get(name);
    if (way === undefined) {
      way = createSocket('udp4');
      way.on('message', (answer) => {
        if (!cut && !(mute && isMedia(answer))) {
          front.send(answer, sender.port, sender.address);
        }
      });
      // A target that is gone answers with ICMP: then the path is as good as cut.
      way.on('error', () => {});
      ways.set(name, way);
    }
    if (!cut) {
      way.send(packet, target.port, target.host);
    }
  });
  front.on('error', () => {});
  front.bind(0, '127.0.0.1');
  await once(front, 'listening');

  return {
    port: front.address().port,
    cut() {
      cut = true;
    },
    mute() {
      mute = true;
    },
    async stop() {
      for (const socket of [front, ...ways.values()]) {
        socket.close();
      }
      ways.clear();
    },
  };
}

/** RTP and RTCP, by the first byte (RFC 7983 section 7); STUN and DTLS are others. */
function isMedia(packet) {
  return packet[0] >= 128 && packet[0] <= 191;
}
