import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { SlotStatus } from '../../../src/protocol/messages.ts';
import { headerBytes, type PictureHeader, readPictureHeader } from '../../../src/protocol/picture-message.ts';
import { ApiClient, type Message } from '../support/api-client.ts';
import { readByFfmpeg } from '../support/fmp4.ts';
import { type RunningDevice, startDevice } from '../support/processes.ts';
import { until } from '../support/until.ts';

const avc = 'avc1.640033';

describe('a session whose pictures travel over its WebSocket', () => {
  let device: RunningDevice;
  let folder: string;
  let client: ApiClient;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'socket-session-'));
    device = await startDevice(`
api: { listen: "127.0.0.1:0" }
webrtc: { listen: ":0" }
streams:
  a: "ffmpeg:virtual?video=testsrc&size=320x180&rate=25#video=h264"
  b: "ffmpeg:virtual?video=testsrc&size=640x360&rate=25#video=h264"
`);
  });

  after(async () => {
    await device.stop();
    await rm(folder, { recursive: true });
  });

  beforeEach(async () => {
    client = await ApiClient.open(device.url);
  });

  afterEach(() => client.close());

  const init = (slots: Message['slots'], accept = [avc]) =>
    client.ask({ type: 'multistream/init', transport: 'socket', accept, slots });
  const next = (slot: number, status: string): Promise<Message & { status: SlotStatus }> =>
    client.next(
      (message) =>
        message.type === 'multistream/status' &&
        message.slot === slot &&
        (message.status as SlotStatus).status === status,
    ) as never;
  const headers = (): PictureHeader[] =>
    client.pictures.map((message) => readPictureHeader(Uint8Array.from(message).buffer) as PictureHeader);
  const ofSlot = (slot: number) => headers().filter((header) => header.slot === slot);

  it('is answered at once, without an offer, and gets each slot from its first key frame on', async () => {
    const ready = await init([
      { slot: 3, stream: 'a' },
      { slot: 5, stream: 'none' },
      { slot: 6, stream: '' },
    ]);
    assert.deepEqual([ready.type, ready.transport, ready.slots], ['multistream/ready', 'socket', 3]);
    const answer = await client.next(({ type }) => type === 'multistream/answer');
    assert.deepEqual(
      [
        answer.sdp,
        answer.request_id,
        (answer.slots as SlotStatus[]).map(({ slot, status, mid }) => [slot, status, mid]),
      ],
      [
        undefined,
        ready.request_id,
        [
          [3, 'buffering', undefined],
          [5, 'error', undefined],
          [6, 'inactive', undefined],
        ],
      ],
    );
    const { status } = await next(3, 'active');
    assert.deepEqual([status.stream, status.codec, status.width, status.height], ['a', 'H264', 320, 180]);
    await until(() => client.pictures.length > 30);
    const [first, second] = headers();
    assert.deepEqual([first?.kind, second?.kind, second?.keyframe], ['init', 'picture', true]);
    assert.ok(headers().every(({ slot }) => slot === 3));
    assert.ok(headers().some(({ timestamp }) => timestamp === status.rtp_first));
    assert.ok(headers().some(({ timestamp, span = 0 }) => (status.rtp_live ?? 0) - timestamp <= span));
    const file = join(folder, 'slot.mp4');
    const pictures = client.pictures.slice(0, 31);
    await writeFile(file, Buffer.concat(pictures.map((message) => message.subarray(headerBytes))));
    const read = await readByFfmpeg(file);
    // A message has several pictures of the GOP so far.
    assert.ok(read.length >= 30);
    assert.ok(read.every(({ width, height }) => width === 320 && height === 180));
  });

  it('switches with a new init segment and the GOP so far, on one rising time, and never both streams at once', async () => {
    await init([
      { slot: 0, stream: 'a' },
      { slot: 1, stream: 'b' },
    ]);
    await Promise.all([next(0, 'active'), next(1, 'active')]);
    await until(() => ofSlot(0).length > 10 && ofSlot(1).length > 10);
    const { status } = (await client.ask({ type: 'multistream/switch', slot: 0, stream: 'b' })) as never as {
      status: SlotStatus;
    };
    assert.deepEqual([status.status, status.stream], ['active', 'b']);
    await until(() => ofSlot(0).findLastIndex(({ kind }) => kind === 'init') < ofSlot(0).length - 20);
    const seen = ofSlot(0);
    const inits = seen.flatMap(({ kind }, index) => (kind === 'init' ? [index] : []));
    assert.equal(inits.length, 2);
    const begin = seen[(inits[1] as number) + 1];
    assert.deepEqual([begin?.keyframe, begin?.timestamp], [true, status.rtp_first]);
    const times = seen.filter(({ kind }) => kind === 'picture').map(({ timestamp }) => timestamp);
    for (const [index, time] of times.slice(1).entries()) {
      const rise = (time - (times[index] as number)) | 0;
      assert.ok(rise > 0 && rise < 90_000, `${rise} ticks`);
    }
  });

  it('sends nothing of a paused slot, and begins anew when it is resumed', async () => {
    await init([{ slot: 0, stream: 'a' }]);
    await next(0, 'active');
    assert.equal(((await client.ask({ type: 'multistream/pause', slot: 0 })).status as SlotStatus).status, 'paused');
    const before = client.pictures.length;
    await client.ask({ type: 'multistream/keyframe', slot: 0 });
    assert.equal(client.pictures.length, before);
    await client.ask({ type: 'multistream/resume', slot: 0 });
    await until(() => client.pictures.length > before + 5);
    assert.equal(headers()[before]?.kind, 'init');
  });

  it('says of a stream in a codec that the browser does not take that it does not fit', async () => {
    await init([{ slot: 0, stream: 'a' }], ['vp09.00.10.08']);
    const answer = await client.next(({ type }) => type === 'multistream/answer');
    const [status] = answer.slots as SlotStatus[];
    assert.deepEqual([status?.status, status?.code], ['error', 'codec-mismatch']);
    assert.equal(client.pictures.length, 0);
  });

  it('answers other sockets while one viewer reads nothing, and that viewer in time when it reads again', async () => {
    await init(Array.from({ length: 9 }, (_, slot) => ({ slot, stream: slot % 2 === 0 ? 'a' : 'b' })));
    await until(() => new Set(headers().map(({ slot }) => slot)).size === 9);
    client.halt();
    const other = await ApiClient.open(device.url);
    for (let asked = 0; asked < 20; asked++) {
      await other.ask({ type: 'multistream/keyframe', slot: -1 });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    other.close();
    client.continue();
    const reply = await client.ask({ type: 'multistream/keyframe', slot: 0 });
    assert.equal(reply.type, 'multistream/keyframe');
    const count = client.pictures.length;
    await until(() => client.pictures.length > count + 50);
  });

  it('refuses a transport that it does not know, and lists of codecs without a bound', async () => {
    const refused = async (message: Partial<Message>) =>
      (await client.ask({ type: 'multistream/init', slots: [{ slot: 0, stream: 'a' }], ...message })).value;
    assert.equal(
      await refused({ transport: 'carrier-pigeon' }),
      'multistream/init: the transport is "socket", or left out',
    );
    assert.equal(
      await refused({ transport: 'socket', accept: Array(33).fill(avc) }),
      'multistream/init: accept has at most 32 codecs',
    );
  });
});
