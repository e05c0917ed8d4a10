import assert from 'node:assert/strict';
import { it } from 'node:test';
import fastify from 'fastify';
import { serveStills } from '../../src/http/routes.ts';
import type { StreamRegistry } from '../../src/streams/registry.ts';
import { Stills } from '../../src/streams/stills.ts';
import { Stream } from '../../src/streams/stream.ts';
import type { SourceHandle, StreamSink } from '../../src/streams/stream-source.ts';
import { ScriptedSource, units } from '../streams/units.ts';

/** A source whose stills take until the test ends. */
class SlowSource extends ScriptedSource {
  readonly #still: Promise<Buffer>;

  constructor(still: Promise<Buffer>) {
    super();
    this.#still = still;
  }

  override open(sink: StreamSink): SourceHandle {
    return { ...super.open(sink), still: () => this.#still };
  }
}

it('says when to come back where too many stills are asked for', async () => {
  const still = Promise.withResolvers<Buffer>();
  const streams = new Map<string, Stream>();
  for (let index = 0; index < 36; index++) {
    const source = new SlowSource(still.promise);
    const stream = new Stream(`s${index}`, [source], { linger: 10_000 });
    stream.read({ unit: () => {}, changed: () => {} });
    source.play(units(1));
    streams.set(stream.name, stream);
  }
  const app = fastify();
  app.decorateRequest('viewer');
  app.addHook('onRequest', async (request) => {
    Object.assign(request, { viewer: { maySee: () => true } });
  });
  serveStills(app, { seenBy: () => streams } as unknown as StreamRegistry, new Stills());
  try {
    const ask = async (name: string) => await app.inject(`/api/frame.jpeg?src=${name}`);
    const taken = [...streams.keys()].slice(0, 35).map(ask);
    // Three are made and 32 wait, so that the next has no place.
    const refused = await ask('s35');
    assert.deepEqual([refused.statusCode, refused.headers['retry-after']], [503, '1']);
    still.resolve(Buffer.from('picture'));
    assert.deepEqual(new Set((await Promise.all(taken)).map(({ statusCode }) => statusCode)), new Set([200]));
  } finally {
    still.resolve(Buffer.from('picture'));
    await app.close();
    for (const stream of streams.values()) {
      stream.close();
    }
  }
});
