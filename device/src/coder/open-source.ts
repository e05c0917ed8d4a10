import { existsSync } from 'node:fs';
import { Dictionary } from 'node-av/lib';
import type { FileSource, HttpSource, RtspSource } from '../config/source.ts';

export type EncodedSource = RtspSource | HttpSource | FileSource;

/** How long a source may take to answer, in milliseconds. */
export const silence = 5000;
/**
 * How long FFmpeg itself waits for a connection, and for the next bytes, in microseconds: some cameras send a picture in ten
 * seconds, and the supervisor knows how slow this one is.
 */
const timeout = 90_000_000;

/**
 * The protocols that FFmpeg may use to read a source, its own transports included. A playlist, a description or a redirection may name
 * other addresses, and who answers for the camera is not who wrote the configuration.
 */
const protocols: Record<EncodedSource['kind'], string> = {
  rtsp: 'rtsp,rtsps,rtp,udp,tcp,tls',
  http: 'http,https,httpproxy,tcp,tls,crypto,data',
  file: 'file',
};

/**
 * Returns the address that FFmpeg opens, and its options.
 * @param withSound whether an RTSP camera is asked for its sound
 */
export function toInput(source: EncodedSource, withSound: boolean): { address: string; options: Dictionary } {
  // A size and a rate are all that is left to find out, where the container names the codec and its parameter sets. Not
  // with `nobuffer`: what is read for that would be thrown away, and with it the key frame that most cameras begin with.
  const probing = { analyzeduration: 500_000, fpsprobesize: 0, protocol_whitelist: protocols[source.kind] };
  switch (source.kind) {
    case 'rtsp': {
      const { url, transport, verifyCertificate = false } = source;
      const media = withSound ? 'video+audio' : 'video';
      const rtsp = { rtsp_transport: transport, timeout, allowed_media_types: media };
      const tls = verifyCertificate ? { tls_verify: 1, ...trusted() } : {};
      return { address: url, options: Dictionary.fromObject({ ...probing, ...rtsp, ...tls }) };
    }
    case 'http': {
      // `live_start_index`: of HLS, whose newest segment is where a live stream is; other formats do not know it.
      const http = { timeout, rw_timeout: timeout, live_start_index: -1 };
      return { address: source.url, options: Dictionary.fromObject({ ...probing, ...http }) };
    }
    case 'file':
      // The protocol before the path: a name such as `concat:x` is then a name and nothing else.
      return { address: `file:${source.path}`, options: Dictionary.fromObject(probing) };
  }
}

/** Where Debian and Alpine, Fedora, and macOS keep the certificates that they trust. */
const bundles = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem'];

/** FFmpeg's OpenSSL was built to look in a folder that no machine has; `SSL_CERT_FILE` it knows by itself. */
function trusted(): { ca_file?: string } {
  const file = process.env.SSL_CERT_FILE === undefined ? bundles.find((name) => existsSync(name)) : undefined;
  return file === undefined ? {} : { ca_file: file };
}
