import { RtspError } from './rtsp-error.ts';

/** Header fields by their names in lower case; a field may come several times. */
export type Headers = ReadonlyMap<string, readonly string[]>;

export interface RtspResponse {
  readonly kind: 'response';
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** A request of the camera's own. */
export interface RtspRequest {
  readonly kind: 'request';
  readonly method: string;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** Binary data between the messages (RFC 2326 section 10.12). */
export interface InterleavedPacket {
  readonly kind: 'packet';
  readonly channel: number;
  /** The receiver's own. */
  readonly data: Buffer;
}

export type Incoming = RtspResponse | RtspRequest | InterleavedPacket;

/**
 * Takes the bytes of an RTSP connection apart: messages, and packets between them. Everything is bounded; a camera that goes
 * beyond a bound breaks the connection.
 *
 * It forgives what cameras really do: line ends of LF alone, a Content-Length that is too small, missing or too large, and
 * packets whose length is wrong.
 */
export class MessageReader {
  readonly #isChannel: (channel: number) => boolean;
  readonly #searches: () => void;
  /** Holds the unread bytes, from `#begin` to `#end`. */
  #store = Buffer.allocUnsafe(4096);
  #begin = 0;
  #end = 0;
  /** A message whose body is not complete yet. */
  #open: OpenMessage | null = null;
  /** Bytes that made no sense since the last thing that did. */
  #junk = 0;

  /**
   * @param isChannel whether packets are expected on a channel, to find the next one behind garbage
   * @param searches called each time that it looks for the next one, which costs time; it may throw
   */
  constructor(isChannel: (channel: number) => boolean, searches: () => void = () => {}) {
    this.#isChannel = isChannel;
    this.#searches = searches;
  }

  /** A body is incomplete, and may never be completed: see `endBody`. */
  get isInBody(): boolean {
    return this.#open !== null;
  }

  /** @throws {RtspError} malformed */
  push(chunk: Buffer): Incoming[] {
    this.#append(chunk);
    const found: Incoming[] = [];
    for (let next = this.#next(); next !== null; next = this.#next()) {
      found.push(next);
    }
    return found;
  }

  /** Takes what is there as the whole body: the camera sends no more, so its Content-Length was too large or missing. */
  endBody(): Incoming[] {
    if (this.#open === null) {
      return [];
    }
    return [this.#complete(this.#open, this.#take(this.#end - this.#begin))];
  }

  #append(chunk: Buffer): void {
    const held = this.#end - this.#begin;
    if (this.#end + chunk.length > this.#store.length) {
      const needed = held + chunk.length;
      const store = needed > this.#store.length / 2 ? Buffer.allocUnsafe(2 * needed) : this.#store;
      this.#store.copy(store, 0, this.#begin, this.#end);
      this.#store = store;
      this.#begin = 0;
      this.#end = held;
    }
    chunk.copy(this.#store, this.#end);
    this.#end += chunk.length;
  }

  get #held(): Buffer {
    return this.#store.subarray(this.#begin, this.#end);
  }

  /** A copy: the store is used again. */
  #take(length: number): Buffer {
    const taken = Buffer.from(this.#store.subarray(this.#begin, this.#begin + length));
    this.#skip(length);
    return taken;
  }

  #skip(length: number): void {
    this.#begin += length;
  }

  /** Byte by byte: a camera may send millions of them. */
  #skipLineEnds(): void {
    for (; this.#begin < this.#end; this.#begin++) {
      const byte = this.#store[this.#begin];
      if (byte !== carriageReturn && byte !== lineFeed) {
        return;
      }
    }
  }

  #next(): Incoming | null {
    for (;;) {
      if (this.#open !== null) {
        return this.#readBody(this.#open);
      }
      this.#skipLineEnds();
      const held = this.#held;
      if (held.length === 0) {
        return null;
      }
      if (held[0] === dollar) {
        if (held.length < 4) {
          return null;
        }
        const length = held.readUInt16BE(2);
        if (this.#looksWrong(held, length)) {
          this.#resync();
        } else if (held.length < 4 + length) {
          return null;
        } else {
          this.#skip(4);
          this.#junk = 0;
          return { kind: 'packet', channel: held.readUInt8(1), data: this.#take(length) };
        }
      } else {
        const message = this.#readHead(held);
        if (message === null) {
          return null;
        }
        this.#open = message === 'junk' ? null : message;
      }
    }
  }

