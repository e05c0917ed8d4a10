import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { parseConfig } from '../../src/config/config.ts';
import { Lineup } from '../../src/lineup.ts';
import type { AccessUnit } from '../../src/media/access-unit.ts';
import { durationOf } from '../../src/media/audio-duration.ts';
import type { AudioCodec, AudioFormat } from '../../src/media/audio-unit.ts';
import type { Takes } from '../../src/streams/reading.ts';
import type { Stream } from '../../src/streams/stream.ts';
import { Changes } from '../support/changes.ts';
import { nalUnitsOf } from '../support/nal-units.ts';
import { record } from '../support/recordings.ts';
import { startRtspServer } from '../support/rtsp-server.ts';

/** Real camera processes read real recordings. */
describe("a camera's source", () => {
  let folder: string;
  let server: Server;
  let address: string;
  const lineups: Lineup[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'multistream-sources-'));
    const x264 = { preset: 'ultrafast', tune: 'zerolatency' };
    await record(join(folder, 'plain.mp4'), { encoder: 'libx264', options: x264 });
    await record(join(folder, 'plain.h264'), { encoder: 'libx264', options: x264 });
    await record(join(folder, 'plain.ts'), { encoder: 'libx264', options: x264, seconds: 20 });
    await record(join(folder, 'plain.flv'), { encoder: 'libx264', options: x264, seconds: 20 });
    for (const [file, encoder, rate] of [
      ['aac.ts', 'aac', 16_000],
      ['aac.flv', 'aac', 44_100],
      ['opus.mkv', 'libopus', 48_000],
      ['pcma.mkv', 'pcm_alaw', 8000],
      ['mp2.ts', 'mp2', 48_000],
    ] as const) {
      const sound = { encoder, rate };
      await record(join(folder, file), { encoder: 'libx264', options: x264, seconds: 20, sound });
    }
    const other = { encoder: 'aac', rate: 48_000 };
    await record(join(folder, 'other.ts'), { encoder: 'libx264', options: x264, seconds: 4, sound: other });
    const both = ['aac.ts', 'other.ts'].map((name) => readFile(join(folder, name)));
    await writeFile(join(folder, 'changing.ts'), Buffer.concat(await Promise.all(both)));
    await record(join(folder, 'aac.mp4'), {
      ...{ encoder: 'libx264', options: x264, sound: { encoder: 'aac', rate: 16_000 } },
    });
    await record(join(folder, 'still.jpeg'), { encoder: 'mjpeg', seconds: 0.04 });
    await record(join(folder, 'reordered.mp4'), { encoder: 'libx264', options: { preset: 'veryfast' }, bFrames: 2 });
    await record(join(folder, 'h265.mp4'), {
      encoder: 'libx265',
      options: { preset: 'ultrafast', 'x265-params': 'log-level=none' },
    });
    const wide = { ...x264, 'x264-params': 'sar=16/11' };
    await record(join(folder, 'd1.mp4'), { encoder: 'libx264', options: wide, width: 704, height: 576 });
    for (const slices of [1, 4]) {
      const file = join(folder, `cut${slices}.flv`);
      const cut = { encoder: 'libx264', options: { ...x264, slices }, seconds: 4, gop: 10 };
      await record(file, cut);
      await writeFile(file, cutTags(await readFile(file)));
      await record(join(folder, `cut${slices}.mp4`), { ...cut, cut: true });
      await record(join(folder, `cut${slices}.mkv`), { ...cut, cut: true });
    }
    await record(join(folder, 'lying.mp4'), { encoder: 'libx264', options: x264 });
    await writeFile(join(folder, 'lying.mp4'), turned(await readFile(join(folder, 'lying.mp4'))));
    await record(join(folder, 'old.mp4'), { encoder: 'mpeg4' });
    server = createServer((request, response) => void serve(folder, request.url ?? '/', response)).listen(
      0,
      '127.0.0.1',
    );
    await once(server, 'listening');
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(() => Promise.all(lineups.splice(0).map((lineup) => lineup.close())));

  after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });

  /** One stream of a device that reads this source, and what a viewer of it gets. */
  function play(
    source: string | string[],
    { transcode = true, takes = () => true }: { transcode?: boolean; takes?: Takes } = {},
  ) {
    const config = parseConfig(
      JSON.stringify({ multistream: { linger: 0 }, streams: { one: { source, transcode } } }),
      'test.yaml',
    );
    const log: string[] = [];
    const lineup = new Lineup(config, pino({}, { write: (line: string) => log.push(line) }));
    lineups.push(lineup);
    const units: AccessUnit[] = [];
    const times: number[] = [];
    const changes = new Changes();
    const reading = (lineup.streams.get('one') as Stream).read(
      {
        unit: (unit) => {
          units.push(unit);
          times.push(performance.now());
          changes.wake();
        },
        changed: changes.wake,
      },
      takes,
    );
    return {
      lineup,
      reading,
      units,
      times,
      log,
      received: async (count: number) => {
        await changes.until(() => units.length >= count || reading.reason !== '');
        assert.equal(reading.reason, '');
      },
      refusal: async () => {
        await changes.until(() => reading.reason !== '');
        return reading.reason;
      },
    };
  }

  /** The NAL unit types of an H.264 access unit. */
  const nals = ({ data }: AccessUnit) => nalUnitsOf(data).map((unit) => unit.readUInt8(0) & 0x1f);

  for (const [name, of] of [
    ['an MPEG-TS stream', 'plain.ts'],
    ['an FLV stream', 'plain.flv'],
    ['an HLS playlist', 'playlist.m3u8'],
  ] as const) {
    it(`may be ${name} over HTTP`, async () => {
      const { units, reading, received } = play(`${address}/${of}`);
      await received(5);
      assert.deepEqual(reading.format, { codec: 'H264', width: 320, height: 180 });
      assert.ok(units[0]?.keyframe);
      assert.ok(
        [7, 8, 5].every((type) => nals(units[0] as AccessUnit).includes(type)),
        'parameter sets, then the picture',
      );
    });
  }

  it('may be MJPEG over HTTP, which is transcoded', async () => {
    const { units, reading, received } = play(`${address}/mjpeg`);
    await received(5);
    assert.deepEqual(reading.format, { codec: 'H264', width: 320, height: 180 });
    assert.ok(units[0]?.keyframe);
  });

  for (const [rate, wanted, expected] of [
    [5, 5, 200],
    [5, 2, 500],
    [25, 10, 100],
  ] as const) {
    it(`of ${rate} pictures a second without times has the rate of #fps=${wanted}`, async () => {
      const { units, received } = play(`ffmpeg:${address}/mjpeg?rate=${rate}#video=h264#fps=${wanted}`);
      await received(9);
      // The first interval begins wherever the camera was.
      const interval = ((units[8]?.timestamp ?? 0) - (units[1]?.timestamp ?? 0)) / 7000;
      assert.ok(Math.abs(interval - expected) < expected * 0.3, `${interval} ms instead of ${expected}`);
    });
  }

  it('is encoded once for all who watch it, and its camera rests when the last of them has left', async () => {
    const { lineup, reading, units, received } = play(`${address}/mjpeg`);
    const others: AccessUnit[] = [];
    const other = (lineup.streams.get('one') as Stream).read({ unit: (unit) => others.push(unit), changed: () => {} });
    await received(20);
    assert.ok(
      units.every(({ timestamp }, index) => index === 0 || timestamp > (units[index - 1] as AccessUnit).timestamp),
    );
    assert.deepEqual(
      others.map(({ timestamp }) => timestamp),
      units.map(({ timestamp }) => timestamp),
    );
    reading.close();
    other.close();
    assert.equal(lineup.camera('one')?.state, 'idle');
  });

  for (const [name, file] of [
    ['recording', 'plain.mp4'],
    ['raw recording', 'plain.h264'],
  ] as const) {
    it(`may be a ${name}, played in real time and again and again`, async () => {
      const { units, times, received } = play(`file:${join(folder, file)}`);
      await received(75);
      const [first, last] = [units[0], units[74]] as [AccessUnit, AccessUnit];
      const rises = units.every(
        ({ timestamp }, index) => index === 0 || timestamp > (units[index - 1] as AccessUnit).timestamp,
      );
      assert.ok(rises, 'time goes on when the recording begins again');
      assert.equal(Math.round((last.timestamp - first.timestamp) / 40_000), 74);
      const took = (times[74] as number) - (times[0] as number);
      assert.ok(took > 2700, `75 frames of 40 ms took ${took} ms`);
      // By now there may be more of them.
      assert.equal(units.slice(0, 75).filter(({ keyframe }) => keyframe).length, 3);
    });
  }

  for (const [slices, container] of [
    [1, 'flv'],
    [4, 'flv'],
    [1, 'mp4'],
    [4, 'mp4'],
    [1, 'mkv'],
    [4, 'mkv'],
  ] as const) {
    it(`may be cut into a packet for each unit in ${container}, with ${slices} slices a picture: a picture is one unit`, async () => {
      const { units, received } = play(`file:${join(folder, `cut${slices}.${container}`)}`);
      await received(40);
      // The first one is lost where only the second slice tells how the container cuts.
      const whole = units.slice(1, 40).map((unit) => nals(unit).filter((type) => type === 1 || type === 5).length);
      assert.deepEqual([...new Set(whole)], [slices]);
      const steps = units.slice(2, 40).map(({ timestamp }, index) => timestamp - (units[index + 1]?.timestamp ?? 0));
      // Matroska counts milliseconds.
      assert.ok(
        steps.every((step) => Math.abs(step - 40_000) <= 1000),
        steps.join(),
      );
    });
  }

  it('is upright where it is a recording that lies on its side', async () => {
    const { reading, received, lineup } = play(`file:${join(folder, 'lying.mp4')}`);
    await received(3);
    assert.deepEqual(reading.format, { codec: 'H264', width: 180, height: 320 });
    const still = await reading.still(180);
    assert.deepEqual(jpegSize(still), [180, 320]);
    assert.equal(lineup.camera('one')?.state, 'running');
  });

  it('of pixels that are not square says their shape where it is passed on', async () => {
    const { reading, received } = play(`file:${join(folder, 'd1.mp4')}`);
    await received(3);
    const { width, height, aspect = 1 } = reading.format ?? { width: 0, height: 0 };
    assert.deepEqual([width, height, Math.round(width * aspect)], [704, 576, 1024]);
  });

  for (const [name, of] of [
    ['B-frames', 'reordered.mp4'],
    ['H.265', 'h265.mp4'],
    ['MPEG-4', 'old.mp4'],
  ] as const) {
    it(`is transcoded by itself where it has ${name}, in order and whole`, async () => {
      const { units, reading, received } = play(`file:${join(folder, of)}`, { takes: ({ codec }) => codec === 'H264' });
      await received(60);
      assert.deepEqual(reading.format, { codec: 'H264', width: 320, height: 180 });
      assert.ok(nals(units[0] as AccessUnit).includes(7));
      assert.ok(
        units.every(({ timestamp }, index) => index === 0 || timestamp > (units[index - 1] as AccessUnit).timestamp),
      );
    });

    it(`is refused with the reason where it has ${name} and may not be transcoded`, async () => {
      const { refusal } = play(`file:${join(folder, of)}`, {
        transcode: false,
        takes: ({ codec }) => codec === 'H264',
      });
      assert.match(await refusal(), /^codec mismatch: the camera's video /);
    });
  }

  it('is transcoded as a source of its own name says', async () => {
    const sources = [`file:${join(folder, 'h265.mp4')}`, 'ffmpeg:one#video=h264#height=90#audio=opus'];
    const { reading, received } = play(sources, { takes: ({ codec }) => codec === 'H264' });
    await received(3);
    assert.deepEqual(reading.format, { codec: 'H264', width: 160, height: 90 });
  });

  it('has the bitrate, the rate and the key frames that its parameters say', async () => {
    const { units, reading, received } = play(
      `ffmpeg:file:${join(folder, 'plain.mp4')}#video=h264#width=160#fps=5#gop=3#bitrate=100`,
    );
    await received(9);
    assert.deepEqual(reading.format, { codec: 'H264', width: 160, height: 90 });
    assert.deepEqual(
      units.slice(0, 9).map(({ keyframe }) => keyframe),
      [true, false, false, true, false, false, true, false, false],
    );
    const seconds = ((units[8]?.timestamp ?? 0) - (units[0]?.timestamp ?? 0)) / 1e6;
    assert.ok(Math.abs(seconds - 1.6) < 0.3, `${seconds} s for 8 intervals of 0.2`);
  });

  it('is encoded in software where the hardware that was asked for is not there, and the log says why', async () => {
    const { received, log } = play(`ffmpeg:file:${join(folder, 'plain.mp4')}#video=h264#hardware`);
    await received(3);
    const [, name, why] =
      /encodes 320x180 with (\w+)(?:, since there is no hardware for it: (.*))?"/.exec(log.join('')) ?? [];
    assert.ok(name !== undefined);
    // A machine that has such hardware uses it.
    assert.ok(
      name !== 'libx264' ||
        /h264_nvenc: .*, h264_qsv: .*, h264_vaapi: no such card: .*, h264_v4l2m2m: .*, h264_vulkan: /.test(why ?? ''),
      `${name}: ${why}`,
    );
  });

  it('gives a still of what it shows, in the width that is asked for', async () => {
    const { reading, received } = play(`file:${join(folder, 'plain.mp4')}`);
    await received(3);
    for (const width of [undefined, 160]) {
      const jpeg = await reading.still(width);
      assert.equal(jpeg.subarray(0, 2).toString('hex'), 'ffd8');
      // Start of frame: its length, its precision, then height and width (ITU-T T.81, B.2.2).
      const frame = jpeg.indexOf('ffc0', 0, 'hex');
      assert.deepEqual(
        [jpeg.readUInt16BE(frame + 5), jpeg.readUInt16BE(frame + 7)],
        width === undefined ? [180, 320] : [90, 160],
      );
    }
  });

  for (const [parameters, width, height] of [
    ['#height=360', 640, 360],
    ['#width=512', 512, 288],
    ['', 1024, 576],
  ] as const) {
    it(`of pixels that are not square is encoded in its shape with #video=h264${parameters}`, async () => {
      const { reading, received } = play(`ffmpeg:file:${join(folder, 'd1.mp4')}#video=h264${parameters}`);
      await received(3);
      assert.deepEqual(reading.format, { codec: 'H264', width, height });
    });
  }

  it('of pixels that are not square gives stills in its shape', async () => {
    const { reading, received } = play(`file:${join(folder, 'd1.mp4')}`);
    await received(3);
    const jpeg = await reading.still(640);
    const frame = jpeg.indexOf('ffc0', 0, 'hex');
    assert.deepEqual([jpeg.readUInt16BE(frame + 7), jpeg.readUInt16BE(frame + 5)], [640, 360]);
  });

  /** The sound of a stream whose pictures are played, to a listener that takes these codecs. */
  async function listenTo(source: string, codecs: readonly AudioCodec[]) {
    const { lineup, units: pictures, times, received } = play(source);
    const changes = new Changes();
    const words: string[] = [];
    const formats: string[] = [];
    const sounds: { start: number; end: number; came: number; pickedUp: number }[] = [];
    let format: AudioFormat | null = null;
    const handle = (lineup.streams.get('one') as Stream).listen({
      takes: (codec) => codecs.includes(codec),
      format: (next) => {
        format = next;
        words.push(next.codec);
        formats.push(`${next.codec} ${next.clockRate}`);
        changes.wake();
      },
      unit: ({ ticks, data }, pickedUp) => {
        const { clockRate } = format as AudioFormat;
        const end = ticks + durationOf(data, format as AudioFormat);
        sounds.push({ start: ticks / clockRate, end: end / clockRate, came: performance.now(), pickedUp });
        changes.wake();
      },
      silent: (_, reason) => {
        words.push(reason);
        changes.wake();
      },
    });
    await changes.until(() => words.length > 0);
    return {
      pictures,
      times,
      received,
      words,
      formats,
      sounds,
      handle,
      told: (count: number) => changes.until(() => words.length >= count),
      heard: (count: number) => changes.until(() => sounds.length >= count),
    };
  }

  for (const [what, source, codec] of [
    ['AAC in MPEG-TS', 'aac.ts', 'AAC'],
    ['AAC in FLV', 'aac.flv', 'AAC'],
    ['Opus in Matroska', 'opus.mkv', 'OPUS'],
    ['G.711 in Matroska', 'pcma.mkv', 'PCMA'],
    ['MP2, which becomes Opus', 'mp2.ts', 'OPUS'],
    ['AAC in an HLS playlist', 'playlist.m3u8?aac', 'AAC'],
    ['AAC in a recording that begins again', 'file', 'AAC'],
  ] as const) {
    it(`has sound in time with its pictures: ${what}`, async () => {
      const from = source === 'file' ? `file:${join(folder, 'aac.mp4')}` : `${address}/${source}`;
      const { pictures, times, words, sounds, handle, received, heard } = await listenTo(from, ['AAC', 'OPUS', 'PCMA']);
      await received(source === 'file' ? 75 : 25);
      await heard(25);
      assert.deepEqual([...new Set(words)], [codec]);
      const gaps = sounds.slice(1).filter(({ start }, index) => Math.abs(start - (sounds[index]?.end ?? 0)) > 0.001);
      assert.ok(gaps.length <= (source === 'file' ? 2 : 0), `${gaps.length} gaps`);
      const late = sounds.flatMap(({ end, pickedUp }) => {
        const index = pictures.findIndex(({ timestamp }) => Math.abs(timestamp / 1e6 - end) < 0.021);
        return index < 0 ? [] : [Math.round(pickedUp - (times[index] as number))];
      });
      const median = late.toSorted((a, b) => a - b)[Math.floor(late.length / 2)] ?? Number.NaN;
      assert.ok(Math.abs(median) < 100, late.join());
      handle.close();
      const count = sounds.length;
      await received(pictures.length + 10);
      assert.equal(sounds.length, count);
    });
  }

  it('has the sound of an RTSP camera that sends MJPEG, which FFmpeg reads', async () => {
    const server = await startRtspServer({
      pipeline: 'jpegenc ! rtpjpegpay name=pay0 audiotestsrc is-live=true ! alawenc ! rtppcmapay name=pay1 pt=97',
    });
    try {
      const { words, times, sounds, received, heard } = await listenTo(server.address(), ['OPUS', 'PCMA']);
      await received(10);
      await heard(25);
      assert.deepEqual([...new Set(words)], ['PCMA']);
      assert.ok(Math.abs((sounds.at(-1)?.pickedUp ?? 0) - (times.at(-1) as number)) < 1000);
    } finally {
      await server.stop();
    }
  });

  for (const [what, encoder] of [
    ['that FFmpeg reads', 'jpegenc ! rtpjpegpay'],
    ['of H.264', 'x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10 threads=1 ! rtph264pay'],
  ] as const) {
    it(`plays an RTSP camera ${what} without its sound where the camera refuses to set that up`, async () => {
      const server = await startRtspServer({
        pipeline: `${encoder} name=pay0 audiotestsrc is-live=true ! alawenc ! rtppcmapay name=pay1 pt=97`,
        refuses: 1,
      });
      try {
        const { words, received, told } = await listenTo(server.address(), ['OPUS', 'PCMA']);
        await received(10);
        await told(1);
        assert.equal(words.at(-1), 'the camera refuses to send its sound');
      } finally {
        await server.stop();
      }
    });
  }

  it('has its sound described anew where its rate changes', async () => {
    const { formats, told } = await listenTo(`${address}/changing.ts?whole`, ['AAC']);
    await told(2);
    assert.deepEqual(formats.slice(0, 2), ['AAC 16000', 'AAC 48000']);
  });

  it('is said to have no sound where it has none', async () => {
    const { words } = await listenTo(`file:${join(folder, 'plain.mp4')}`, ['AAC', 'OPUS']);
    assert.deepEqual(words, ['the camera sends no sound']);
    const out = await listenTo(`ffmpeg:file:${join(folder, 'aac.mp4')}#video=copy`, ['AAC', 'OPUS']);
    assert.deepEqual(out.words, ['the configuration leaves the sound out']);
  });

  it('says what is wrong with an address that is not there, or that is no video', async () => {
    assert.match(await play(`file:${join(folder, 'absent.mp4')}`).refusal(), /does not open: No such file/);
    await writeFile(join(folder, 'half.mp4'), (await readFile(join(folder, 'plain.mp4'))).subarray(0, 1000));
    const half = await play(`file:${join(folder, 'half.mp4')}`).refusal();
    assert.match(half, /does not open: Invalid data found when processing input \(moov atom not found\)$/);
    assert.match(await play(`${address}/nothing`).refusal(), /does not open: .*404/);
    assert.match(await play(`${address}/garbage`).refusal(), /does not open: Invalid data|no video/);
    assert.match(await play('http://127.0.0.1:9/').refusal(), /Connection refused/);
  });
});

