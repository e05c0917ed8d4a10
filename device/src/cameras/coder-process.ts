import { fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CoderReport, CoderRequest } from '../coder/messages.ts';

/**
 * What of the environment a camera's process gets: where programs and libraries are, and what FFmpeg, its TLS and the
 * drivers of encoders look at. The rest may hold the passwords of all cameras, and FFmpeg reads what strangers send.
 */
const inherited =
  /^(PATH|HOME|TMPDIR|TEMP|SYSTEMROOT|TZ|LANG|LC_.*|LD_LIBRARY_PATH|NODE_.*|SSL_CERT_.*|(HTTPS?|NO|ALL)_PROXY|(LIBVA|MESA|VK|VDPAU|CUDA|NVIDIA|INTEL|ONEVPL)_.*)$/i;

/** How long a process may take to end by itself, in milliseconds: time to say goodbye to its camera. */
const grace = 2000;

export interface CoderProcess {
  /**
   * Does nothing once the process is gone.
   * @param sent called when the process has the request, or is gone
   */
  send(request: CoderRequest, sent?: () => void): void;
  /** Resolves when the process is gone. */
  stop(): Promise<void>;
}

export interface ProcessEvents {
  report(report: CoderReport): void;
  /** The process ended and had not said why. */
  gone(reason: string): void;
}

export type StartCoder = (events: ProcessEvents) => CoderProcess;

/** A child process with Node's IPC channel, its own FFmpeg, and no word on the command line. */
export const startCoder: StartCoder = ({ report, gone }) => {
  // The same entry as source and as built.
  const entry = new URL(`../coder/main${extname(import.meta.url)}`, import.meta.url);
  const child = fork(fileURLToPath(entry), {
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => inherited.test(name))),
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve();
      gone(
        signal === null ? `the camera's process ended with code ${code}` : `the camera's process ended by ${signal}`,
      );
    });
    child.once('error', (error) => {
      resolve();
      gone(`the camera's process does not start: ${error.message}`);
    });
  });
  child.on('message', (message) => report(decodeReport(message)));
  return {
    send: (request, sent = () => {}) => {
      if (child.connected) {
        // A request that finds the process gone needs no answer: `gone` says it.
        child.send(request, () => sent());
      } else {
        sent();
      }
    },
    stop: async () => {
      child.kill('SIGTERM');
      const killing = setTimeout(() => child.kill('SIGKILL'), grace);
      await exited;
      clearTimeout(killing);
    },
  };
};

/** The border to the process. It is our own code on the same machine, so its type is all that is looked at. */
function decodeReport(message: unknown): CoderReport {
  const report = message as CoderReport;
  if (report.type === 'unit') {
    const { keyframe, timestamp, data } = report.unit;
    // Structured clone makes a plain Uint8Array of it.
    return { ...report, unit: { keyframe, timestamp, data: Buffer.from(data.buffer, data.byteOffset, data.length) } };
  }
  return report;
}
