import { readFile } from 'node:fs/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, getCACertificates, rootCertificates } from 'node:tls';
import type { RtspAddress } from './address.ts';
import type { Authentication } from './authentication.ts';
import { type Incoming, MessageReader, type RtspRequest, type RtspResponse } from './message-reader.ts';
import { errorOfStatus, RtspError } from './rtsp-error.ts';

export interface ConnectionOptions {
  /** Whether the certificate of an `rtsps://` camera must be valid. Most cameras have made their own. */
  readonly verifyCertificate: boolean;
  /** For the connection to be made, and for each answer, in milliseconds. */
  readonly timeoutMs: number;
}

export interface ConnectionEvents {
  /** Interleaved data; before the answer to PLAY, too. */
  packet(channel: number, data: Buffer): void;
  /** The connection is over. Told once, unless `close` was called. */
  closed(error: RtspError): void;
}

/** One connection to a camera: requests one after another, each with its answer, and packets between them. */
export class RtspConnection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #authentication: Authentication;
  readonly #events: ConnectionEvents;
  readonly #reader: MessageReader;
  readonly #channels = new Set<number>();
  #cseq = 0;
  #waiting: { cseq: number; resolve(response: RtspResponse): void; reject(error: RtspError): void } | null = null;
  /** Requests wait here for the answer to the one before. */
  #queue: Promise<unknown> = Promise.resolve();
  #endOfBody: NodeJS.Timeout | undefined;
  #over: RtspError | null = null;
  #isFlooding = { since: 0, cost: 0 };
  /** The name of the session, once there is one. */
  session: string | null = null;

  private constructor(
    socket: Socket,
    options: ConnectionOptions,
    authentication: Authentication,
    events: ConnectionEvents,
  ) {
    this.#socket = socket;
    this.#options = options;
    this.#authentication = authentication;
    this.#events = events;
    this.#reader = new MessageReader(
      (channel) => this.#channels.has(channel),
      () => {
        this.weigh(costs.packet);
        if (this.#over !== null) {
          throw this.#over;
        }
      },
    );
    socket.setNoDelay(true);
    socket.on('error', (error) => this.#end(new RtspError('closed', `the connection broke: ${wordsOf(error)}`)));
    socket.on('close', () => this.#end(new RtspError('closed', 'the camera closed the connection')));
  }

  /** @throws {RtspError} unreachable or timeout */
  static async open(
    address: RtspAddress,
    options: ConnectionOptions,
    authentication: Authentication,
    events: ConnectionEvents,
    signal: AbortSignal,
  ): Promise<RtspConnection> {
    const { host, port, tls } = address;
    // A camera has nothing to say before it is asked.
    let read = (_data: Buffer) => {};
    const onread = {
      buffer: arrivals,
      callback: (length: number) => {
        read(arrivals.subarray(0, length));
        return true;
      },
    };
    const socket = tls
      ? connectTls({
          host,
          port,
          rejectUnauthorized: options.verifyCertificate,
          ...(options.verifyCertificate && { ca: await trusted() }),
          // Old cameras know nothing newer.
          ...(!options.verifyCertificate && { minVersion: 'TLSv1' as const, ciphers: 'DEFAULT@SECLEVEL=0' }),
          // Certificates of cameras rarely name an IP address.
          ...(isIP(host) === 0 ? { servername: host } : { checkServerIdentity: () => undefined }),
        })
      : connectTcp({ host, port, onread });
    const opened = Promise.withResolvers<void>();
    const abort = () => opened.reject(new RtspError('closed', 'the connection was given up'));
    const slow = setTimeout(
      () =>
        opened.reject(
          new RtspError('timeout', `the camera cannot be reached: no answer for ${options.timeoutMs / 1000} s`),
        ),
      options.timeoutMs,
    );
    const fail = (error: Error) => opened.reject(toUnreachable(error));
    socket.once(tls ? 'secureConnect' : 'connect', opened.resolve).once('error', fail);
    signal.addEventListener('abort', abort, { once: true });
    try {
      signal.throwIfAborted();
      await opened.promise;
      const connection = new RtspConnection(socket, options, authentication, events);
      read = (data) => connection.#read(data);
      if (tls) {
        socket.on('data', read);
      }
      return connection;
    } catch (error) {
      socket.on('error', () => {}).destroy();
      throw error;
    } finally {
      clearTimeout(slow);
      signal.removeEventListener('abort', abort);
      socket.removeListener('error', fail);
    }
  }

  get localAddress(): string {
    return this.#socket.localAddress ?? '';
  }

  get remoteAddress(): string {
    return this.#socket.remoteAddress ?? '';
  }

  /** Why it is over; null as long as it is not. */
  get over(): RtspError | null {
    return this.#over;
  }

  /** Packets on this channel are expected from now on. */
  expect(channel: number): void {
    this.#channels.add(channel);
  }

  /**
   * Sends a request, and again with an Authorization if the camera asks for one.
   * @throws {RtspError} unless the answer is a success or a redirect
   */
  request(method: string, uri: string, headers: Record<string, string> = {}): Promise<RtspResponse> {
    const answered = this.#queue.then(() => this.#ask(method, uri, headers));
    this.#queue = answered.catch(() => {});
    return answered;
  }

  /** Sends interleaved data. */
  send(channel: number, data: Buffer): void {
    // A camera that reads nothing must not make the device keep what it does not read.
    if (this.#over === null && this.#socket.writableLength < mostUnsent) {
      const head = Buffer.from([0x24, channel, 0, 0]);
      head.writeUInt16BE(data.length, 2);
      this.#socket.write(Buffer.concat([head, data]));
    }
  }

  /** Says nothing more to the camera; `closed` is not told. */
  close(): void {
    if (this.#over === null) {
      this.#over = new RtspError('closed', 'the connection was closed');
      this.#finish(this.#over);
    }
  }

  async #ask(method: string, uri: string, headers: Record<string, string>): Promise<RtspResponse> {
    for (let tries = 1; ; tries++) {
      const authorization = this.#authentication.answer(method, uri);
      const response = await this.#exchange(method, uri, {
        ...headers,
        ...(authorization !== null && { Authorization: authorization }),
      });
      const { status } = response;
      if (status < 400) {
        this.#authentication.accept();
        return response;
      }
      const challenges = response.headers.get('www-authenticate') ?? [];
      const mayTry = status === 401 && tries < mostTries;
      if (!mayTry || !this.#authentication.take(challenges, authorization !== null)) {
        throw errorOfStatus(status, this.#authentication.refusal);
      }
    }
  }

  async #exchange(method: string, uri: string, headers: Record<string, string>): Promise<RtspResponse> {
    if (this.#over !== null) {
      throw this.#over;
    }
    const cseq = ++this.#cseq;
    const answer = Promise.withResolvers<RtspResponse>();
    this.#waiting = { cseq, resolve: answer.resolve, reject: answer.reject };
    const { timeoutMs } = this.#options;
    const slow = setTimeout(
      () =>
        answer.reject(
          new RtspError('timeout', `the camera does not answer ${method}: no answer for ${timeoutMs / 1000} s`),
        ),
      timeoutMs,
    );
    const lines = {
      CSeq: String(cseq),
      'User-Agent': userAgent,
      ...(this.session !== null && { Session: this.session }),
      ...headers,
    };
    const text = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#socket.write(`${method} ${uri} RTSP/1.0\r\n${text.join('')}\r\n`);
    try {
      return await answer.promise;
    } finally {
      clearTimeout(slow);
      this.#waiting = null;
    }
  }

  #read(data: Buffer): void {
    if (this.#over !== null) {
      return;
    }
    clearTimeout(this.#endOfBody);
    try {
      this.weigh(data.length);
      this.#takeAll(this.#reader.push(data));
    } catch (error) {
      this.#end(error instanceof RtspError ? error : new RtspError('malformed', 'what the camera sends is broken'));
      return;
    }
    if (this.#reader.isInBody) {
      this.#endOfBody = setTimeout(() => this.#takeAll(this.#reader.endBody()), bodySilenceMs);
    }
  }

  #takeAll(incoming: readonly Incoming[]): void {
    for (const one of incoming) {
      if (this.#over !== null) {
        return;
      }
      switch (one.kind) {
        case 'packet':
          this.weigh(costs.packet);
          this.#events.packet(one.channel, one.data);
          break;
        case 'response':
          this.weigh(costs.message);
          this.#takeResponse(one);
          break;
        case 'request':
          this.weigh(costs.message);
          this.#takeRequest(one);
          break;
      }
    }
  }

  /** An answer without a number, or with one that was never asked, is the answer to what is waited for: some cameras err. */
  #takeResponse(response: RtspResponse): void {
    const cseq = Number(response.headers.get('cseq')?.[0] ?? Number.NaN);
    const isOld = cseq < (this.#waiting?.cseq ?? 0) && cseq > 0;
    if (!isOld && response.status >= 200) {
      this.#waiting?.resolve(response);
    }
  }

  /** Cameras ask too: mostly whether the client still lives. */
  #takeRequest({ method, headers }: RtspRequest): void {
    const isKnown = ['OPTIONS', 'GET_PARAMETER', 'SET_PARAMETER', 'ANNOUNCE', 'REDIRECT', 'TEARDOWN'].includes(method);
    const cseq = headers.get('cseq')?.[0]?.slice(0, 20);
    if (this.#socket.writableLength < mostUnsent) {
      this.#socket.write(
        `RTSP/1.0 ${isKnown ? '200 OK' : '501 Not Implemented'}\r\n${cseq === undefined ? '' : `CSeq: ${cseq}\r\n`}` +
          `${method === 'OPTIONS' ? 'Public: OPTIONS, GET_PARAMETER\r\n' : ''}\r\n`,
      );
    }
    if (method === 'REDIRECT' || method === 'TEARDOWN') {
      this.#end(new RtspError('closed', 'the camera ended the session'));
    }
  }

  /**
   * Counts what the camera sends, whichever way it comes. A camera that sends far more than video needs would take the time of
   * all others, and is given up.
   * @param cost bytes, or what takes as long as so many
   */
  weigh(cost: number): void {
    const now = performance.now();
    if (now - this.#isFlooding.since > floodWindowMs) {
      this.#isFlooding = { since: now, cost: 0 };
    }
    this.#isFlooding.cost += cost;
    if (this.#isFlooding.cost > mostPerWindow) {
      this.#end(new RtspError('excessive', 'the camera floods the device: it sends more than any video needs'));
    }
  }

  #end(error: RtspError): void {
    if (this.#over === null) {
      this.#over = error;
      this.#finish(error);
      this.#events.closed(error);
    }
  }

  #finish(error: RtspError): void {
    clearTimeout(this.#endOfBody);
    this.#waiting?.reject(error);
    this.#socket.destroy();
  }
}

