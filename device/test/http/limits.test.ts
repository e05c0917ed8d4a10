import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import { pino } from 'pino';
import type { WebSocket } from 'ws';
import type { DeviceMessage } from '../../../src/protocol/messages.ts';
import { converse, type StartConversation } from '../../src/http/connection.ts';
import { ApiClient } from '../support/api-client.ts';
import { type RunningDevice, startDevice } from '../support/processes.ts';

describe('the limits of a WebSocket', () => {
  let device: RunningDevice;
  let client: ApiClient;

  before(async () => {
    device = await startDevice(`
api: { listen: "127.0.0.1:0" }
webrtc: { listen: ":0" }
multistream: { max_sessions: 3 }
streams: { a: "rtsp://192.0.2.1/never" }
`);
  });

  after(() => device.stop());

  beforeEach(async () => {
    client = await ApiClient.open(device.url);
  });

  const keyframe = { type: 'multistream/keyframe', slot: 0 };

  it('takes a message of 64 KiB, and says what is wrong with it', async () => {
    client.send(JSON.stringify({ type: 'multistream/offer', sdp: '' }).padEnd(64 * 1024));
    assert.equal((await client.next(() => true)).value, 'multistream/offer: session not initialized');
    client.close();
  });

  it('ends with a clear error and 1008 on a longer one', async () => {
    client.send(''.padEnd(64 * 1024 + 1));
    assert.deepEqual(await client.next(() => true), {
      type: 'error',
      value: 'the message is too long: 65536 bytes at most',
      code: 'invalid-message',
    });
    assert.deepEqual(await client.closed, [1008, 'the message is too long: 65536 bytes at most']);
  });

  it('takes longer ones where the configuration allows more slots than their offer has room for', async () => {
    const large = await startDevice(
      'api: { listen: "127.0.0.1:0" }\nwebrtc: { listen: ":0" }\nmultistream: { max_slots: 24 }\n',
    );
    const visitor = await ApiClient.open(large.url);
    visitor.send(JSON.stringify({ type: 'multistream/offer', sdp: '' }).padEnd(24 * 6 * 1024));
    assert.equal((await visitor.next(() => true)).value, 'multistream/offer: session not initialized');
    visitor.send(''.padEnd(24 * 6 * 1024 + 1));
    assert.equal((await visitor.closed)[0], 1008);
    await large.stop();
  });

  it('takes a burst of 100 messages', async () => {
    for (let sent = 0; sent < 99; sent++) {
      client.send(keyframe);
    }
    assert.equal((await client.ask(keyframe)).type, 'error');
    assert.equal(client.messages.length, 99);
    client.close();
  });

  it('ends with a clear error and 1008 on more, and follows none of them', async () => {
    for (let sent = 0; sent < 300; sent++) {
      client.send(keyframe);
    }
    assert.deepEqual(await client.closed, [1008, 'too many messages: 50 a second at most']);
    assert.deepEqual(client.messages.at(-1), {
      type: 'error',
      value: 'too many messages: 50 a second at most',
      code: 'too-many-messages',
    });
    assert.ok(client.messages.length < 150, `${client.messages.length} answers`);
  });

  it('turns away one session too many, and takes it when another is over', async () => {
    const others = [await ApiClient.open(device.url), await ApiClient.open(device.url)];
    const tooMany = await ApiClient.open(device.url);
    const error = await tooMany.next(() => true);
    assert.deepEqual(error, {
      type: 'error',
      value: 'too many sessions: multistream.max_sessions is 3',
      code: 'too-many-sessions',
    });
    assert.equal((await tooMany.closed)[0], 1008);
    assert.equal((await client.ask(keyframe)).value, 'multistream/keyframe: no active session', 'the others go on');
    others[0]?.close();
    await others[0]?.closed;
    const later = await ApiClient.open(device.url);
    assert.equal((await later.ask(keyframe)).type, 'error');
    for (const open of [client, later, ...others]) {
      open.close();
    }
  });
});

