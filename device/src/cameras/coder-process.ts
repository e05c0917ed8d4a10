import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CoderReport, type CoderRequest, type OfJob, received, receivedBytes } from '../coder/messages.ts';

/**
 * The environment variables that a camera's process gets: where programs and libraries are, and what FFmpeg, its TLS and the
 * drivers of encoders look at. The rest may hold the passwords of all cameras, and FFmpeg reads what strangers send.
 */
const inherited =
  /^(PATH|HOME|TMPDIR|TEMP|SYSTEMROOT|TZ|LANG|LC_.*|LD_LIBRARY_PATH|NODE_.*|SSL_CERT_.*|(HTTPS?|NO|ALL)_PROXY|(LIBVA|MESA|VK|VDPAU|CUDA|NVIDIA|INTEL|ONEVPL)_.*)$/i;

/**
 * FFmpeg starts threads with each encoder, and glibc gives threads up to eight heaps a core (mallopt(3)), which fragment: a
 * process grew by 1.5 MB a minute while cameras in it came and went. With two it stays as it is, and is a tenth smaller.
 */
const mallocArenas = 2;

/** Jobs in a process at the most. */
const mostJobs = 8;

/** How long a process may take to end by itself, in milliseconds: time to say goodbye to its camera. */
const grace = 2000;

/** A job in a coder's process. */
export interface CoderProcess {
  /**
   * Does nothing once the process is gone.
   * @param sent called when the process has the request, or is gone
   */
  send(request: CoderRequest, sent?: () => void): void;
  /** Resolves when nothing of it is left. */
  stop(): Promise<void>;
}

export interface ProcessEvents {
  report(report: CoderReport): void;
  /** The process ended and had not said why. */
  gone(reason: string): void;
}

/**
 * Whether other jobs may be in the same process: their faults are one another's then. A sound has a process of its own, and
 * another sound often follows it.
 */
export type Sharing = 'alone' | 'shared' | 'sound';

export type StartCoder = (events: ProcessEvents, sharing?: Sharing) => CoderProcess;

/** A job in a process of its own. */
export const startCoder: StartCoder = (events) => new CoderHost().start(events);

/** A child process with Node's IPC channel, its own FFmpeg, and no word on the command line. */
export class CoderHost {
  readonly #child: ChildProcess;
  readonly #jobs = new Map<number, ProcessEvents>();
  readonly #exited: Promise<void>;
  #lastJob = 0;
  #isTooLarge = false;

  constructor() {
    // The same entry as source and as built.
    const entry = new URL(`../coder/main${extname(import.meta.url)}`, import.meta.url);
    this.#child = fork(fileURLToPath(entry), {
      env: {
        ...Object.fromEntries(Object.entries(process.env).filter(([name]) => inherited.test(name))),
        MALLOC_ARENA_MAX: String(mallocArenas),
      },
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#exited = new Promise<void>((resolve) => {
      const end = (reason: string) => {
        resolve();
        for (const { gone } of this.#jobs.values()) {
          gone(reason);
        }
      };
      this.#child.once('exit', (code, signal) =>
        end(
          signal === null ? `the camera's process ended with code ${code}` : `the camera's process ended by ${signal}`,
        ),
      );
      this.#child.once('error', (error) => end(`the camera's process does not start: ${error.message}`));
    });
    this.#child.on('message', ({ job, message }: OfJob<CoderReport>) => {
      this.#jobs.get(job)?.report(decodeReport(message));
    });
  }

  get isAlive(): boolean {
    return this.#child.connected;
  }

  /** Another job may share this process: there are not too many yet, and it has not grown. */
  get hasRoom(): boolean {
    return this.isAlive && !this.#isTooLarge && this.#jobs.size > 0 && this.#jobs.size < mostJobs;
  }

  start({ report, gone }: ProcessEvents): CoderProcess {
    const job = ++this.#lastJob;
    let memoryBytes = Number.POSITIVE_INFINITY;
    this.#jobs.set(job, {
      report: (message) => {
        this.#isTooLarge ||= message.type === 'memory' && message.bytes > memoryBytes;
        report(message);
      },
      gone,
    });
    return {
      send: (message, sent = () => {}) => {
        if (message.type === 'open') {
          memoryBytes = message.limits.memoryBytes;
        }
        if (this.isAlive) {
          // A request that finds the process gone needs no answer: `gone` says it.
          this.#child.send({ job, message } satisfies OfJob<CoderRequest>, () => sent());
        } else {
          sent();
        }
      },
      stop: async () => {
        if (this.#jobs.size > 1) {
          this.#jobs.delete(job);
          this.#child.send({ job, message: { type: 'close' } } satisfies OfJob<CoderRequest>, () => {});
        } else {
          await this.end();
        }
      },
    };
  }

  /** Resolves when the process is gone. */
  async end(): Promise<void> {
    this.#isTooLarge = true;
    this.#child.kill('SIGTERM');
    const killing = setTimeout(() => this.#child.kill('SIGKILL'), grace);
    await this.#exited;
    clearTimeout(killing);
  }
}

/** The border to the process. It is our own code on the same machine, so its type is all that is looked at. */
function decodeReport(message: unknown): CoderReport {
  const report = message as CoderReport;
  if (report.type === 'unit') {
    return { ...report, unit: received(report.unit) };
  }
  if (report.type === 'audio') {
    return { ...report, unit: received(report.unit) };
  }
  if (report.type === 'audio-format' && report.format !== null) {
    return { ...report, format: { ...report.format, config: receivedBytes(report.format.config) } };
  }
  return report;
}
