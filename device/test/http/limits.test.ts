import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import { pino } from 'pino';
import type { WebSocket } from 'ws';
import { converse } from '../../src/http/connection.ts';
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

  it('takes a message of 512 KiB, and says what is wrong with it', async () => {
    client.send(JSON.stringify({ type: 'multistream/offer', sdp: '' }).padEnd(512 * 1024));
    assert.equal((await client.next(() => true)).value, 'multistream/offer: session not initialized');
    client.close();
  });

  it('ends with a clear error and 1008 on a longer one', async () => {
    client.send(''.padEnd(512 * 1024 + 1));
    assert.deepEqual(await client.next(() => true), {
      type: 'error',
      value: 'the message is too long: 524288 bytes at most',
    });
    assert.deepEqual(await client.closed, [1008, 'the message is too long: 524288 bytes at most']);
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
    assert.deepEqual(client.messages.at(-1), { type: 'error', value: 'too many messages: 50 a second at most' });
    assert.ok(client.messages.length < 150, `${client.messages.length} answers`);
  });

  it('turns away one session too many, and takes it when another is over', async () => {
    const others = [await ApiClient.open(device.url), await ApiClient.open(device.url)];
    const tooMany = await ApiClient.open(device.url);
    const error = await tooMany.next(() => true);
    assert.deepEqual(error, { type: 'error', value: 'too many sessions: multistream.max_sessions is 3' });
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

describe('a silent WebSocket', () => {
  /** As much of one as `converse` uses. */
  class ScriptedSocket extends EventEmitter {
    readonly OPEN = 1;
    readyState = 1;
    pings = 0;
    terminated = false;
    send() {}
    close() {}
    ping() {
      this.pings++;
    }
    terminate() {
      this.terminated = true;
      this.emit('close');
    }
  }

  it('is pinged every 15 s, and ended when one ping was not answered by the next', () => {
    mock.timers.enable({ apis: ['setInterval'] });
    try {
      const socket = new ScriptedSocket();
      const client = { address: undefined, source: null, maySee: () => true };
      const conversation = { receive: () => {}, close: mock.fn() };
      converse(socket as unknown as WebSocket, client, () => conversation, pino({ level: 'silent' }));
      mock.timers.tick(15_000);
      assert.equal(socket.pings, 1);
      socket.emit('pong');
      mock.timers.tick(15_000);
      assert.equal(socket.pings, 2);
      assert.ok(!socket.terminated);
      mock.timers.tick(15_000);
      assert.ok(socket.terminated);
      assert.equal(conversation.close.mock.callCount(), 1);
      mock.timers.tick(60_000);
      assert.equal(socket.pings, 2);
    } finally {
      mock.timers.reset();
    }
  });
});
