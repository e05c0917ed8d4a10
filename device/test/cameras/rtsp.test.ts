import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { pino } from 'pino';
import { Camera } from '../../src/cameras/camera.ts';
import { StartQueue } from '../../src/cameras/start-queue.ts';
import { parseSource } from '../../src/config/source.ts';
import type { AccessUnit, StreamFormat } from '../../src/media/access-unit.ts';
import { Stream } from '../../src/streams/stream.ts';
import { certificate } from '../support/certificate.ts';
import { childrenOf } from '../support/child-ids.ts';
import { isSlice, nalUnitsOf, splitPictures } from '../support/nal-units.ts';
import { record } from '../support/recordings.ts';
import { type RtspServerOptions, startRtspServer } from '../support/rtsp-server.ts';
import { startScriptedCamera } from '../support/scripted-camera.ts';

const x264 = 'x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10 threads=1 bitrate=2000';
const plain = `${x264} ! rtph264pay name=pay0`;

/** Real cameras of several makes, each read by a camera's own process. */
describe('a camera over RTSP', () => {
  const closing: (() => Promise<unknown>)[] = [];
  let log: string[];

  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) {
      await close();
    }
  });

  async function serve(options: RtspServerOptions): Promise<(credentials?: string) => string> {
    const server = await startRtspServer(options);
    closing.push(() => server.stop());
    return server.address;
  }

  interface Seen {
    formats: StreamFormat[];
    units: AccessUnit[];
  }

  /** So many pictures of a source, or the reason why there are none. */
  function watch(text: string, count: number): Promise<Seen | string> {
    const source = parseSource(text);
    assert.ok(source.kind === 'own');
    log = [];
    const stream = { write: (line: string) => log.push(line) };
    const camera = new Camera('one', [source], { log: pino({ level: 'trace' }, stream), queue: new StartQueue() });
    closing.push(() => camera.close());
    const seen: Seen = { formats: [], units: [] };
    const played = new Stream('one', [
      camera.output('one', { kind: 'native' }),
      camera.output('one', { kind: 'encode' }),
    ]);
    return new Promise((resolve) => {
      const reading = played.read({
        unit: (unit) => {
          seen.units.push(unit);
          if (seen.units.length === count) {
            // A copy: more of them come while the test goes on.
            resolve({ formats: [...seen.formats], units: [...seen.units] });
          }
        },
        changed: () => {
          if (reading.state === 'offline') {
            resolve(reading.reason);
          } else if (reading.format !== null) {
            seen.formats.push(reading.format);
          }
        },
      });
    });
  }

  async function pictures(text: string, count: number, height = 180): Promise<Seen> {
    const seen = await watch(text, count);
    assert.ok(typeof seen !== 'string', String(seen));
    assert.deepEqual(seen.formats[0], { codec: 'H264', width: 320, height });
    assert.ok(seen.units[0]?.keyframe);
    const times = seen.units.map(({ timestamp }) => timestamp);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    return seen;
  }

  const slices = ({ data }: AccessUnit) => nalUnitsOf(data).filter(isSlice).length;

  for (const count of [1, 4]) {
    it(`gives whole pictures of ${count} slices, each with its own time`, async () => {
      const pipeline = `${x264} sliced-threads=${count > 1} option-string=slices=${count} ! rtph264pay name=pay0`;
      const address = await serve({ pipeline });
      const { units } = await pictures(address(), 60);
      assert.deepEqual([...new Set(units.map(slices))], [count]);
      assert.equal(new Set(units.map(({ timestamp }) => timestamp)).size, 60);
      assert.equal(units.filter(({ keyframe }) => keyframe).length, 6);
    });
  }

  it('is there with the key frame that it begins with, and not only with the next', async () => {
    const only = plain.replace('key-int-max=10', 'key-int-max=100000');
    const address = await serve({ pipeline: only });
    const seen = (await watch(address(), 5)) as Seen;
    assert.deepEqual(
      seen.units?.map(({ keyframe }) => keyframe),
      [true, false, false, false, false],
    );
  });

  it('gives whole pictures where packets hold several units, or units stand between the pictures', async () => {
    const pipeline = `${x264} ! h264parse config-interval=-1 ! rtph264pay name=pay0 aggregate-mode=zero-latency`;
    const address = await serve({ pipeline });
    const { units } = await pictures(address(), 30);
    assert.deepEqual([...new Set(units.map(slices))], [1]);
  });

  it('may send more beside a picture than fits in a packet, and say its parameter sets nowhere else', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'multistream-rtsp-'));
    await record(join(folder, 'one.h264'), {
      encoder: 'libx264',
      options: { preset: 'ultrafast', tune: 'zerolatency' },
    });
    // Supplemental information of 2550 bytes that mean nothing to a decoder (H.264 sections 7.3.2.3.1 and D.1.6).
    const sei = Buffer.concat([
      Buffer.from([0, 0, 0, 1, 6, 5, ...Array(10).fill(255), 0]),
      Buffer.alloc(2550, 0x41),
      Buffer.from([0x80]),
    ]);
    const recorded = splitPictures(await readFile(join(folder, 'one.h264')));
    await rm(folder, { recursive: true });
    const camera = await startScriptedCamera({ pictures: recorded.map((picture) => Buffer.concat([sei, picture])) });
    closing.push(async () => camera.close());
    await pictures(camera.url, 30);
    assert.doesNotMatch(log.join(''), /transcoded/);
  });

  it('is transcoded where it has B-frames, in order', async () => {
    const pipeline =
      'x264enc bframes=2 b-adapt=false threads=1 speed-preset=veryfast key-int-max=25 ! video/x-h264,profile=high ! rtph264pay name=pay0';
    const address = await serve({ pipeline });
    await pictures(address(), 25);
    assert.match(log.join(''), /transcoded where that is allowed: the camera's video has B-frames/);
  });

  it('is transcoded where it refreshes its picture bit by bit, since no browser can begin there', async () => {
    const address = await serve({ pipeline: `${x264} intra-refresh=true ! rtph264pay name=pay0 config-interval=1` });
    await pictures(address(), 25);
    assert.match(log.join(''), /transcoded where that is allowed: the camera's video has no IDR pictures/);
  });

  it('is passed on as it comes where it sends a picture only every half second', async () => {
    const address = await serve({ pipeline: `videorate drop-only=true ! video/x-raw,framerate=2/1 ! ${plain}` });
    await pictures(address(), 3);
    assert.doesNotMatch(log.join(''), /transcoded|encodes/);
  });

  it('is read as H.265', async () => {
    const pipeline =
      'x265enc tune=zerolatency speed-preset=ultrafast key-int-max=25 log-level=none ! rtph265pay name=pay0 config-interval=-1';
    const address = await serve({ pipeline });
    await pictures(`ffmpeg:${address()}#video=h264`, 25);
  });

  it('is read as MJPEG, which FFmpeg puts together itself', async () => {
    const address = await serve({ pipeline: 'jpegenc ! rtpjpegpay name=pay0' });
    // RTP counts the lines of a JPEG picture in eights (RFC 2435 section 3.1.6).
    await pictures(address(), 25, 184);
  });

  it('may send over UDP', async () => {
    const address = await serve({ pipeline: plain });
    await pictures(`${address()}#transport=udp`, 25);
  });

  it('may be read over TLS with a certificate that no authority signed', async () => {
    const address = await serve({ pipeline: plain, tls: true });
    await pictures(address(), 25);
  });

  it('checks the certificate where the source asks for it, and not otherwise', async () => {
    const address = await serve({ pipeline: plain, tls: true });
    assert.equal(typeof (await watch(`${address()}#tls_verify`, 1)), 'string', 'nothing that this machine trusts');
    await pictures(address().replace('rtsps:', 'rtspx:'), 3);
    const folder = await mkdtemp(join(tmpdir(), 'multistream-trust-'));
    const before = process.env.SSL_CERT_FILE;
    try {
      process.env.SSL_CERT_FILE = join(folder, 'trusted.pem');
      await writeFile(process.env.SSL_CERT_FILE, certificate);
      await pictures(`${address()}#tls_verify`, 3);
    } finally {
      if (before === undefined) {
        delete process.env.SSL_CERT_FILE;
      } else {
        process.env.SSL_CERT_FILE = before;
      }
      await rm(folder, { recursive: true });
    }
  });

  for (const tls of [false, true]) {
    const over = tls ? 'over TLS' : 'in the clear';
    it(`may ask for a password ${over}, which no one else gets to see`, async () => {
      const address = await serve({ pipeline: plain, user: 'admin', password: 'secret-word', tls });
      // As a configuration may take it from there.
      process.env.CAMERA_PASSWORD = 'secret-word';
      await pictures(`ffmpeg:${address('admin:secret-word@')}`, 10);
      await pictures(address('admin:secret-word@'), 10);
      const seen = [...log, ...(await openToOthers())];
      delete process.env.CAMERA_PASSWORD;
      assert.deepEqual(
        seen.filter((text) => text.includes('secret-word')),
        [],
      );
      // Escaped as an address has to have it.
      const special = await serve({ pipeline: plain, user: 'admin', password: 'p@ss/wo:rd', tls });
      await pictures(special('admin:p%40ss%2Fwo%3Ard@'), 10);
    });
  }

  it('says that the password is wrong, and does not repeat it', async () => {
    const address = await serve({ pipeline: plain, user: 'admin', password: 'secret-word' });
    for (const credentials of ['', 'admin:secret-guess@']) {
      const reason = await watch(address(credentials), 1);
      assert.match(String(reason), /does not open: .*401/);
      assert.doesNotMatch(reason + log.join(''), /secret|admin/);
    }
  });
});

/** The arguments of this process's children, which every user of the machine can read, and their environment, which root can. */
async function openToOthers(): Promise<string[]> {
  const texts: string[] = [];
  for (const pid of await childrenOf(process.pid)) {
    for (const file of ['cmdline', 'comm', 'environ']) {
      texts.push(await readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => ''));
    }
  }
  assert.ok(texts.some((text) => text.includes('coder/main.ts')));
  return texts;
}
