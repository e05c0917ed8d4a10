import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import type { AccessUnit, StreamFormat } from '../../src/media/access-unit.ts';
import type { Reading } from '../../src/streams/reading.ts';
import { Stream } from '../../src/streams/stream.ts';
import type { StreamSink } from '../../src/streams/stream-source.ts';
import { ScriptedSource, units } from './units.ts';

function reader() {
  const got: AccessUnit[] = [];
  let changes = 0;
  return {
    got,
    get changes() {
      return changes;
    },
    unit: (unit: AccessUnit) => got.push(unit),
    changed: () => {
      changes++;
    },
  };
}

describe('a stream', () => {
  let source: ScriptedSource;
  let stream: Stream;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    source = new ScriptedSource();
    stream = new Stream('camera1', [source], { linger: 10_000 });
  });

  afterEach(() => {
    stream.close();
    mock.timers.reset();
  });

  it('starts its source with the first reader, once', () => {
    assert.equal(stream.state, 'idle');
    stream.read(reader());
    stream.read(reader());
    assert.equal(source.opened, 1);
    assert.equal(stream.state, 'starting');
    source.play(units(1));
    assert.equal(stream.state, 'live');
  });

  it('hands every unit to every reader, and has the GOP so far for who comes later', () => {
    const [one, two] = [reader(), reader()];
    stream.read(one);
    const reading = stream.read(two);
    source.play(units(3));
    assert.equal(one.got.length, 3);
    assert.equal(two.got.length, 3);
    assert.equal(reading.gop.length, 3);
  });

  it('lingers after its last reader, and stops then', () => {
    const reading = stream.read(reader());
    source.play(units(3));
    reading.close();
    reading.close();
    mock.timers.tick(9999);
    assert.deepEqual([source.closed, stream.state], [0, 'live']);
    mock.timers.tick(1);
    assert.deepEqual([source.closed, stream.state], [1, 'idle']);
  });

  it('stays warm when someone joins while it lingers', () => {
    stream.read(reader()).close();
    mock.timers.tick(5000);
    stream.read(reader());
    mock.timers.tick(60_000);
    assert.deepEqual([source.opened, source.closed], [1, 0]);
  });

  it('forgets the GOP of a source that is gone, and says why', () => {
    const one = reader();
    const reading = stream.read(one);
    source.play(units(3));
    source.sink?.offline('Connection refused');
    assert.deepEqual([stream.state, stream.reason, reading.gop.length], ['offline', 'Connection refused', 0]);
    source.play(units(2));
    assert.deepEqual([stream.state, stream.reason, reading.gop.length], ['live', '', 2]);
    // The format and the first key frame, the loss, and the format and the first key frame again.
    assert.equal(one.changes, 5);
  });

  it('asks a running source for a key frame when there is none for a reader that joins', () => {
    stream.read(reader());
    assert.equal(source.keyframes, 0);
    stream.read(reader());
    assert.equal(source.keyframes, 1);
  });

  it('asks its source for a key frame twice a second at most, however many readers want one', () => {
    const clock = mock.method(performance, 'now', () => 1000);
    const readings = [stream.read(reader()), stream.read(reader())];
    source.play(units(1));
    const ask = (now: number) => {
      clock.mock.mockImplementation(() => now);
      for (const reading of readings) {
        reading.requestKeyframe();
      }
      return source.keyframes;
    };
    // The second reader that joined before there was a picture has asked already.
    assert.deepEqual([1000, 1499, 1500, 1999, 2000].map(ask), [1, 1, 2, 2, 3]);
    clock.mock.restore();
  });
});

