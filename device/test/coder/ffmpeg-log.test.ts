import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FfmpegLog, secretsOf } from '../../src/coder/ffmpeg-log.ts';

describe("FFmpeg's last complaint", () => {
  const explain = (line: string, address = 'rtsp://admin:p%40ss-word@192.0.2.1/x') => {
    const log = new FfmpegLog(secretsOf(address));
    log.take(line);
    return log.explain('it failed');
  };

  it('stands behind the reason', () => {
    assert.equal(explain('moov atom not found\n'), 'it failed (moov atom not found)');
  });

  it('names no address, no user and no password, as written or as meant', () => {
    for (const line of [
      'cannot open rtsp://admin:p%40ss-word@192.0.2.1/x',
      'cannot open http:/admin:p%40ss-word@192.0.2.1/x',
      'user admin with p@ss-word refused',
      'Authorization: p%40ss-word',
    ]) {
      assert.doesNotMatch(explain(line), /admin|p%40ss|p@ss/);
    }
  });

  it('is one short line without control characters', () => {
    const text = explain(`a\u001b[31mb\r\nc${'x'.repeat(10_000)}`);
    assert.ok(text.length < 220);
    assert.doesNotMatch(text, /\p{Cc}/u);
  });

  it('is left out where there is none, or the reason says the same', () => {
    assert.equal(new FfmpegLog([]).explain('it failed'), 'it failed');
    assert.equal(explain('failed'), 'it failed');
    assert.equal(explain(' \n'), 'it failed');
  });
});
