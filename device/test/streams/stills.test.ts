import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Stills, StillsBusy } from '../../src/streams/stills.ts';
import { Stream } from '../../src/streams/stream.ts';
import type { SourceHandle, StreamSink } from '../../src/streams/stream-source.ts';
import { ScriptedSource, units } from './units.ts';

/** A source whose stills the test finishes. */
class SlowSource extends ScriptedSource {
  readonly asked: { width: number | undefined; finish: () => void }[] = [];

  override open(sink: StreamSink): SourceHandle {
    const handle = super.open(sink);
    return {
      ...handle,
      still: (width: number | undefined) => {
        const still = Promise.withResolvers<Buffer>();
        this.asked.push({ width, finish: () => still.resolve(Buffer.from(`${width}`)) });
        return still.promise;
      },
    };
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the stills of all streams', () => {
  let source: SlowSource;
  let stream: Stream;
  let stills: Stills;
  let now: number;

  beforeEach(() => {
    now = 0;
    source = new SlowSource();
    stream = new Stream('one', [source], { linger: 10_000 });
    stream.read({ unit: () => {}, changed: () => {} });
    source.play(units(1));
    stills = new Stills({ atOnce: 2, waiting: 3, patience: 1000 }, () => now);
  });

  afterEach(() => stream.close());

  it('come in a few widths, however many are asked for, and not smaller than asked', async () => {
    const asked = Array.from({ length: 100 }, (_, index) => stills.take(stream, 161 + index));
    await turn();
    assert.deepEqual(
      source.asked.map(({ width }) => width),
      [240, 320],
    );
    for (const { finish } of source.asked) {
      finish();
    }
    const got = (await Promise.all(asked)).map(String);
    assert.deepEqual([got[0], got[99], new Set(got).size], ['240', '320', 2]);
  });

  it('are given up when all who asked have gone, and their camera is left', async () => {
    const camera = new ScriptedSource();
    const idle = new Stream('idle', [camera], { linger: 10_000 });
    const [first, second] = [new AbortController(), new AbortController()];
    const asked = [first, second].map(({ signal }) => stills.take(idle, 320, signal));
    const refused = Promise.all(asked.map((still) => assert.rejects(still, /no one waits/)));
    first.abort();
    assert.deepEqual([camera.opened, camera.closed], [1, 0]);
    second.abort();
    await refused;
    assert.equal(camera.closed, 1);
    // The next one begins anew, and is kept after the one who asked has left with it.
    const third = new AbortController();
    const still = stills.take(stream, 320, third.signal);
    await turn();
    source.asked[0]?.finish();
    await still;
    third.abort();
    assert.equal(String(await stills.take(stream, 320)), '320');
    assert.equal(source.asked.length, 1);
  });

  it('are made a few at a time, and one too many is refused at once', async () => {
    const asked = [160, 240, 320, 480, 640].map((width) => stills.take(stream, width));
    await turn();
    assert.equal(source.asked.length, 2);
    await assert.rejects(stills.take(stream, 960), StillsBusy);
    for (let made = 0; made < 5; made++) {
      source.asked[made]?.finish();
      await turn();
    }
    assert.deepEqual((await Promise.all(asked)).map(String), ['160', '240', '320', '480', '640']);
  });

  it('are given again within a second, and up to ten seconds where there is no room for a fresh one', async () => {
    const first = stills.take(stream, 960);
    await turn();
    source.asked[0]?.finish();
    await first;
    now = 999;
    assert.equal(String(await stills.take(stream, 960)), '960');
    assert.equal(source.asked.length, 1);
    now = 5000;
    const others = [160, 240, 320, 480, 640].map((width) => stills.take(stream, width));
    await turn();
    assert.equal(String(await stills.take(stream, 960)), '960');
    now = 10_000;
    await assert.rejects(stills.take(stream, 960), StillsBusy);
    for (let made = 1; made < 6; made++) {
      source.asked[made]?.finish();
      await turn();
    }
    await Promise.all(others);
  });

  it('of a camera that shows nothing hold up no others, and end with a reason', async () => {
    const dead = new Stream('dead', [new SlowSource()], { linger: 0 });
    const asked = [160, 240, 320].map((width) => assert.rejects(stills.take(dead, width), /no picture within 1 s/));
    const good = stills.take(stream, 160);
    await turn();
    source.asked[0]?.finish();
    assert.equal(String(await good), '160');
    await Promise.all(asked);
    dead.close();
  });

  it('that are never finished give their place back', async () => {
    await Promise.all([160, 240].map((width) => assert.rejects(stills.take(stream, width), /no picture within 1 s/)));
    const next = stills.take(stream, 320);
    await turn();
    source.asked.at(-1)?.finish();
    assert.equal(String(await next), '320');
  });
});
