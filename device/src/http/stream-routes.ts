import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorMessage } from '../../../src/protocol/messages.ts';
import type { BinaryChannel } from '../binary-channel.ts';
import type { StreamRegistry } from '../streams/registry.ts';
import type { Stills } from '../streams/stills.ts';
import { Admission, type Admissions } from './admissions.ts';
import type { StartConversation } from './connection.ts';
import { addressOf } from './gate.ts';

/** How long a stream may take to its first picture, in milliseconds. */
const patience = 10_000;
/** How long a client may leave all that it is sent unread, in milliseconds. */
const longestPause = 10_000;
/** From one still to the next, in milliseconds. */
const stillInterval = 1000;

export interface StreamRoutesOptions {
  admissions: Admissions;
  streams: StreamRegistry;
  stills: Stills;
  startConversation: StartConversation;
}

/**
 * `GET /api/stream.mp4?src=NAME`: one stream as fragmented MP4 that does not end. `GET /api/stream.mjpeg?src=NAME`: a still a
 * second, as browsers show it in an `<img>`. Each of them counts as a session.
 */
export function serveEndlessStreams(
  app: FastifyInstance,
  { admissions, streams, stills, startConversation }: StreamRoutesOptions,
): void {
  app.get('/api/stream.mp4', async (request, reply) => {
    const admitted = admit(request, reply, admissions);
    if (admitted === null) {
      return reply;
    }
    const { admission, source } = admitted;
    const client = { ...{ address: admission.address, source, maySee: request.viewer.maySee, maxSlots: 1 } };
    const channel = new ResponseChannel(reply);
    const begun = Promise.withResolvers<ErrorMessage | null>();
    const conversation = startConversation(
      (message) => {
        if (message.type === 'mse') {
          channel.begin(message.value);
          begun.resolve(null);
        } else if (message.type === 'error') {
          begun.resolve(message);
          if (channel.hasBegun) {
            reply.raw.end();
          }
        }
      },
      { ...client, renew: (token) => admission.renew(token) },
      channel,
    );
    const end = () => {
      conversation.close();
      admission.leave();
    };
    reply.raw.once('close', end);
    admission.dismiss = () => reply.raw.destroy();
    const impatience = setTimeout(
      () => begun.resolve({ type: 'error', value: `no picture within ${patience / 1000} s` }),
      patience,
    );
    conversation.receive({ type: 'mse', value: codecsOf(addressOf(request.raw).searchParams) });
    const error = await begun.promise;
    clearTimeout(impatience);
    if (error === null) {
      return reply;
    }
    end();
    return reply.code(error.code === 'stream-not-found' ? 404 : 503).send({ error: error.value.replace(/^mse: /, '') });
  });

  app.get('/api/stream.mjpeg', async (request, reply) => {
    const admitted = admit(request, reply, admissions);
    if (admitted === null) {
      return reply;
    }
    const { admission, source } = admitted;
    reply.raw.once('close', () => admission.leave());
    admission.dismiss = () => reply.raw.destroy();
    const stream = streams.seenBy(request.viewer.maySee).get(source);
    if (stream === undefined) {
      admission.leave();
      return reply.code(404).send({ error: 'stream not found' });
    }
    const channel = new ResponseChannel(reply);
    try {
      while (!reply.raw.destroyed) {
        const wait = new Promise((resolve) => setTimeout(resolve, stillInterval));
        const jpeg = await stills.take(stream, undefined);
        if (!channel.hasBegun) {
          channel.begin('multipart/x-mixed-replace; boundary=picture');
          // Else it is shown with the next one.
          channel.send([Buffer.from('--picture\r\n')]);
        }
        const head = `Content-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`;
        channel.send([Buffer.from(head), jpeg, Buffer.from('\r\n--picture\r\n')]);
        await Promise.all([wait, channel.drained()]);
      }
    } catch (error) {
      admission.leave();
      if (!channel.hasBegun) {
        return reply.code(503).send({ error: (error as Error).message });
      }
      reply.raw.end();
    }
    return reply;
  });
}