/** The same MP4 file, turned by 90 degrees: the matrix of its track header (ISO 14496-12 section 8.3). */
function turned(file: Buffer): Buffer {
  const matrix = file.indexOf('tkhd') + 44;
  for (const [index, value] of [0, 0x10000, 0, -0x10000, 0, 0].entries()) {
    file.writeInt32BE(value, matrix + 4 * index);
  }
  return file;
}

/** Width and height (ITU-T T.81 section B.2.2). */
function jpegSize(picture: Buffer): number[] {
  const frame = picture.indexOf(Buffer.from([0xff, 0xc0]));
  return [picture.readUInt16BE(frame + 7), picture.readUInt16BE(frame + 5)];
}

/** The same FLV file (Adobe's video file format, 10.1), with each NAL unit in a tag of its own, and an SEI before each picture. */
function cutTags(file: Buffer): Buffer {
  const tag = (timestamp: Buffer, data: Buffer) => {
    const head = Buffer.alloc(11);
    head[0] = 9;
    head.writeUIntBE(data.length, 1, 3);
    timestamp.copy(head, 4);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(head.length + data.length);
    return Buffer.concat([head, data, size]);
  };
  const sei = Buffer.from([0, 0, 0, 5, 0x06, 0xf0, 1, 0x55, 0x80]);
  const out = [file.subarray(0, 13)];
  for (let at = 13; at + 11 <= file.length; ) {
    const length = file.readUIntBE(at + 1, 3);
    const data = file.subarray(at + 11, at + 11 + length);
    const timestamp = file.subarray(at + 4, at + 8);
    if (file[at] !== 9 || data[1] !== 1) {
      out.push(file.subarray(at, at + 15 + length));
    } else {
      out.push(tag(timestamp, Buffer.concat([Buffer.from([0x27]), data.subarray(1, 5), sei])));
      for (let unit = 5; unit < data.length; unit += 4 + data.readUInt32BE(unit)) {
        const end = unit + 4 + data.readUInt32BE(unit);
        out.push(tag(timestamp, Buffer.concat([data.subarray(0, 5), data.subarray(unit, end)])));
      }
    }
    at += 15 + length;
  }
  return Buffer.concat(out);
}

