import type { OutputConfig } from '../config/output.ts';
import type { RtspSource, SourceConfig } from '../config/source.ts';
import type { AccessUnit, Codec } from '../media/access-unit.ts';
import type { AudioFormat } from '../media/audio-unit.ts';
import { CodedFormat } from '../media/coded-format.ts';
import { PictureTooLargeError } from '../media/video-depacketizer.ts';
import type { RtspError } from '../rtsp/rtsp-error.ts';
import { openRtsp, type RtspStream } from '../rtsp/rtsp-stream.ts';
import { GopCache } from '../streams/gop-cache.ts';
import type { OpenSource, SourceEvents, SourceTools } from './camera-source.ts';
import { openCoder, openInCoder, type StartedCoder } from './coder-source.ts';
import { Departures } from './departures.ts';

/** How an RTSP camera is read: by the device, unless the configuration wants FFmpeg. */
export function openOverRtsp(source: SourceConfig, tools: SourceTools, events: SourceEvents): OpenSource {
  const rtsp = source as RtspSource;
  return rtsp.reader === 'ffmpeg' ? openInCoder(rtsp, tools, events) : new RtspReading(rtsp, tools, events);
}

/**
 * A camera that the device reads itself, over one connection. Its pictures are passed on as they come; a coder's process runs
 * only while one of the outputs is encoded, or a still is wanted, and gets the same pictures. FFmpeg takes the camera over if
 * this client cannot read what it sends.
 */
class RtspReading implements OpenSource {
  readonly #source: RtspSource;
  readonly #tools: SourceTools;
  readonly #events: SourceEvents;
  readonly #outputs = new Map<string, OutputConfig>();
  /** Outputs that pass on and have had no key frame: the GOP was too long to be kept when they started. */
  readonly #fresh = new Set<string>();
  #stream: RtspStream;
  #isHeard = false;
  #refusesSound = false;
  readonly #gop: GopCache;
  #codec: Codec = 'H264';
  #format: CodedFormat | null = null;
  /** The format that the native outputs were told last, as a comparable text. */
  #told = '';
  #coder: StartedCoder | null = null;
  /** The coder knows what the pictures are, and gets them. */
  #isFed = false;
  /** Pictures on their way to the coder's process. */
  #unsent = 0;
  /** Pictures were left out for a coder that does not take them; the next key frame is the next one for it. */
  #waitsForKey = false;
  #coderFailures = 0;
  #restart: NodeJS.Timeout | undefined;
  #pendingStills = 0;
  #idle: NodeJS.Timeout | undefined;
  #fallback: OpenSource | null = null;
  #isOver = false;
  readonly #leaving = new Departures();

  constructor(source: RtspSource, tools: SourceTools, events: SourceEvents) {
    this.#source = source;
    this.#tools = tools;
    this.#events = events;
    this.#gop = new GopCache(tools.limits.gop);
    this.#stream = this.#open(source.sound?.length !== 0);
  }

  #open(audio: boolean): RtspStream {
    const { url, transport, verifyCertificate = false } = this.#source;
    const { limits, silenceMs } = this.#tools;
    const maxPictureBytes = Math.min(limits.pictureBytes, largestPicture);
    const stream = openRtsp(
      url,
      { transport, verifyCertificate, maxPictureBytes, silenceMs, audio },
      {
        tracks: ({ codec }, sound) => {
          this.#codec = codec;
          this.#format = new CodedFormat(codec);
          this.#events.report({ type: 'open' });
          this.#tellAudio(audio ? sound : null);
        },
        refusesSound: () => {
          this.#refusesSound = true;
          this.#tellAudio(null);
        },
        sound: (unit) => {
          this.#events.report({ type: 'audio', unit });
        },
        waits: () => this.#events.report({ type: 'packets', hasKeyframe: false }),
        unit: (unit) => this.#take(unit),
        closed: (error) => this.#closed(error, audio),
      },
    );
    stream.listen(this.#isHeard);
    return stream;
  }

  listen(isHeard: boolean): void {
    this.#isHeard = isHeard;
    this.#stream.listen(isHeard);
    this.#fallback?.listen(isHeard);
  }