/** @returns null where the request was answered already */
function admit(
  request: FastifyRequest,
  reply: FastifyReply,
  admissions: Admissions,
): { admission: Admission; source: string } | null {
  const source = addressOf(request.raw).searchParams.get('src');
  if (source === null) {
    reply.code(400).send({ error: 'src names a stream' });
    return null;
  }
  const admission = admissions.enter(request);
  if (!(admission instanceof Admission)) {
    reply.code(503).header('Retry-After', '5').send({ error: admission.reason });
    return null;
  }
  return { admission, source };
}

const videoCodecs: Record<string, string> = { h264: 'avc1.640033', h265: 'hvc1.1.6.L186.B0,hvc1.2.4.L186.B0' };
const soundCodecs: Record<string, string> = { aac: 'mp4a.40.2', opus: 'opus' };

/**
 * `video=h264,h265` and `audio=aac,opus` as go2rtc has them, each without a value for all; `mp4`, or nothing, is pictures and AAC,
 * and `mp4=all` is everything. A request for sound alone gets pictures too.
 */
function codecsOf(query: URLSearchParams): string {
  const [video, audio, mp4] = ['video', 'audio', 'mp4'].map((key) => query.get(key));
  const isUsual = typeof mp4 === 'string' || (video === null && audio === null);
  const usual = mp4 === 'all' ? 'aac,opus' : 'aac';
  const sound = isUsual ? usual : audio;
  return [named(videoCodecs, isUsual ? '' : video), ...(sound === null ? [] : [named(soundCodecs, sound)])].join();
}

/** The codecs that are named; all of them if none is. */
function named(codecs: Record<string, string>, names: string | null | undefined): string {
  const found = (names ?? '').split(',').flatMap((name) => codecs[name.toLowerCase()] ?? []);
  return (found.length > 0 ? found : Object.values(codecs)).join();
}

/** The body of an answer that does not end. A client that does not read it is sent nothing more, and then dismissed. */
class ResponseChannel implements BinaryChannel {
  readonly #reply: FastifyReply;
  readonly #response: ServerResponse;
  /** Writes that the system has not taken yet. */
  #writing = 0;
  #waiting: (() => void)[] = [];
  #impatience: NodeJS.Timeout | undefined;

  constructor(reply: FastifyReply) {
    this.#reply = reply;
    this.#response = reply.raw;
    this.#response.once('close', () => {
      clearTimeout(this.#impatience);
      this.#empty();
    });
  }

  get hasBegun(): boolean {
    return this.#response.headersSent;
  }

  begin(type: string): void {
    if (!this.hasBegun && !this.#response.destroyed) {
      this.#reply.header('Content-Type', type).header('Connection', 'close').hijack();
      this.#response.writeHead(200, this.#reply.getHeaders() as Record<string, string>);
    }
  }

  send(parts: readonly Uint8Array[]): void {
    if (!this.hasBegun || this.#response.destroyed) {
      return;
    }
    this.#writing++;
    this.#impatience ??= setTimeout(() => this.#response.destroy(), longestPause);
    this.#response.write(Buffer.concat(parts), () => {
      this.#writing--;
      clearTimeout(this.#impatience);
      this.#impatience = undefined;
      if (this.#writing === 0) {
        this.#empty();
      } else {
        this.#impatience = setTimeout(() => this.#response.destroy(), longestPause);
      }
    });
  }

  /** HTTP has no pings: what the system has taken counts as arrived. */
  ping(arrived: () => void): void {
    if (this.#writing === 0) {
      setImmediate(arrived);
    } else {
      this.#waiting.push(arrived);
    }
  }

  /** Resolves when the system has taken everything, or there is no client any more. */
  drained(): Promise<void> {
    return new Promise((resolve) => this.ping(resolve));
  }

  #empty(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const arrived of waiting) {
      arrived();
    }
  }
}
