import { certificate, certificateKey } from './certificate.ts';
import { startChild } from './child-process.ts';
import type { Exit } from './process-types.ts';

export interface RtspServerOptions {
  /** GStreamer's description of encoder and payloader, which is named `pay0`. */
  pipeline: string;
  /** The track that it refuses to set up: 0, 1, … */
  refuses?: number;
  /** Asked for by digest. */
  user?: string;
  password?: string;
  tls?: boolean;
}

/** A camera of another make: see `rtsp-server.py`. */
export async function startRtspServer({ tls = false, ...options }: RtspServerOptions): Promise<{
  /** Scheme, host, port and path, to which the credentials are still to be added. */
  address(credentials?: string): string;
  stop(): Promise<Exit>;
}> {
  const child = startChild('/usr/bin/python3', ['device/test/support/rtsp-server.py']);
  child.write(`${JSON.stringify({ ...options, ...(tls && { certificate: certificate + certificateKey }) })}\n`);
  try {
    const { port } = JSON.parse(await child.says(/^\{.*\}$/m)) as { port: number };
    return {
      address: (credentials = '') => `${tls ? 'rtsps' : 'rtsp'}://${credentials}127.0.0.1:${port}/camera`,
      stop: () => child.end('SIGTERM'),
    };
  } catch (error) {
    await child.end('SIGKILL').catch(() => {});
    throw new Error(`the RTSP server did not start: ${child.stderr()}`, { cause: error });
  }
}