describe('a client that holds on to more than its share', () => {
  const start = (multistream: string) =>
    startDevice(`
api: { listen: "127.0.0.1:0" }
webrtc: { listen: ":0" }
multistream: ${multistream}
streams: { a: "rtsp://192.0.2.1/never" }
`);

  it('gets no more sessions than an address may have', async () => {
    const device = await start('{ max_sessions: 5, max_sessions_per_address: 2 }');
    try {
      const open = [await ApiClient.open(device.url), await ApiClient.open(device.url)];
      const tooMany = await ApiClient.open(device.url);
      const reason = 'too many sessions: multistream.max_sessions_per_address is 2';
      assert.deepEqual(await tooMany.closed, [1008, reason]);
      open[0]?.close();
      await open[0]?.closed;
      const later = await ApiClient.open(device.url);
      assert.equal((await later.ask({ type: 'multistream/keyframe', slot: 0 })).type, 'error');
      open[1]?.close();
      later.close();
    } finally {
      await device.stop();
    }
  });

  it('holds no session with sockets that were refused and do not answer the close', async () => {
    const device = await start('{ max_sessions: 1 }');
    const client = await ApiClient.open(device.url);
    const silent = await Promise.all(Array.from({ length: 5 }, () => upgraded(device.url)));
    try {
      client.close();
      const next = await retry(() => ApiClient.open(device.url));
      assert.match(String((await next.ask({ type: 'multistream/keyframe', slot: 0 })).value), /no active session/);
      next.close();
      // The device closes them itself, long before it would ping them.
      await Promise.all(silent.map((socket) => once(socket, 'close')));
    } finally {
      silent.map((socket) => socket.destroy());
      await device.stop();
    }
  });

  it('is closed when it floods with pongs, which count as messages', async () => {
    const device = await start('{}');
    const socket = await upgraded(device.url);
    try {
      // Masked, as a client's frames are, and empty (RFC 6455 section 5.2).
      socket.write(Buffer.alloc(6 * 1000, Buffer.from([0x8a, 0x80, 0, 0, 0, 0])));
      let answer = '';
      socket.on('data', (data) => {
        answer += data.toString('latin1');
      });
      await once(socket, 'close');
      assert.match(answer, /too many messages: 50 a second at most/);
    } finally {
      socket.destroy();
      await device.stop();
    }
  });

  it('is answered at once when it sends a body, and is closed when a request does not end', async () => {
    const device = await start('{}');
    try {
      const head = 'POST /api/streams HTTP/1.1\r\nHost: localhost\r\n';
      assert.match(await answerTo(device.url, `${head}Content-Length: 1000\r\n\r\n`), /^HTTP\/1.1 413 /);
      assert.match(await answerTo(device.url, `${head}Transfer-Encoding: chunked\r\n\r\n`), /^HTTP\/1.1 413 /);
      const begun = performance.now();
      assert.match(await answerTo(device.url, head), /^HTTP\/1.1 408 /);
      assert.ok(performance.now() - begun < 20_000);
    } finally {
      await device.stop();
    }
  });

  it('is closed when it asks again before it was answered, and is answered when it waits', async () => {
    const device = await start('{}');
    const { hostname, port } = new URL(device.url);
    const request = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';
    try {
      const answers = await answerTo(device.url, request.repeat(1000));
      assert.ok(answers.split('HTTP/1.1 200').length <= 2, `${answers.length} bytes of answers`);
      const patient = connect(Number(port), hostname).setEncoding('latin1');
      for (let asked = 0; asked < 20; asked++) {
        patient.write(request);
        assert.match(String(await once(patient, 'data')), /^HTTP\/1.1 200 /);
      }
      patient.destroy();
    } finally {
      await device.stop();
    }
  });

  it('gets no more connections than its sessions need, while others get theirs', async () => {
    const device = await start('{ max_sessions: 4, max_sessions_per_address: 1 }');
    const { hostname, port } = new URL(device.url);
    const sockets = Array.from({ length: 30 }, () => connect(Number(port), hostname));
    try {
      const refused = sockets.map((socket) =>
        once(
          socket.on('error', () => {}),
          'close',
        ),
      );
      let closed = 0;
      await new Promise<void>((resolve) => {
        for (const one of refused) {
          one.then(() => ++closed === 23 && resolve());
        }
      });
      // Another address of this machine's loopback network.
      const other = await get(device.url, '127.0.0.2');
      assert.equal(other, 200);
    } finally {
      for (const socket of sockets) {
        socket.destroy();
      }
      await device.stop();
    }
  });
});

