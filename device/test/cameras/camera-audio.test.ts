import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { CameraAudio, type SoundOffers } from '../../src/cameras/camera-audio.ts';
import type { CameraRun } from '../../src/cameras/camera-run.ts';
import type { ProcessEvents } from '../../src/cameras/coder-process.ts';
import type { CoderRequest } from '../../src/coder/messages.ts';
import type { AudioCodec } from '../../src/media/audio-unit.ts';

describe("a camera's sound", () => {
  let audio: CameraAudio;
  /** Whether the run was told to read the sound, each time. */
  let asked: boolean[];
  let run: CameraRun;
  let offers: SoundOffers;
  /** The coders that were started, in turn. */
  let coders: { events: ProcessEvents; requests: CoderRequest[]; isOver: boolean }[];

  beforeEach(() => {
    asked = [];
    coders = [];
    offers = { offers: ['copy'], transcode: true };
    run = {
      audioFormat: null,
      soundOffers: ['copy'],
      listen: (isHeard: boolean) => asked.push(isHeard),
    } as unknown as CameraRun;
    audio = new CameraAudio(() => ({
      limits: { pictureBytes: 1, memoryBytes: 1, gop: { units: 1, bytes: 1 } },
      silenceMs: 1,
      startCoder: (events) => {
        const coder = { events, requests: [] as CoderRequest[], isOver: false };
        coders.push(coder);
        return {
          send: (request) => coder.requests.push(request),
          stop: async () => {
            coder.isOver = true;
          },
        };
      },
    }));
    audio.follow(run);
  });

  afterEach(() => audio.close());

  function listen(...codecs: AudioCodec[]) {
    const told: string[] = [];
    const handle = audio.offer(offers).open({
      takes: (codec) => codecs.includes(codec),
      format: ({ codec }) => told.push(codec),
      unit: ({ data }) => told.push(data.toString()),
      silent: (code) => told.push(code),
    });
    return { told, close: () => handle.close() };
  }

  const sends = (codec: AudioCodec | null) =>
    audio.take(run, {
      type: 'audio-format',
      format: codec && { codec, clockRate: 8000, channels: 1, config: Buffer.alloc(0) },
      reason: 'the camera sends none',
    });
  const unit = (text: string, ticks = 0) =>
    audio.take(run, { type: 'audio', unit: { ticks, data: Buffer.from(text) } });

  it('is read while it has a listener, and not without', () => {
    sends('PCMA');
    assert.equal(asked.at(-1), false);
    const first = listen('PCMA');
    const second = listen('PCMA', 'OPUS');
    unit('a');
    first.close();
    assert.equal(asked.at(-1), true);
    unit('b');
    second.close();
    assert.equal(asked.at(-1), false);
    assert.deepEqual(
      [first.told, second.told],
      [
        ['PCMA', 'a'],
        ['PCMA', 'a', 'b'],
      ],
    );
  });

  it('is not read for a browser that does not take its codec, which is told so', () => {
    const { told } = listen('PCMA');
    sends('AAC');
    unit('a');
    assert.deepEqual(told, ['audio-codec']);
    assert.equal(asked.at(-1), false);
    assert.equal(coders.length, 0);
  });

  it('is encoded once for all browsers that do not take its codec, until five seconds after the last one', (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    sends('AAC');
    const first = listen('OPUS', 'PCMA');
    const second = listen('OPUS');
    const native = listen('AAC');
    unit('a');
    const [coder] = coders;
    assert.deepEqual(
      coder?.requests.map((request) => (request.type === 'audio' ? request.unit.data.toString() : request.type)),
      ['open', 'a'],
    );
    coder?.events.report({ type: 'audio', unit: { ticks: 0, data: Buffer.from('A') } });
    first.close();
    assert.equal(coder?.isOver, false);
    second.close();
    for (let wish = 0; wish < 50; wish++) {
      context.mock.timers.tick(20);
      listen('OPUS').close();
    }
    context.mock.timers.tick(4990);
    assert.deepEqual([coders.length, coder?.isOver], [1, false]);
    context.mock.timers.tick(10);
    assert.equal(coder?.isOver, true);
    coder?.events.report({ type: 'audio', unit: { ticks: 0, data: Buffer.from('B') } });
    assert.equal(asked.at(-1), true);
    native.close();
    assert.equal(asked.at(-1), false);
    assert.deepEqual(
      [first.told, second.told, native.told],
      [
        ['OPUS', 'A'],
        ['OPUS', 'A'],
        ['AAC', 'a'],
      ],
    );
    assert.equal(coders.length, 1);
  });

  it('is encoded anew when it becomes another one', () => {
    const { told } = listen('OPUS');
    sends('AAC');
    sends('PCMA');
    assert.deepEqual(
      coders.map(({ isOver }) => isOver),
      [true, false],
    );
    sends('OPUS');
    assert.deepEqual(
      coders.map(({ isOver }) => isOver),
      [true, true],
    );
    assert.deepEqual(told, ['OPUS', 'OPUS', 'OPUS']);
  });

  it('is left when its encoder fails, which its listeners are told, and is tried again', (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const { told } = listen('OPUS');
    const native = listen('AAC');
    sends('AAC');
    coders[0]?.events.report({ type: 'failed', reason: 'no decoder' });
    assert.deepEqual(told, ['OPUS', 'audio-codec']);
    context.mock.timers.tick(10_000);
    assert.deepEqual(told, ['OPUS', 'audio-codec', 'OPUS']);
    assert.equal(coders.length, 2);
    assert.deepEqual(native.told, ['AAC'], 'who takes the sound as it is hears on');
  });

  it('is tried at once when it becomes another one than the one whose encoder failed', () => {
    const { told } = listen('OPUS');
    sends('AAC');
    coders[0]?.events.report({ type: 'failed', reason: 'no decoder' });
    sends('PCMA');
    assert.deepEqual(told, ['OPUS', 'audio-codec', 'OPUS']);
  });

  it('is heard from the newest frame on where frames have waited for a coder to start', (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const { told } = listen('OPUS');
    sends('AAC');
    const frames = [...'0123456789'];
    for (const [index, text] of frames.entries()) {
      unit(text, index * 1024);
    }
    // As long as a frame of the camera, in the clock of Opus.
    const made = (text: string, index: number) =>
      coders[0]?.events.report({ type: 'audio', unit: { ticks: index * 6144, data: Buffer.from(text) } });
    frames.forEach(made);
    assert.deepEqual(told, ['OPUS', '9']);
    unit('a', 10 * 1024);
    unit('b', 11 * 1024);
    made('a', 10);
    context.mock.timers.tick(1000);
    assert.deepEqual(told, ['OPUS', '9', 'a'], 'a coder that is late afterwards is heard');
  });

  it('lets a coder that takes nothing grow no queue', () => {
    sends('AAC');
    listen('OPUS');
    for (let count = 0; count < 1000; count++) {
      unit('a');
    }
    assert.ok((coders[0]?.requests.length ?? 0) < 150);
  });

  for (const [from, own, offered, taken, expected] of [
    ['AAC', ['copy'], ['copy', 'PCMA'], ['OPUS', 'PCMA'], 'PCMA'],
    ['PCMU', ['copy'], ['copy', 'OPUS'], ['OPUS', 'PCMU'], 'PCMU'],
    ['PCMU', ['copy'], ['OPUS', 'copy'], ['OPUS', 'PCMU'], 'OPUS'],
    ['PCMU', ['PCMA'], ['copy'], ['OPUS', 'PCMU', 'PCMA'], 'PCMA'],
    ['OPUS', ['OPUS'], ['copy'], ['OPUS'], 'OPUS'],
    ['AAC', ['copy'], ['copy', 'PCMA'], ['OPUS'], 'OPUS'],
    ['PCMA', ['copy'], ['copy'], ['AAC'], 'AAC'],
  ] as const) {
    it(`of ${from}, offered as ${offered}, is ${expected} to a browser that takes ${taken}; its source says ${own}`, () => {
      run = { ...run, soundOffers: own } as unknown as CameraRun;
      audio.follow(run);
      offers = { ...offers, offers: offered };
      sends(from);
      assert.deepEqual(listen(...taken).told, [expected]);
      assert.equal(coders.length, expected === from ? 0 : 1);
    });
  }

  it('is refused to a browser that takes none of its forms where nothing may be encoded for it', () => {
    offers = { offers: ['copy', 'PCMA'], transcode: false };
    sends('AAC');
    assert.deepEqual(listen('OPUS').told, ['audio-codec']);
    assert.deepEqual(listen('PCMA').told, ['PCMA']);
  });

  it('may be missing, come, change and go', () => {
    const { told } = listen('OPUS', 'PCMA');
    sends(null);
    sends('PCMA');
    unit('a');
    sends('OPUS');
    unit('b');
    audio.follow(null);
    audio.follow(run);
    sends(null);
    assert.deepEqual(told, ['no-audio', 'PCMA', 'a', 'OPUS', 'b', 'no-audio']);
  });
});