  /** While packets are lost sight of, only those that can be RTP or RTCP on a known channel are believed. */
  #looksWrong(held: Buffer, length: number): boolean {
    if (this.#junk === 0) {
      return false;
    }
    return length < 8 || !this.#isChannel(held.readUInt8(1)) || (held.length > 4 && held.readUInt8(4) >> 6 !== 2);
  }

  /** @returns null where the head is not complete */
  #readHead(held: Buffer): OpenMessage | 'junk' | null {
    const lines: string[] = [];
    for (let at = 0; ; ) {
      const feed = held.subarray(0, at + longestLine).indexOf(lineFeed, at);
      if (
        feed === -1 &&
        lines.length === 0 &&
        held.length < longestLine &&
        startOfMessage.test(held.toString('latin1', 0, 64))
      ) {
        return null;
      }
      if (feed === -1 && lines.length > 0) {
        this.#check(held.length - at < longestLine, 'an endless header');
        return null;
      }
      const line = feed === -1 ? '' : held.toString('latin1', at, feed).replace(/\r$/, '');
      if (lines.length === 0 && !startLine.test(line)) {
        this.#resync();
        return 'junk';
      }
      at = feed + 1;
      if (line === '') {
        this.#skip(at);
        this.#junk = 0;
        return toMessage(lines);
      }
      lines.push(line);
      this.#check(at <= longestHead && lines.length <= mostLines, 'an endless header');
    }
  }

  #readBody(message: OpenMessage): Incoming | null {
    const { length } = message;
    this.#check((length ?? 0) <= longestBody, 'a body that is too long');
    const held = this.#held;
    if (length === null) {
      // The body has no length: the next message ends it, or the camera's silence.
      const end = nextStart(held, message.searched);
      message.searched = Math.max(0, held.length - startLength);
      this.#check(held.length <= longestBody, 'a body that is too long');
      return end === -1 ? null : this.#complete(message, this.#take(end));
    }
    if (held.length < length) {
      return null;
    }
    // The length may be too small: whole lines behind the body that begin no message belong to it.
    const rest = held.subarray(length);
    if (length > 0 && message.isText && rest.length > 0 && !isStart(rest)) {
      const end = nextStart(rest, 0);
      return this.#complete(message, this.#take(end === -1 ? held.length : length + end));
    }
    return this.#complete(message, this.#take(length));
  }

  #complete(message: OpenMessage, body: Buffer): Incoming {
    this.#open = null;
    return message.status === null
      ? { kind: 'request', method: message.method, headers: message.headers, body }
      : { kind: 'response', status: message.status, headers: message.headers, body };
  }

  /** Skips to where the next packet or message may begin. */
  #resync(): void {
    this.#searches();
    const held = this.#held;
    const next = nextStart(held, 1);
    const skipped = next === -1 ? held.length : next;
    this.#junk += skipped;
    this.#skip(skipped);
    this.#check(this.#junk <= mostJunk, 'bytes that are no RTSP');
  }

  #check(isFine: boolean, what: string): void {
    if (!isFine) {
      throw new RtspError('malformed', `the camera sends ${what}: is there an RTSP server at this address?`);
    }
  }
}

interface OpenMessage {
  /** Null for a request. */
  status: number | null;
  method: string;
  headers: Headers;
  /** Bytes of the body; null if the message does not declare them. */
  length: number | null;
  isText: boolean;
  /** Bytes of a body of unknown length in which no other message begins. */
  searched: number;
}

function toMessage([start = '', ...lines]: string[]): OpenMessage {
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    // Trimmed afterwards: an expression that does both takes a time quadratic in the number of spaces.
    const [, name, value] = /^([^:\s]+)\s*:(.*)$/s.exec(line) ?? [];
    if (name !== undefined && value !== undefined) {
      const key = name.toLowerCase();
      headers.set(key, [...(headers.get(key) ?? []), value.trim()]);
    }
  }
  const status = /^RTSP\/\d\.\d\s+(\d{3})/i.exec(start)?.[1];
  const isText = headers.get('content-type')?.[0]?.toLowerCase().startsWith('application/sdp') ?? false;
  const length = headers.get('content-length')?.[0];
  const isLength = length !== undefined && /^\d{1,9}$/.test(length);
  return {
    status: status === undefined ? null : Number(status),
    method: start.split(' ')[0] ?? '',
    headers,
    length: isLength ? Number(length) : isText ? null : 0,
    isText,
    searched: 0,
  };
}

/** Where a message or a packet begins, from `from` on; -1 if none does. */
function nextStart(data: Buffer, from: number): number {
  for (let at = from; at < data.length; at++) {
    const byte = data[at];
    if (byte === dollar || (byte === 0x52 && isStart(data.subarray(at, at + startLength)))) {
      return at;
    }
  }
  return -1;
}

function isStart(data: Buffer): boolean {
  return data[0] === dollar || /^(RTSP\/|[A-Z_]+ \S+ RTSP\/)/.test(data.toString('latin1', 0, 512));
}

/** Bytes by which a message is told from text. */
const startLength = 8;
const startLine = /^(RTSP\/\d\.\d\s+\d{3}|[A-Z_]{3,20} \S+ RTSP\/\d\.\d)/i;
/** Matches the beginning of a start line that is not complete yet. */
const startOfMessage = /^[A-Z_]{1,20}([ /]|$)/i;

const dollar = 0x24;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
/** Bytes. */
const longestLine = 8192;
const longestHead = 32 * 1024;
const longestBody = 1024 * 1024;
const mostJunk = 256 * 1024;
const mostLines = 200;
