import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { needsDoor, RelayDoor } from '../../src/webrtc/relay-door.ts';
import { check, password } from './checks.ts';

describe('the door for viewers behind TURN by TCP', () => {
  let device: Socket;
  let viewer: Socket;
  let door: RelayDoor;
  let port: number;
  let came: Buffer[];

  beforeEach(async () => {
    came = [];
    [device, port, door] = await open();
    device.on('message', (packet) => came.push(packet));
    viewer = createSocket('udp4').bind(0, '127.0.0.1');
    await once(viewer, 'listening');
  });

  afterEach(() => {
    door.close();
    device.close();
    viewer.close();
  });

  /** A pair of ports of which the second is free too. */
  async function open(): Promise<[Socket, number, RelayDoor]> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    try {
      const target = { host: '127.0.0.1', port: socket.address().port };
      return [socket, target.port, await RelayDoor.open(target)];
    } catch {
      socket.close();
      return open();
    }
  }

  const send = (packet: Buffer) => viewer.send(packet, port + 1, '127.0.0.1');
  /** The packets that the device has by the time that one behind all the others is there. */
  async function received(): Promise<Buffer[]> {
    const leave = door.admit('last', password);
    const last = check({ user: 'last' });
    const from = createSocket('udp4');
    while (came.length === 0 || !came.at(-1)?.includes('last:')) {
      from.send(last, port + 1, '127.0.0.1');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    from.close();
    leave();
    return came.splice(0).filter((packet) => !packet.includes('last:'));
  }

  it('lets in whom the device knows, with checks that it can read, and both may then say what they like', async () => {
    door.admit('ours', password);
    send(check());
    send(Buffer.from('media'));
    assert.deepEqual(await received(), [check({ tieBreaker: 1n }), Buffer.from('media')]);
    device.once('message', (_, { port: way }) => device.send('pictures', way, '127.0.0.1'));
    const answer = once(viewer, 'message');
    send(Buffer.from('more'));
    assert.equal(String((await answer)[0]), 'pictures');
  });

  it('lets no other client in', async () => {
    door.admit('ours', password);
    send(Buffer.from('media'));
    send(check({ tieBreaker: 7n }));
    send(check({ key: 'another' }));
    send(check({ user: 'stranger' }));
    assert.deepEqual(await received(), []);
  });

  it('opens no more than eight ways for one viewer, and closes the oldest for another one', async () => {
    door.admit('ours', password);
    const ways = new Set<number>();
    let arrived = 0;
    device.on('message', (packet, { port: way }) => {
      if (packet.includes('ours:')) {
        arrived++;
        ways.add(way);
      }
    });
    const sockets = Array.from({ length: 20 }, () => createSocket('udp4'));
    for (const socket of sockets) {
      const before = arrived;
      while (arrived === before) {
        socket.send(check(), port + 1, '127.0.0.1');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
    await received();
    // A socket that is open still takes what comes to its port; the system refuses the rest.
    const open = await Promise.all([...ways].map(isTaken));
    assert.equal(open.filter((taken) => taken).length, 8);
    for (const socket of sockets) {
      socket.close();
    }
  });

  /** Whether a socket of this machine has the port. */
  async function isTaken(way: number): Promise<boolean> {
    const socket = createSocket('udp4');
    const taken = await new Promise<boolean>((resolve) => {
      socket.once('error', () => resolve(true));
      socket.bind(way, '0.0.0.0', () => resolve(false));
    });
    socket.close();
    return taken;
  }

  it('shuts when its viewer is gone', async () => {
    const leave = door.admit('ours', password);
    send(check());
    assert.equal((await received()).length, 1);
    leave();
    send(Buffer.from('media'));
    send(check());
    assert.deepEqual(await received(), []);
  });

  it('stands beside each of the addresses that the device has itself, behind them in rank', () => {
    assert.equal(
      door.beside(`candidate:1 1 UDP 2114977791 192.0.2.1 ${port} typ host`),
      `candidate:1door 1 UDP 1 192.0.2.1 ${port + 1} typ host`,
    );
    assert.equal(door.beside(`candidate:2 1 UDP 1 192.0.2.1 ${port} typ srflx raddr 0.0.0.0 rport 0`), null);
    assert.equal(door.beside('candidate:3 1 UDP 1 203.0.113.7 9 typ host'), null);
  });

  it('is there only where a TURN server is reached by TCP or TLS', () => {
    const needs = (...urls: string[]) => needsDoor([{ urls }]);
    assert.ok(needs('stun:a', 'turn:a?transport=tcp'));
    assert.ok(needs('turns:a:443'));
    assert.ok(!needs('stun:a', 'turn:a', 'turn:a:3478?transport=udp'));
  });
});
