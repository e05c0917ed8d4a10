import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { CameraAudio } from '../../src/cameras/camera-audio.ts';
import type { CameraRun } from '../../src/cameras/camera-run.ts';
import type { AudioCodec } from '../../src/media/audio-unit.ts';

describe("a camera's sound", () => {
  let audio: CameraAudio;
  /** Whether the run was told to read the sound, each time. */
  let asked: boolean[];
  let run: CameraRun;

  beforeEach(() => {
    asked = [];
    run = { audioFormat: null, listen: (isHeard: boolean) => asked.push(isHeard) } as unknown as CameraRun;
    audio = new CameraAudio();
    audio.follow(run);
  });

  function listen(...codecs: AudioCodec[]) {
    const told: string[] = [];
    const handle = audio.open({
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
  const unit = (text: string) => audio.take(run, { type: 'audio', unit: { ticks: 0, data: Buffer.from(text) } });

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
    const { told } = listen('OPUS', 'PCMA');
    sends('AAC');
    unit('a');
    assert.deepEqual(told, ['audio-codec']);
    assert.equal(asked.at(-1), false);
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