/** A WebSocket from which nothing is read and to which nothing is answered. */
async function upgraded(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(
    'GET /api/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.match(answer.toString('latin1'), /^HTTP\/1.1 101 /);
  return socket.on('error', () => {});
}

/** Everything that comes back until the device closes. */
async function answerTo(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).on('error', () => {});
  socket.write(text);
  let answer = '';
  socket.on('data', (data) => {
    answer += data.toString('latin1');
  });
  await once(socket, 'close');
  return answer;
}

function get(url: string, localAddress: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}/healthz`, { localAddress }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.on('error', reject).end();
  });
}

/** Until it succeeds. */
async function retry<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

describe('a WebSocket that does its part badly', () => {
  /** As much of one as `converse` uses. */
  class ScriptedSocket extends EventEmitter {
    readonly OPEN = 1;
    readyState = 1;
    pings: Buffer[] = [];
    bufferedAmount = 0;
    sent = 0;
    terminated = false;
    send() {
      this.sent++;
    }
    close() {}
    ping(mark: Buffer) {
      this.pings.push(mark);
    }
    terminate() {
      this.terminated = true;
      this.emit('close');
    }
  }

  it('is pinged every 15 s, and ended when one ping was not answered by the next, whatever else it answers', () => {
    mock.timers.enable({ apis: ['setInterval'] });
    try {
      const socket = new ScriptedSocket();
      const conversation = { receive: () => {}, leave: mock.fn(), close: () => {} };
      converse(
        socket as unknown as WebSocket,
        client,
        () => conversation,
        pino({ level: 'silent' }),
        () => {},
      );
      mock.timers.tick(15_000);
      assert.equal(socket.pings.length, 1);
      socket.emit('pong', socket.pings[0]);
      mock.timers.tick(15_000);
      assert.equal(socket.pings.length, 2);
      assert.ok(!socket.terminated);
      for (const mark of [Buffer.alloc(0), Buffer.from([0, 0, 0, 2]), socket.pings[0]]) {
        socket.emit('pong', mark);
      }
      mock.timers.tick(15_000);
      assert.ok(socket.terminated);
      assert.equal(conversation.leave.mock.callCount(), 1);
      mock.timers.tick(60_000);
      assert.equal(socket.pings.length, 2);
    } finally {
      mock.timers.reset();
    }
  });

  const client = { address: undefined, source: null, maySee: () => true, maxSlots: 9, renew: async () => undefined };

  it('has received what it was sent once it answers the ping behind it, and not when it guesses', () => {
    const socket = new ScriptedSocket();
    const arrived: string[] = [];
    const conversation = { receive: () => {}, leave: (over: () => void) => over(), close: () => {} };
    const start: StartConversation = (_, __, channel) => {
      for (const name of ['first', 'second', 'third']) {
        channel?.ping(() => arrived.push(name));
      }
      return conversation;
    };
    converse(socket as unknown as WebSocket, client, start, pino({ level: 'silent' }), () => {});
    for (let guess = 0; guess < 30; guess++) {
      for (const size of [1, 4, 8]) {
        const mark = Buffer.alloc(size);
        mark.writeUInt8(guess, size - 1);
        socket.emit('pong', mark);
      }
    }
    assert.deepEqual(arrived, []);
    const [first, second, third] = socket.pings;
    socket.emit('pong', second);
    socket.emit('pong', first);
    socket.emit('pong', third);
    socket.emit('pong', third);
    assert.deepEqual(arrived, ['first', 'second', 'third'], 'a client may answer the newest of several pings alone');
    socket.emit('close', 1006);
  });

  it('is ended when it does not read what it is sent', () => {
    const socket = new ScriptedSocket();
    const ended = mock.fn();
    let send = (_: DeviceMessage) => {};
    const start: StartConversation = (way) => {
      send = way;
      return { receive: () => {}, leave: (over) => over(), close: () => {} };
    };
    converse(socket as unknown as WebSocket, client, start, pino({ level: 'silent' }), ended);
    socket.bufferedAmount = 1024 * 1024;
    send({ type: 'error', value: 'x' });
    assert.equal(socket.sent, 1);
    socket.bufferedAmount++;
    send({ type: 'error', value: 'x' });
    assert.deepEqual([socket.sent, socket.terminated, ended.mock.callCount()], [1, true, 1]);
  });
});