describe('a stream in two forms', () => {
  const h265: StreamFormat = { codec: 'H265', profile: 1, width: 640, height: 360 };
  const h264: StreamFormat = { codec: 'H264', width: 640, height: 360 };
  const old = ({ codec }: StreamFormat) => codec === 'H264';
  let camera: ScriptedSource;
  let encoder: ScriptedSource;
  let stream: Stream;

  beforeEach(() => {
    camera = new ScriptedSource();
    encoder = new ScriptedSource(true);
    stream = new Stream('camera1', [camera, encoder], { linger: 10_000 });
  });

  afterEach(() => stream.close());

  const send = (source: ScriptedSource, format: StreamFormat, first: number) => {
    source.sink?.format(format);
    source.send(units(2, 50, first));
  };
  const numbers = ({ got }: { got: AccessUnit[] }) => got.map(({ data }) => data.at(-1));

  it('gives each reader the first form that it takes, both at once', () => {
    const [modern, simple] = [reader(), reader()];
    const one = stream.read(modern);
    const two = stream.read(simple, old);
    send(camera, h265, 0);
    send(encoder, h264, 100);
    assert.deepEqual(
      [numbers(modern), numbers(simple)],
      [
        [0, 1],
        [100, 101],
      ],
    );
    assert.deepEqual([one.format?.codec, two.format?.codec, two.state], ['H265', 'H264', 'live']);
    assert.deepEqual([one.encodes, two.encodes], [false, true]);
  });

  it('encodes nothing while everyone takes what the camera sends', () => {
    stream.read(reader());
    send(camera, h265, 0);
    stream.read(reader());
    assert.equal(encoder.opened, 0);
  });

  it('asks a camera only once what it sends, for as long as it runs', () => {
    stream.read(reader(), old);
    send(camera, h265, 0);
    send(encoder, h264, 100);
    stream.read(reader(), old);
    assert.deepEqual([camera.opened, encoder.opened, stream.state], [1, 1, 'live']);
  });

  it('encodes what no browser takes, also when that shows late', () => {
    const one = reader();
    const reading = stream.read(one);
    send(camera, h264, 0);
    camera.sink?.unplayable('has B-frames');
    assert.equal(reading.state, 'starting');
    send(encoder, h264, 100);
    assert.deepEqual(numbers(one), [0, 1, 100, 101]);
  });

  it('says why a reader gets nothing, and plays as soon as that changes', () => {
    stream.close();
    stream = new Stream('camera1', [camera], { linger: 10_000 });
    const one = reader();
    const reading = stream.read(one, old);
    send(camera, h265, 0);
    assert.deepEqual([reading.state, reading.gop.length, numbers(one)], ['mismatch', 0, []]);
    assert.match(reading.reason, /^codec mismatch: the camera's video is H265, which this browser does not take; /);
    camera.sink?.unplayable('has B-frames');
    assert.match(reading.reason, /^codec mismatch: the camera's video has B-frames; /);
    send(camera, h264, 5);
    assert.deepEqual([reading.state, numbers(one)], ['live', [5, 6]]);
  });

  it('forgets what its camera sends when that goes, and asks the one that comes back', () => {
    stream.read(reader(), old);
    send(camera, h265, 0);
    send(encoder, h264, 100);
    camera.sink?.offline('gone');
    encoder.sink?.offline('gone');
    const late = reader();
    stream.read(late, old);
    send(camera, h264, 50);
    assert.deepEqual(numbers(late), [50, 51]);
  });

  it('encodes once, however many readers need it, and stops with the last of them', () => {
    const readers = [reader(), reader(), reader()];
    const readings = readers.map((one) => stream.read(one, old));
    mock.timers.enable({ apis: ['setTimeout'] });
    camera.sink?.unplayable('is MJPEG');
    send(encoder, h264, 0);
    assert.deepEqual([camera.opened, encoder.opened, ...readers.map(numbers)], [1, 1, [0, 1], [0, 1], [0, 1]]);
    for (const reading of readings) {
      reading.close();
    }
    mock.timers.tick(10_000);
    mock.timers.reset();
    assert.deepEqual([camera.closed, encoder.closed, stream.state], [1, 1, 'idle']);
  });

  it('opens a source once, also where that answers while it is being opened', () => {
    stream.close();
    const open = encoder.open.bind(encoder);
    encoder.open = (sink) => {
      const handle = open(sink);
      sink.format(h264);
      return handle;
    };
    stream = new Stream('camera1', [encoder], { linger: 0 });
    const readings: Reading[] = [];
    const late = { unit: () => {}, changed: () => {} };
    const first = stream.read({ unit: () => {}, changed: () => readings.push(stream.read(late)) });
    stream.read(late).close();
    first.close();
    for (const reading of readings) {
      reading.close();
    }
    assert.deepEqual([encoder.opened, encoder.closed, stream.state], [1, 1, 'idle']);
  });

  it('is kept warm in the form that can be played', () => {
    stream.close();
    stream = new Stream('camera1', [camera, encoder], { linger: 0, preload: true });
    camera.sink?.unplayable('is MJPEG');
    send(encoder, h264, 0);
    assert.deepEqual([stream.state, stream.readers, encoder.closed], ['live', 0, 0]);
  });
});

describe('a stream that the configuration changes', () => {
  let before: ScriptedSource;
  let after: ScriptedSource;
  let stream: Stream;
  let one: ReturnType<typeof reader>;

  beforeEach(() => {
    before = new ScriptedSource();
    after = new ScriptedSource();
    one = reader();
    stream = new Stream('camera1', [before], { linger: 10_000 });
  });

  afterEach(() => stream.close());

  it('plays on from its old source until the new one has a key frame', () => {
    const reading = stream.read(one);
    before.play(units(2));
    stream.replace([after], { linger: 10_000 });
    before.send(units(2, 50, 2).slice(1));
    after.play(units(2, 50, 8).slice(1), 1280, 720);
    assert.deepEqual([before.closed, reading.format?.width], [0, 640]);
    after.send(units(2, 50, 20));
    assert.deepEqual(
      one.got.map(({ data }) => data.at(-1)),
      [0, 1, 3, 20, 21],
    );
    assert.deepEqual([before.closed, reading.format?.width], [1, 1280]);
  });

  it('says so when the new source does not play', () => {
    const reading = stream.read(one);
    before.play(units(2));
    stream.replace([after], { linger: 10_000 });
    after.sink?.offline('Connection refused');
    assert.deepEqual([reading.state, reading.reason, before.closed], ['offline', 'Connection refused', 1]);
    after.play(units(1));
    assert.deepEqual([reading.state, one.got.length], ['live', 3]);
  });

  it('does not wait for a source that showed nothing', () => {
    stream.read(one);
    stream.replace([after], { linger: 10_000 });
    assert.deepEqual([before.closed, after.opened], [1, 1]);
  });

  it('starts nothing without a viewer, and ends what only lingers', () => {
    stream.read(one).close();
    stream.replace([after], { linger: 10_000 });
    assert.deepEqual([before.closed, after.opened, stream.state], [1, 0, 'idle']);
  });

  it('changes over once for all of its readers', () => {
    const two = reader();
    stream.read(one);
    stream.read(two);
    before.play(units(2));
    stream.replace([after], { linger: 10_000 });
    assert.equal(after.opened, 1);
    before.send(units(2, 50, 2).slice(1));
    after.play(units(2, 50, 20));
    const numbers = [0, 1, 3, 20, 21];
    assert.deepEqual(
      [one, two].map(({ got }) => got.map(({ data }) => data.at(-1))),
      [numbers, numbers],
    );
    assert.equal(before.closed, 1);
  });

  it('plays on when its source wants to be opened again, and leaves it as it was where that fails', () => {
    stream.read(one);
    before.play(units(1));
    const first = before.sink as StreamSink;
    first.renew();
    const second = before.sink as StreamSink;
    assert.equal(before.opened, 2);
    second.offline('refused');
    first.unit({ ...(units(1)[0] as AccessUnit), keyframe: false });
    assert.deepEqual([before.closed, stream.state, one.got.length], [1, 'live', 2]);
    first.renew();
    before.play(units(1));
    assert.deepEqual([before.opened, before.closed, one.got.length], [3, 2, 3]);
  });

  it('is asked anew what it sends, while readers of its encoded form play on', () => {
    const encoders = [new ScriptedSource(true), new ScriptedSource(true)] as const;
    stream.close();
    stream = new Stream('camera1', [before, encoders[0]], { linger: 0 });
    stream.read(one);
    before.sink?.unplayable('is MJPEG');
    encoders[0].play(units(2));
    stream.replace([after, encoders[1]], { linger: 0 });
    encoders[0].send(units(2, 50, 2).slice(1));
    encoders[1].play(units(1, 50, 10));
    after.play(units(2, 50, 20));
    encoders[1].send(units(2, 50, 11).slice(1));
    assert.deepEqual(
      one.got.map(({ data }) => data.at(-1)),
      [0, 1, 3, 10, 20, 21],
    );
    assert.deepEqual([encoders[0].closed, encoders[1].closed, after.closed, stream.readers], [1, 1, 0, 1]);
  });

  it('ends the asking when the new source is of no use as it comes', () => {
    const encoders = [new ScriptedSource(true), new ScriptedSource(true)] as const;
    stream.close();
    stream = new Stream('camera1', [before, encoders[0]], { linger: 0 });
    stream.read(one);
    before.sink?.unplayable('is MJPEG');
    encoders[0].play(units(2));
    stream.replace([after, encoders[1]], { linger: 0 });
    after.sink?.unplayable('is MJPEG too');
    encoders[1].play(units(1, 50, 10));
    assert.deepEqual(
      one.got.map(({ data }) => data.at(-1)),
      [0, 1, 10],
    );
    assert.deepEqual([after.closed, stream.readers, stream.state], [1, 1, 'live']);
  });

  it('has a form more, or less, and its readers go to those that are there', () => {
    const encoder = new ScriptedSource(true);
    const h264 = ({ codec }: StreamFormat) => codec === 'H264';
    const reading = stream.read(one, h264);
    before.sink?.unplayable('is MJPEG');
    assert.equal(reading.state, 'mismatch');
    stream.replace([before, encoder], { linger: 0 });
    before.sink?.unplayable('is MJPEG');
    encoder.play(units(1));
    assert.equal(reading.state, 'live');
    stream.replace([after], { linger: 0 });
    after.play(units(1));
    assert.deepEqual([reading.state, encoder.closed, one.got.length], ['live', 1, 2]);
  });

  it('is gone for all who watch it when it is removed', () => {
    const reading = stream.read(one);
    before.play(units(1));
    const changes = one.changes;
    stream.remove();
    assert.deepEqual([reading.state, stream.state, before.closed, one.changes], ['removed', 'removed', 1, changes + 1]);
    reading.close();
    assert.equal(stream.readers, 0);
  });
});
