/** The real things that tests and benchmarks run against, each a process of its own: the device, and RTSP cameras. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from './child-process.ts';
import type { CameraSettings, Exit } from './process-types.ts';

export type { CameraSettings, Exit } from './process-types.ts';

export interface RunningDevice {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  url: string;
  pid: number;
  /** Its output so far. */
  stdout(): string;
  stderr(): string;
  /** When it has ended, for whatever reason. */
  exited: Promise<Exit>;
  /** SIGTERM; after ten seconds SIGKILL. */
  stop(): Promise<Exit>;
  /** SIGKILL, as a power cut would. */
  kill(): Promise<Exit>;
}

/** The device ended before it said where it listens. */
export class DeviceExit extends Error {
  override readonly name = 'DeviceExit';
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;

  constructor(code: number | null, stdout: string, stderr: string) {
    super(`the device ended with ${code}: ${stderr || stdout || '(no output)'}`);
    this.code = code;
    this.stdout = stdout;
    this.stderr = stderr;
  }
}

/**
 * Starts the device on a configuration. `api: {listen: "127.0.0.1:0"}` in it lets the system choose the port.
 * @param within what goes before its command, where it is to run in another network
 * @param command the device's program and its options: by default the sources
 * @throws {DeviceExit}
 */
export async function startDevice(
  configYaml: string,
  within: readonly string[] = [],
  command: readonly string[] = ['device/src/main.ts', '--no-restart'],
): Promise<RunningDevice> {
  const directory = await mkdtemp(join(tmpdir(), 'multistream-device-'));
  const config = join(directory, 'config.yaml');
  await writeFile(config, configYaml);
  // Without the supervisor, so that the process is the device itself.
  const [program, ...args] = [...within, process.execPath, ...command, '--config', config];
  const child = startChild(program as string, args);
  try {
    const url = await child.says(/http:\/\/[^\s"/]+/);
    const { pid, stdout, stderr } = child;
    return {
      url,
      pid,
      stdout,
      stderr,
      exited: child.exited,
      stop: () => child.end('SIGTERM'),
      kill: () => child.end('SIGKILL'),
    };
  } catch (error) {
    const { code, signal } = await child.end('SIGKILL');
    throw signal === 'SIGKILL' ? error : new DeviceExit(code, child.stdout(), child.stderr());
  } finally {
    // It has read it by now.
    await rm(directory, { recursive: true, force: true });
  }
}

export interface RunningCameras {
  /** `rtsp://127.0.0.1:PORT/NAME` by name. */
  urls: Record<string, string>;
  port: number;
  pid: number;
  /** Pictures of another size from now on, as from a camera whose owner has chosen one. */
  resize(name: string, width: number, height: number): void;
  stop(): Promise<Exit>;
}

/** Starts RTSP cameras, all in one process. A `port` other than 0 brings cameras back where they were. */
export async function startCameras(cameras: readonly CameraSettings[], port = 0): Promise<RunningCameras> {
  // The system's Python: GStreamer's bindings are a system package, which no other Python sees.
  const child = startChild('/usr/bin/python3', ['device/test/support/rtsp-cameras.py']);
  child.write(`${JSON.stringify({ port, cameras })}\n`);
  try {
    const ready = JSON.parse(await child.says(/^\{.*\}$/m)) as { port: number };
    const urls = cameras.map(({ name }) => [name, `rtsp://127.0.0.1:${ready.port}/${name}`] as const);
    return {
      urls: Object.fromEntries(urls),
      port: ready.port,
      pid: child.pid,
      resize: (name, width, height) => child.write(`${JSON.stringify({ name, width, height })}\n`),
      stop: () => child.end('SIGTERM'),
    };
  } catch (error) {
    await child.end('SIGKILL').catch(() => {});
    throw new Error(`the RTSP cameras did not start: ${child.stderr()}`, { cause: error });
  }
}