  #tellAudio(format: AudioFormat | null): void {
    const reason =
      this.#source.sound?.length === 0
        ? 'the configuration leaves the sound out'
        : this.#refusesSound
          ? 'the camera refuses to send its sound'
          : 'the camera sends no sound that can be used';
    this.#events.report({ type: 'audio-format', format, reason });
  }

  start(output: string, config: OutputConfig): void {
    this.#outputs.set(output, config);
    if (this.#fallback !== null) {
      this.#fallback.start(output, config);
    } else if (config.kind === 'encode') {
      this.#needCoder();
      if (this.#isFed) {
        this.#coder?.start(output, config);
      }
    } else {
      this.#fresh.add(output);
      if (this.#told !== '') {
        this.#describe(output);
        this.#replay(output);
      }
    }
  }

  stop(output: string): void {
    const config = this.#outputs.get(output);
    this.#outputs.delete(output);
    this.#fresh.delete(output);
    this.#fallback?.stop(output);
    if (config?.kind === 'encode') {
      if (this.#isFed) {
        this.#coder?.stop(output);
      }
      this.#endIdleCoder(0);
    }
  }

  requestKeyframe(output: string): void {
    if (this.#fallback !== null) {
      this.#fallback.requestKeyframe(output);
    } else if (this.#isFed && this.#outputs.get(output)?.kind === 'encode') {
      this.#coder?.requestKeyframe(output);
    }
  }

  async still(width: number | undefined): Promise<Buffer> {
    if (this.#fallback !== null) {
      return this.#fallback.still(width);
    }
    if (this.#gop.units.length === 0) {
      throw new Error('the camera has sent no key frame yet');
    }
    this.#pendingStills++;
    try {
      this.#needCoder();
      if (this.#coder === null || !this.#isFed) {
        throw new Error('the camera is not running');
      }
      return await this.#coder.still(width);
    } finally {
      this.#pendingStills--;
      this.#endIdleCoder(coderLingerMs);
    }
  }

  async close(): Promise<void> {
    this.#isOver = true;
    this.#endCoder();
    await Promise.all([this.#stream.close(), this.#fallback?.close(), this.#leaving.allGone()]);
  }

  #take(unit: AccessUnit): void {
    const format = this.#format as CodedFormat;
    const isFirst = format.format === null;
    const isChanged = format.take(unit);
    if (format.format === null) {
      void this.#stream.close();
      this.#fallBack('its parameter sets cannot be read');
      return;
    }
    if (isFirst) {
      this.#events.report({ type: 'packets', hasKeyframe: true });
    }
    this.#gop.push(unit);
    if (isChanged || this.#told === '') {
      this.#tell(format);
    }
    if (format.mismatch === null) {
      for (const [output, { kind }] of this.#outputs) {
        if (kind === 'copy') {
          this.#pass(output, unit);
        }
      }
    }
    if (this.#isFed) {
      this.#feed(unit);
    } else if (this.#coder !== null) {
      this.#openCoder(this.#coder);
    }
  }

  /** Tells all outputs that pass on what they are, or why they are none; nothing if that is what they know. */
  #tell({ format, mismatch }: CodedFormat): void {
    const told = JSON.stringify([format, mismatch]);
    if (told !== this.#told) {
      this.#told = told;
      for (const [output, { kind }] of this.#outputs) {
        if (kind === 'copy') {
          this.#describe(output);
        }
      }
    }
  }

  #describe(output: string): void {
    const { format, mismatch } = this.#format as CodedFormat;
    if (mismatch !== null) {
      this.#events.report({ type: 'unplayable', output, reason: mismatch });
    } else if (format !== null) {
      this.#events.report({ type: 'format', output, format });
    }
  }

  #replay(output: string): void {
    if (this.#format?.mismatch === null) {
      for (const unit of this.#gop.units) {
        this.#pass(output, unit);
      }
    }
  }

  #pass(output: string, unit: AccessUnit): void {
    if (unit.keyframe) {
      this.#fresh.delete(output);
    }
    if (!this.#fresh.has(output)) {
      this.#events.report({ type: 'unit', output, unit });
    }
  }

  #needCoder(): void {
    clearTimeout(this.#idle);
    if (this.#coder !== null || this.#restart !== undefined || this.#isOver) {
      return;
    }
    // It starts while the camera is being opened.
    this.#coder = openCoder(this.#tools, {
      report: (report) => {
        this.#coderFailures = report.type === 'unit' ? 0 : this.#coderFailures;
        // How far the camera has come is known here.
        if (report.type !== 'packets') {
          this.#events.report(report);
        }
      },
      failed: (reason) => this.#coderFailed(reason),
    });
    if (this.#gop.units.length > 0) {
      this.#openCoder(this.#coder);
    }
  }

  #openCoder(coder: StartedCoder): void {
    const format = this.#format as CodedFormat;
    const [first] = this.#gop.units;
    if (format.format === null || first === undefined) {
      return;
    }
    const { width, height } = format.format;
    coder.open({ kind: 'units', codec: this.#codec, width, height, hasBFrames: format.hasBFrames });
    this.#isFed = true;
    this.#unsent = 0;
    this.#waitsForKey = false;
    for (const unit of this.#gop.units) {
      this.#feed(unit);
    }
    for (const [output, config] of this.#outputs) {
      if (config.kind === 'encode') {
        coder.start(output, config);
      }
    }
  }

  /** A coder that hangs must not make the device keep what it does not take. */
  #feed(unit: AccessUnit): void {
    const coder = this.#coder as StartedCoder;
    this.#waitsForKey ||= this.#unsent > mostUnsent;
    if (this.#waitsForKey && (!unit.keyframe || this.#unsent > mostUnsent / 2)) {
      return;
    }
    this.#waitsForKey = false;
    this.#unsent++;
    coder.feed(unit, () => {
      this.#unsent -= this.#coder === coder ? 1 : 0;
    });
  }

  /** The outputs that are encoded wait for another coder; those that are passed on play on. */
  #coderFailed(reason: string): void {
    this.#endCoder();
    for (const [output, { kind }] of this.#outputs) {
      if (kind === 'encode') {
        this.#events.report({ type: 'refused', output, reason });
      }
    }
    const wait = Math.min(coderRetryMs * 2 ** this.#coderFailures++, longestCoderRetryMs);
    this.#restart = setTimeout(() => {
      this.#restart = undefined;
      if ([...this.#outputs.values()].some(({ kind }) => kind === 'encode')) {
        this.#needCoder();
      }
    }, wait);
  }

  #endIdleCoder(lingerMs: number): void {
    const isNeeded = this.#pendingStills > 0 || [...this.#outputs.values()].some(({ kind }) => kind === 'encode');
    clearTimeout(this.#idle);
    if (!isNeeded && this.#coder !== null) {
      this.#idle = setTimeout(() => this.#endCoder(), lingerMs);
    }
  }

  #endCoder(): void {
    clearTimeout(this.#idle);
    clearTimeout(this.#restart);
    this.#restart = undefined;
    if (this.#coder !== null) {
      this.#leaving.add(this.#coder.close());
    }
    this.#coder = null;
    this.#isFed = false;
  }

  #closed(error: RtspError, withAudio: boolean): void {
    if (this.#isOver) {
      return;
    }
    if (withAudio && this.#refusesSound && this.#told === '') {
      // It hung up, or fell silent, when it was asked for its sound.
      this.#stream = this.#open(false);
      return;
    }
    const isOpen = this.#gop.units.length > 0 || this.#told !== '';
    if (error.reason === 'unsupported' && !isOpen) {
      this.#fallBack(error.message);
      return;
    }
    this.#isOver = true;
    this.#endCoder();
    const reason = explain(error);
    this.#events.failed(isOpen ? reason : `the camera does not open: ${reason}`);
  }

  #fallBack(reason: string): void {
    this.#endCoder();
    this.#fallback = openInCoder(this.#source, this.#tools, this.#events);
    this.#fallback.listen(this.#isHeard);
    const [first] = this.#outputs.keys();
    if (first !== undefined) {
      this.#events.report({ type: 'note', output: first, text: `is read by FFmpeg: ${reason}` });
    }
    for (const [output, config] of this.#outputs) {
      this.#fallback.start(output, config);
    }
  }
}

/** A picture that is too large is a matter of the configuration, which this client does not know. */
function explain({ message, cause }: RtspError): string {
  if (!(cause instanceof PictureTooLargeError)) {
    return message;
  }
  const [bytes, limit] = [cause.bytes, cause.limit].map((size) => (size / 2 ** 20).toFixed(1));
  return `the camera sends a picture of ${bytes} MiB; multistream.picture_max_bytes allows ${limit}`;
}

/** Bytes. */
const largestPicture = 64 * 1024 * 1024;
/** Pictures that may wait for the coder's process. */
const mostUnsent = 750;
/** Stills often come in turns. */
const coderLingerMs = 10_000;
const coderRetryMs = 1000;
const longestCoderRetryMs = 30_000;
