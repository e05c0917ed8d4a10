import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import Fastify, { type FastifyInstance } from 'fastify';
import { Metrics, type ObservedSession } from '../../src/http/metrics.ts';
import { StreamRegistry } from '../../src/streams/registry.ts';
import { Stream } from '../../src/streams/stream.ts';
import { ScriptedSource, units } from '../streams/units.ts';

describe('the metrics', () => {
  let app: FastifyInstance;
  let metrics: Metrics;
  let door: Stream;
  let source: ScriptedSource;
  let cameras: { name: string; restarts: number }[];
  let sessions: ObservedSession[];

  beforeEach(() => {
    source = new ScriptedSource();
    door = new Stream('door', [source]);
    cameras = [{ name: 'door', restarts: 3 }];
    sessions = [];
    metrics = new Metrics({
      streams: new StreamRegistry([door]),
      cameras: () => cameras,
      sessions: () => sessions,
    });
    app = Fastify();
    app.decorateRequest('viewer');
    app.addHook('onRequest', async (request) => {
      request.viewer = { maySee: () => true, seesAll: true, rights: '*' };
    });
    metrics.serve(app);
  });

  afterEach(async () => {
    door.close();
    await app.close();
  });

  async function read(name: string): Promise<number | undefined> {
    const { body } = await app.inject('/metrics');
    const line = body.split('\n').find((line) => line.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.slice(name.length + 1));
  }

  it('tell the sessions, and their slots by status', async () => {
    sessions = [
      { id: '1', slots: [{ status: 'active' }, { status: 'offline' }], estimate: null },
      { id: '2', slots: [{ status: 'active' }], estimate: 1_200_000 },
    ];
    assert.equal(await read('multistream_sessions'), 2);
    assert.equal(await read('multistream_slots{status="active"}'), 2);
    assert.equal(await read('multistream_slots{status="offline"}'), 1);
    assert.equal(await read('multistream_slots{status="error"}'), 0);
    assert.equal(await read('multistream_viewer_estimate_bits_per_second{session="2"}'), 1_200_000);
    sessions = [];
    assert.equal(await read('multistream_slots{status="active"}'), 0);
    assert.equal(await read('multistream_viewer_estimate_bits_per_second{session="2"}'), undefined);
  });

  it('count the bytes and the viewers of a stream', async () => {
    assert.equal(await read('multistream_stream_live{stream="door"}'), 0);
    door.read({ unit: () => {}, changed: () => {} });
    const sent = units(5);
    source.play(sent);
    assert.equal(await read('multistream_stream_live{stream="door"}'), 1);
    assert.equal(await read('multistream_stream_viewers{stream="door"}'), 1);
    assert.equal(await read('multistream_received_frames_total{stream="door"}'), 5);
    const bytes = sent.reduce((sum, { data }) => sum + data.length, 0);
    assert.equal(await read('multistream_received_bytes_total{stream="door"}'), bytes);
    assert.equal(await read('multistream_received_frames_total{stream="door"}'), 5, 'asking does not count');
  });

  it('tell how often a camera had to be started again', async () => {
    assert.equal(await read('multistream_camera_restarts_total{camera="door"}'), 3);
    cameras = [];
    assert.equal(await read('multistream_camera_restarts_total{camera="door"}'), undefined);
  });

  it('tell what was sent, and how long switches took', async () => {
    metrics.sent(1000);
    metrics.sent(500);
    metrics.switched(40);
    metrics.switched(400);
    assert.equal(await read('multistream_sent_frames_total'), 2);
    assert.equal(await read('multistream_sent_bytes_total'), 1500);
    assert.equal(await read('multistream_switch_seconds_bucket{le="0.05"}'), 1);
    assert.equal(await read('multistream_switch_seconds_bucket{le="0.5"}'), 2);
    assert.equal(await read('multistream_switch_seconds_count'), 2);
  });
});