async function serve(folder: string, url: string, response: ServerResponse): Promise<void> {
  if (url === '/nothing') {
    response.writeHead(404).end();
  } else if (url === '/garbage') {
    response.end(Buffer.alloc(100_000, 'garbage'));
  } else if (url.startsWith('/playlist.m3u8')) {
    const name = url.split('?')[1] ?? 'plain';
    response.end(`#EXTM3U\n#EXT-X-TARGETDURATION:20\n#EXTINF:20,\n${name}.ts?whole\n#EXT-X-ENDLIST\n`);
  } else if (url.startsWith('/mjpeg')) {
    const rate = Number(url.split('rate=')[1] ?? 25);
    const jpeg = await readFile(join(folder, 'still.jpeg'));
    response.writeHead(200, { 'Content-Type': 'multipart/x-mixed-replace; boundary=picture' });
    while (!response.destroyed) {
      response.write(`--picture\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`);
      response.write(jpeg);
      response.write('\r\n');
      await sleep(1000 / rate);
    }
  } else {
    const [name = '', whole] = url.slice(1).split('?');
    const data = await readFile(join(folder, name)).catch(() => null);
    if (data === null) {
      response.writeHead(404).end();
      return;
    }
    // As a live server sends it: as fast as it is made.
    const step = whole === undefined ? Math.ceil(data.length / 500) : data.length;
    for (let at = 0; at < data.length && !response.destroyed; at += step) {
      response.write(data.subarray(at, at + step));
      await sleep(40);
    }
    response.end();
  }
}
