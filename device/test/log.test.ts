import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseConfig } from '../src/config/config.ts';
import { type Logs, openLogs } from '../src/log.ts';

/** What is written while the body logs. */
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

  it('never shows a password or a token in an address, whoever repeats it', () => {
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
});