/** The certificates that this machine trusts; `SSL_CERT_FILE` names others, as it does to FFmpeg. */
async function trusted(): Promise<string[]> {
  const file = process.env.SSL_CERT_FILE;
  try {
    return file === undefined ? [...rootCertificates, ...getCACertificates('system')] : [await readFile(file, 'utf8')];
  } catch {
    throw new RtspError('unreachable', 'the certificates that SSL_CERT_FILE names cannot be read');
  }
}

function toUnreachable(error: Error): RtspError {
  return new RtspError('unreachable', `the camera cannot be reached: ${wordsOf(error)}`);
}

/** Words for the error codes that readers meet most. Node's own messages would name addresses. */
function wordsOf(error: Error): string {
  const { code = '' } = error as NodeJS.ErrnoException;
  return (
    words[code] ??
    (/CERT|SELF_SIGNED|TLS|SSL/.test(code)
      ? `its certificate or TLS does not fit (${code})`
      : code || 'no reason given')
  );
}

const words: Record<string, string> = {
  ECONNREFUSED: 'Connection refused: nothing listens at this address and port',
  ENOTFOUND: 'its host name is not known here (ENOTFOUND)',
  EAI_AGAIN: 'the name server does not answer (EAI_AGAIN)',
  EHOSTUNREACH: 'there is no way to this host (EHOSTUNREACH)',
  ENETUNREACH: 'there is no way to this network (ENETUNREACH)',
  ETIMEDOUT: 'the host does not answer (ETIMEDOUT)',
  ECONNRESET: 'the camera hung up (ECONNRESET)',
  EPIPE: 'the camera hung up (EPIPE)',
};

const userAgent = 'multistream';
/**
 * All cameras share this buffer for the bytes that come over TCP, since the message reader copies them at once. Node would make a
 * buffer for each read, and collect it again: hundreds of times a second.
 */
const arrivals = Buffer.allocUnsafeSlow(64 * 1024);
/** Requests for one answer, challenges included. */
const mostTries = 4;
/** Silence after which an incomplete body counts as whole, in milliseconds. */
const bodySilenceMs = 500;
/** Bytes that wait for a camera that does not read. */
const mostUnsent = 64 * 1024;
/**
 * 50 MB in two seconds. Packets, messages, pictures and frames of sound cost time beside their bytes: a packet of one byte takes the main thread
 * about 5 µs, so that 25,000 a second, which is five times the largest camera, are an eighth of a core. A picture and a frame of
 * sound pass through every stream and viewer; 1000 a second are eight times what the fastest camera sends.
 */
const floodWindowMs = 2000;
const mostPerWindow = 50_000_000;
export const costs = { packet: 1000, message: 10_000, unit: 24_000 };
