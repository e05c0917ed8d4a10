import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { pino } from 'pino';
import { parseConfig } from '../../src/config/config.ts';
import { Lineup } from '../../src/lineup.ts';
import type { Stream } from '../../src/streams/stream.ts';
import { record } from '../support/recordings.ts';
import { type ScriptedCamera, startScriptedCamera } from '../support/scripted-camera.ts';

/** A camera that was taken over says where FFmpeg is to look next: at files of this machine, and at its network. */
describe('a source that points elsewhere', () => {
  let folder: string;
  let file: string;
  let server: Server;
  let port: number;
  const asked: string[] = [];
  const lineups: Lineup[] = [];
  const cameras: ScriptedCamera[] = [];

  const playlist = (uri: string, map = '') =>
    `#EXTM3U\n#EXT-X-TARGETDURATION:20\n${map}#EXTINF:20,\n${uri}\n#EXT-X-ENDLIST\n`;
  const answers: Record<string, () => string> = {
    'a file in an HLS playlist': () => playlist(`file://${file}`),
    'a path in an HLS playlist': () => playlist(file),
    'files that are put together': () => playlist(`concat:${file}|/etc/passwd`),
    'a part of a file': () => playlist(`subfile,,start,0,end,0,,:${file}`),
    'a file that begins all segments': () => playlist('segment.ts', `#EXT-X-MAP:URI="file://${file}"\n`),
    'a list of files': () => `ffconcat version 1.0\nfile 'file:${file}'\n`,
    'a port to listen on': () =>
      'v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n' +
      'm=video 45454 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n',
    'another protocol': () => playlist(`rtmp://127.0.0.1:${port}/asked`),
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'multistream-reach-'));
    file = join(folder, 'private.ts');
    await record(file, { encoder: 'libx264', options: { preset: 'ultrafast' }, seconds: 10 });
    server = createServer((request, response) => {
      const name = decodeURIComponent((request.url ?? '').slice(1));
      asked.push(name);
      if (name === 'a redirection') {
        response.writeHead(302, { Location: `file://${file}` }).end();
      } else {
        response.end(answers[name]?.() ?? '');
      }
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });

  afterEach(async () => {
    await Promise.all(lineups.splice(0).map((lineup) => lineup.close()));
    for (const camera of cameras.splice(0)) {
      camera.close();
    }
  });

  after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });

  /** Why there is no picture; undefined where there is one. */
  function refusal(source: string): Promise<string | undefined> {
    const lineup = new Lineup(
      parseConfig(JSON.stringify({ streams: { one: source } }), 'test.yaml'),
      pino({ enabled: false }),
    );
    lineups.push(lineup);
    return new Promise((resolve) => {
      const reading = (lineup.streams.get('one') as Stream).read({
        unit: () => resolve(undefined),
        changed: () => reading.state === 'offline' && resolve(reading.reason),
      });
    });
  }

  it('would play the file where the configuration names it', async () => {
    assert.equal(await refusal(`file:${file}`), undefined);
  });

  for (const what of [...Object.keys(answers), 'a redirection']) {
    it(`over HTTP is not followed: ${what}`, async () => {
      const reason = await refusal(`http://127.0.0.1:${port}/${encodeURIComponent(what)}`);
      assert.match(String(reason), /does not open/);
      assert.ok(!String(reason).includes('private'));
    });
  }

  it('over RTSP is followed to another RTSP address and to nothing else', async () => {
    asked.length = 0;
    for (const location of [`file://${file}`, `http://127.0.0.1:${port}/asked`]) {
      const camera = await answering('302 Found', `Location: ${location}\r\n`);
      assert.match(String(await refusal(camera.url)), /does not open/);
    }
    assert.deepEqual(asked, []);
    const next = await answering('404 Not Found');
    const first = await answering('302 Found', `Location: ${next.url}\r\n`);
    assert.match(String(await refusal(first.url)), /404/);
    assert.ok(next.asked.length > 0);
  });

  /** A camera that says this, whatever it is asked for. */
  async function answering(status: string, lines = ''): Promise<ScriptedCamera> {
    const camera = await startScriptedCamera({
      pictures: [],
      answer: ({ cseq }) => `RTSP/1.0 ${status}\r\nCSeq: ${cseq}\r\n${lines}\r\n`,
    });
    cameras.push(camera);
    return camera;
  }
});
