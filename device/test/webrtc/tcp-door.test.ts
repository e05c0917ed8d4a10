import assert from 'node:assert/strict';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { isSigned, writeCheck } from '../../src/webrtc/stun.ts';
import { type Admission, TcpDoor } from '../../src/webrtc/tcp-door.ts';
import { FrameReader, writeFrame } from '../../src/webrtc/tcp-frames.ts';
import { until } from '../support/until.ts';
import { answer, check, mappedAddress, password } from './checks.ts';

const ours = { user: 'ours', password };
const theirs = { user: 'theirs', password: 'another one of twenty-two' };
const rtp = Buffer.from([0x80, 96, 0, 1, 2, 3]);

describe('the door for viewers without UDP', () => {
  let device: UdpSocket;
  let door: TcpDoor;
  let admission: Admission;
  let port: number;
  /** The packets that the device got, and the way of each. */
  let came: { packet: Buffer; way: number }[];
  let sockets: Socket[];

  beforeEach(async () => {
    came = [];
    sockets = [];
    [device, door, port] = await open();
    admission = door.admit({ ours, theirs });
    device.on('message', (packet, { port: way }) => came.push({ packet, way }));
  });

  afterEach(() => {
    door.close();
    device.close();
    for (const socket of sockets) {
      socket.destroy();
    }
  });

  /** One number that is free for UDP and for TCP. */
  async function open(): Promise<[UdpSocket, TcpDoor, number]> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const at = { host: '127.0.0.1', port: socket.address().port };
    try {
      return [socket, await TcpDoor.open(at, at), at.port];
    } catch {
      socket.close();
      return open();
    }
  }

  async function dial(): Promise<Socket> {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  }

  /** Collects what the door sends. */
  function listen(socket: Socket): Buffer[] {
    const packets: Buffer[] = [];
    const reader = new FrameReader();
    socket.on('data', (chunk: Buffer) => packets.push(...reader.read(chunk)));
    return packets;
  }

  const signed = check({ tieBreaker: 7n });
  const fate = (socket: Socket) => {
    socket.resume();
    return socket.closed ? Promise.resolve() : once(socket, 'close');
  };

  it('passes on both ways what belongs to a viewer that the device knows', async () => {
    const socket = await dial();
    const packets = listen(socket);
    socket.write(writeFrame(signed));
    socket.write(writeFrame(Buffer.from('to the device')));
    await until(() => came.length === 2);
    assert.deepEqual(
      came.map(({ packet }) => packet),
      [signed, Buffer.from('to the device')],
    );
    device.send('to the viewer', came[0]?.way, '127.0.0.1');
    await until(() => packets.length === 1);
    assert.equal(String(packets[0]), 'to the viewer');
  });

  it('tells the viewer the address that it connects from, and signs that', async () => {
    const socket = await dial();
    const packets = listen(socket);
    socket.write(writeFrame(signed));
    await until(() => came.length === 1);
    device.send(answer({ address: '127.0.0.1', port: came[0]?.way as number }), came[0]?.way, '127.0.0.1');
    await until(() => packets.length === 1);
    assert.deepEqual(packets[0], answer({ address: '127.0.0.1', port: socket.localPort as number }));
    assert.notEqual(socket.localPort, came[0]?.way);
    assert.deepEqual(mappedAddress(packets[0] as Buffer), [127, 0, 0, 1]);
  });

  it('takes packets of the device alone', async () => {
    const socket = await dial();
    const packets = listen(socket);
    socket.write(writeFrame(signed));
    await until(() => came.length === 1);
    const stranger = createSocket('udp4');
    await new Promise((resolve) => stranger.send('from a stranger', came[0]?.way as number, '127.0.0.1', resolve));
    device.send('from the device', came[0]?.way, '127.0.0.1');
    await until(() => packets.length > 0);
    stranger.close();
    assert.deepEqual(packets.map(String), ['from the device']);
  });

  for (const [what, first] of [
    ['no check', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a frame of no check', writeFrame(Buffer.from('media'))],
    ['a check for a viewer that is not here', writeFrame(check({ tieBreaker: 7n, user: 'stranger' }))],
    ['a check that another client signed', writeFrame(check({ tieBreaker: 7n, key: 'another' }))],
    ['a length of 65,535 bytes', Buffer.from([0xff, 0xff])],
    ['an answer', writeFrame(answer({ address: '127.0.0.1', port: 1 }))],
  ] as const) {
    it(`closes a connection that begins with ${what}`, async () => {
      const socket = await dial();
      socket.write(first);
      await fate(socket);
      assert.deepEqual(came, []);
    });
  }

  it('closes a connection without a whole first frame after two seconds, and one that comes in drops', async () => {
    const [silent, slow] = [await dial(), await dial()];
    const frame = writeFrame(signed);
    let at = 0;
    const drops = setInterval(() => slow.write(frame.subarray(at, ++at)), 100);
    await Promise.all([fate(silent), fate(slow)]);
    clearInterval(drops);
    assert.deepEqual(came, []);
  });

  it('closes a viewer that sends a frame of a huge length later', async () => {
    const socket = await dial();
    socket.write(writeFrame(signed));
    await until(() => came.length === 1);
    socket.write(Buffer.from([0xff, 0xff]));
    await fate(socket);
    await until(() => !admission.isUsed);
  });

  it('closes the connections of a viewer that floods, and takes no more of it on another one', async () => {
    const flood = Buffer.alloc(60_000, writeFrame(Buffer.from('x')));
    const first = await dial();
    first.write(writeFrame(signed));
    first.write(flood);
    await fate(first);
    const passedOn = came.length;
    assert.ok(passedOn < 2500, `${passedOn} of 20,000 packets`);
    const again = await dial();
    again.write(Buffer.concat([writeFrame(signed), flood]));
    await fate(again);
    assert.ok(came.length < passedOn + 1000, `${came.length - passedOn} packets more`);
    door.admit({ ours: { ...ours, user: 'other' }, theirs });
    const other = await dial();
    other.write(writeFrame(check({ tieBreaker: 7n, user: 'other' })));
    other.write(writeFrame(Buffer.from('of another viewer')));
    await until(() => came.some(({ packet }) => String(packet) === 'of another viewer'));
  });

  it('keeps sixteen connections of an address that say nothing, and lets a viewer in beside them', async () => {
    const silent: Socket[] = [];
    for (let count = 0; count < 40; count++) {
      silent.push(await dial());
    }
    const viewer = await dial();
    viewer.write(writeFrame(signed));
    await until(() => came.length === 1);
    await until(() => silent.filter(({ closed }) => !closed).length <= 16);
    assert.ok(silent.slice(-15).every(({ closed }) => !closed));
  });

  it('keeps sixteen connections of a viewer, and closes the one that was silent longest for another', async () => {
    const all: Socket[] = [];
    for (let count = 0; count < 18; count++) {
      const socket = await dial();
      socket.write(writeFrame(signed));
      await until(() => came.length === count + 1);
      all.push(socket);
    }
    await Promise.all([fate(all[0] as Socket), fate(all[1] as Socket)]);
    assert.equal(all.filter(({ closed }) => !closed).length, 16);
  });

  it('closes the connections of a viewer that leaves', async () => {
    const socket = await dial();
    socket.write(writeFrame(signed));
    await until(() => came.length === 1);
    admission.leave();
    await fate(socket);
    const again = await dial();
    again.write(writeFrame(signed));
    await fate(again);
    assert.equal(came.length, 1);
  });

  it('tells a viewer that falls behind from one that does not, by checks that the viewer answers', async () => {
    const socket = await dial();
    const packets = listen(socket);
    socket.write(writeFrame(signed));
    await until(() => came.length === 1);
    const way = came[0]?.way as number;
    const probes = () => packets.filter((packet) => isSigned(packet, theirs.password));
    const reply = (probe: Buffer) =>
      socket.write(writeFrame(answer({ address: '127.0.0.1', port: 1 }, probe.subarray(8, 20), theirs.password)));

    device.send(rtp, way, '127.0.0.1');
    await until(() => probes().length === 1);
    assert.deepEqual(packets[0], rtp, 'the check goes behind the media that it measures');
    reply(probes()[0] as Buffer);
    device.send(rtp, way, '127.0.0.1');
    assert.deepEqual(admission.congested(), []);

    // From here on the viewer answers nothing.
    await until(() => {
      device.send(rtp, way, '127.0.0.1');
      return admission.congested().length > 0;
    });
    assert.deepEqual(admission.congested(), [way]);
    const unanswered = probes().slice(1);
    assert.ok(unanswered.length > 1);
    reply(unanswered[0] as Buffer);
    assert.deepEqual(admission.congested(), [way], 'until everything has arrived');
    const answered = new Set(probes().slice(0, 2));
    await until(() => {
      for (const probe of probes().filter((probe) => !answered.has(probe))) {
        answered.add(probe);
        reply(probe);
      }
      return admission.congested().length === 0;
    });
    assert.ok(!came.some(({ packet }) => packet.readUInt16BE(0) === 0x0101), 'the answers are the door’s own');
  });

  it('never holds more than some megabytes for a viewer that reads nothing', async () => {
    const socket = await dial();
    socket.write(writeFrame(signed));
    await until(() => came.length === 1);
    socket.pause();
    const large = Buffer.alloc(1200, 0x80);
    const before = process.memoryUsage().arrayBuffers;
    for (let turn = 0; turn < 400; turn++) {
      for (let count = 0; count < 40; count++) {
        device.send(large, came[0]?.way, '127.0.0.1');
      }
      await new Promise(setImmediate);
    }
    // 19 MB were sent; the kernel's buffers for the connection hold up to 10 MB of them.
    await until(() => admission.congested().length === 1);
    assert.ok(process.memoryUsage().arrayBuffers - before < 12e6, String(process.memoryUsage().arrayBuffers - before));
  });

  it('writes its own checks as a browser reads them', () => {
    const written = writeCheck(Buffer.alloc(12, 5), ours, theirs);
    assert.ok(isSigned(written, theirs.password));
    assert.ok(written.includes('theirs:ours'));
  });
});
