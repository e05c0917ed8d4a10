import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseConfig } from '../src/config/config.ts';
import { type Logs, openLogs, withoutSecrets } from '../src/log.ts';

/** The text that is written while the body logs. */
function written(yaml: string, body: (logs: Logs) => void): string {
  const folder = mkdtempSync(join(tmpdir(), 'multistream-log-'));
  const file = openSync(join(folder, 'log'), 'w');
  try {
    body(openLogs(parseConfig(yaml, 'cams.yaml').log, file));
    return readFileSync(join(folder, 'log'), 'utf8');
  } finally {
    closeSync(file);
    rmSync(folder, { recursive: true });
  }
}

describe('the log', () => {
  it('is JSON, a line each, with the module that speaks', () => {
    const text = written('', ({ api }) => api.info({ client: '::1' }, 'hello'));
    const { time, ...line } = JSON.parse(text);
    assert.deepEqual(line, { level: 30, module: 'api', client: '::1', msg: 'hello' });
    assert.match(time, /^\d{4}-\d\d-\d\dT/);
  });

  it("has a level for each module, in go2rtc's words, and one for the rest", () => {
    const text = written(
      'log: { level: warn, api: debug, webrtc: disabled, hass: trace, output: stdout, time: UNIXMS }',
      (logs) => {
        for (const [module, log] of Object.entries(logs)) {
          for (const level of ['trace', 'debug', 'info', 'warn', 'error'] as const) {
            log[level](`${module} ${level}`);
          }
        }
      },
    );
    const lines = text.trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).msg),
      [
        ...['app warn', 'app error'],
        ...['api debug', 'api info', 'api warn', 'api error'],
        ...['streams warn', 'streams error'],
        ...['multistream warn', 'multistream error'],
      ],
    );
  });

  it('is text for people where that is wanted', () => {
    const text = written('log: { format: text }', ({ streams }) => streams.warn({ camera: 'door' }, 'camera offline'));
    assert.match(text, /^\[\d{4}-\d\d-\d\d [\d:.]+\] WARN: camera offline \{"module":"streams","camera":"door"\}\n$/);
  });

  it('never shows a password or a token in an address that a message repeats', () => {
    for (const format of ['json', 'text']) {
      const text = written(`log: { format: ${format} }`, ({ streams }) =>
        streams.error(
          { error: 'Could not open rtsp://admin:hidden%40/hidden@10.0.0.1/x and http://h/x?a=1&token=hidden1#x' },
          'rtsp://:hidden2@h failed; http://u:hidden3@h/?password=hidden4',
        ),
      );
      assert.ok(!text.includes('hidden'), text);
      assert.ok(text.includes('10.0.0.1/x'), 'the address itself is kept');
    }
  });

  it('masks secrets that hold quotes and backslashes, and nothing behind them', () => {
    for (const password of ['hid"den', 'hid\\den', 'hid\\"den"', 'hid@den', 'hid/den']) {
      const text = written('', ({ streams }) =>
        streams.error(
          { url: `rtsp://admin:${password}@10.0.0.1/x`, to: 'me@home' },
          `http://h/?token=${password} is open`,
        ),
      );
      const line = JSON.parse(text);
      assert.equal(line.url, 'rtsp://***@10.0.0.1/x');
      assert.equal(line.to, 'me@home');
      assert.match(line.msg, /^http:\/\/.*\*\*\*.* is open$/);
      assert.ok(!text.includes('hid'), text);
    }
  });

  it('masks in a time that grows with the length of the line alone', () => {
    for (const piece of ['a.', 'a://', '://@', '?token=', '?a', '\\"', '?token=a&', 'a://@ ']) {
      const seconds = (times: number) => {
        const line = JSON.stringify(piece.repeat(times));
        const begin = process.cpuUsage();
        withoutSecrets(line);
        const { user, system } = process.cpuUsage(begin);
        return (user + system) / 1e6;
      };
      // Two megabytes; something quadratic would take minutes.
      assert.ok(seconds(2_000_000 / piece.length) < 5, piece);
    }
  });

  it('never waits for a reader that stands still, and says later how many lines it left out', async () => {
    const program = `
      import { openLogs } from './device/src/log.ts';
      const { app } = openLogs({ format: 'json', level: 'info', modules: {} });
      const text = 'x'.repeat(1000);
      for (let line = 0; line < 5000; line++) app.info(text);
      process.stdout.write('done');
      process.stdin.once('data', () => app.info('still there'));
      setInterval(() => {}, 1000);
    `;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'pipe' });
    try {
      await once(child.stdout, 'data');
      let text = '';
      child.stderr.on('data', (data) => {
        text += data;
        if (child.stdin.writable && text.length > 1_000_000) {
          child.stdin.end('go on');
        }
      });
      while (!text.endsWith('\n') || !text.includes('still there')) {
        await once(child.stderr, 'data');
      }
      const lines = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      const { lines: leftOut } = lines.at(-2);
      assert.ok(leftOut > 0);
      assert.equal(lines.length - 2 + leftOut, 5000);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
