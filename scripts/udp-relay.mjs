import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/**
 * A UDP path to `port` that can be cut, lose only the media that comes back, or a single packet of it: what the tests of a
 * lost path, of a picture that stands still and of a lost parameter set stand on. Every sender has a socket of its own
 * towards the target, so that the answers find their way back.
 * @param {{host: string, port: number}} target
 */
export async function startRelay(target) {
  const front = createSocket('udp4');
  /** @type {Map<string, import('node:dgram').Socket>} */
  const ways = new Map();
  let cut = false;
  let mute = false;
  /** The timestamp of the picture that is on its way. */
  let begun = null;
  let losing = false;

  /**
   * A parameter set, where one track is on the path: small, and the first packet of its picture. An access unit delimiter
   * is smaller, a picture larger.
   */
  const isToLose = (packet) => {
    if (!isMedia(packet) || isRtcp(packet)) {
      return false;
    }
    const timestamp = packet.readUInt32BE(4);
    const found = losing && timestamp !== begun && packet.length > 45 && packet.length < 80;
    losing &&= !found;
    begun = timestamp;
    return found;
  };

  front.on('message', (packet, sender) => {
    const name = `${sender.address}:${sender.port}`;
    let way = ways.get(name);
    if (way === undefined) {
      way = createSocket('udp4');
      way.on('message', (answer) => {
        if (!cut && !(mute && isMedia(answer)) && !isToLose(answer)) {
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
    loseParameterSet() {
      losing = true;
    },
    async stop() {
      for (const socket of [front, ...ways.values()]) {
        socket.close();
      }
      ways.clear();
    },
  };
}

/** Among media (RFC 5761 section 4). */
function isRtcp(packet) {
  return packet[1] >= 192 && packet[1] <= 223;
}

/** RTP and RTCP, by the first byte (RFC 7983 section 7); STUN and DTLS are others. */
function isMedia(packet) {
  return packet[0] >= 128 && packet[0] <= 191;
}
