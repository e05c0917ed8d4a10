import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type SlotState, slotStates } from '../../../src/protocol/messages.ts';
import type { StreamRegistry } from '../streams/registry.ts';

/** Read when the metrics are asked for, and not before. */
export interface MetricsSources {
  streams: StreamRegistry;
  cameras(): Iterable<{ readonly name: string; readonly restarts: number }>;
  sessions(): Iterable<ObservedSession>;
}

export interface ObservedSession {
  readonly id: string;
  readonly slots: Iterable<{ status: SlotState }>;
  /** Bits a second; null while the viewer has not said. */
  readonly estimate: number | null;
}

/** `GET /metrics`, in Prometheus's words. What happens is counted here; what is, is read from its owners. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #switches: Histogram;
  /** Thousands a second: a plain sum, which the counters take when they are asked. */
  readonly #sent = { frames: 0, bytes: 0 };

  constructor(sources: MetricsSources) {
    const registers = [this.#registry];
    // The lag of the event loop is sampled by a timer; every 10 ms, as by default, is most of what an idle device does.
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: 100 });
    this.#switches = new Histogram({
      name: 'multistream_switch_seconds',
      help: 'From the request for another stream to its first key frame on the track.',
      // A warm stream takes a few milliseconds, a camera that has to be opened some hundred.
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10],
      registers,
    });
    gauge(
      'multistream_sessions',
      'Sessions: open WebSockets, and single streams that play on without theirs.',
      [],
      (set) => set({}, [...sources.sessions()].length),
    );
    gauge('multistream_slots', 'Slots of all sessions by status.', ['status'], (set) => {
      const statuses = Array.from(sources.sessions(), ({ slots }) => Array.from(slots, ({ status }) => status)).flat();
      for (const status of slotStates) {
        set({ status }, statuses.filter((one) => one === status).length);
      }
    });
    gauge(
      'multistream_viewer_estimate_bits_per_second',
      'What a viewer takes its link for, where it says so.',
      ['session'],
      (set) => {
        for (const { id, estimate } of sources.sessions()) {
          if (estimate !== null) {
            set({ session: id }, estimate);
          }
        }
      },
    );
    gauge('multistream_stream_viewers', 'Slots that read a stream.', ['stream'], (set) => {
      for (const { name, readers } of sources.streams) {
        set({ stream: name }, readers);
      }
    });
    gauge('multistream_stream_live', '1 while pictures come, 0 otherwise.', ['stream'], (set) => {
      for (const { name, state } of sources.streams) {
        set({ stream: name }, state === 'live' ? 1 : 0);
      }
    });
    counter('multistream_received_frames_total', 'Pictures of a stream.', ['stream'], (add) => {
      for (const { name, received } of sources.streams) {
        add({ stream: name }, received.frames);
      }
    });
    counter('multistream_received_bytes_total', 'Bytes of coded pictures of a stream.', ['stream'], (add) => {
      for (const { name, received } of sources.streams) {
        add({ stream: name }, received.bytes);
      }
    });
    counter('multistream_sent_frames_total', 'Pictures that were sent to viewers.', [], (add) => {
      add({}, this.#sent.frames);
    });
    counter('multistream_sent_bytes_total', 'Bytes of coded pictures that were sent, without headers.', [], (add) => {
      add({}, this.#sent.bytes);
    });
    counter('multistream_camera_restarts_total', 'Processes of a camera after its first.', ['camera'], (add) => {
      for (const { name, restarts } of sources.cameras()) {
        add({ camera: name }, restarts);
      }
    });

    function gauge(name: string, help: string, labelNames: string[], read: (set: Write) => void): void {
      new Gauge({
        name,
        help,
        labelNames,
        registers,
        collect() {
          this.reset();
          read((labels, value) => this.set(labels, value));
        },
      });
    }

    /** Counted elsewhere; what is told is the sum. */
    function counter(name: string, help: string, labelNames: string[], read: (add: Write) => void): void {
      new Counter({
        name,
        help,
        labelNames,
        registers,
        collect() {
          this.reset();
          read((labels, value) => this.inc(labels, value));
        },
      });
    }
  }

  switched(milliseconds: number): void {
    this.#switches.observe(milliseconds / 1000);
  }

  sent(bytes: number): void {
    this.#sent.frames++;
    this.#sent.bytes += bytes;
  }

  /** Only for those who see every stream: each is named here. */
  serve(app: FastifyInstance): void {
    app.get('/metrics', async ({ viewer }, reply) => {
      if (!viewer.seesAll) {
        return reply.code(403).send({ error: 'the metrics are for those who may see every stream' });
      }
      return reply.type(this.#registry.contentType).send(await this.#registry.metrics());
    });
  }
}

type Write = (labels: Record<string, string>, value: number) => void;
