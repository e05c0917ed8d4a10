import { lookup } from 'node:dns/promises';
import { constants } from 'node:os';
import { FFmpegError } from 'node-av/lib';
import { type EncodedSource, silence } from './open-source.ts';

const { EIO, EPROTONOSUPPORT } = constants.errno;

/**
 * Why a source did not open, so that its owner knows what to do; never with its address, which may hold a password.
 * @param code FFmpeg's
 * @param isLate the source said nothing for as long as it may
 */
export async function explainOpening(source: EncodedSource, code: number, isLate: boolean): Promise<string> {
  if (isLate) {
    // FFmpeg's own word for it depends on what it was waiting for.
    return `no answer for ${silence / 1000} s`;
  }
  if (source.kind === 'rtsp' && source.transport === 'tcp' && code === -EPROTONOSUPPORT) {
    return 'it does not send over TCP; for UDP write #transport=udp behind its address';
  }
  // FFmpeg's answer to a name that it cannot find, and to much else.
  if (source.kind !== 'file' && code === -EIO && !(await isFound(new URL(source.url).hostname))) {
    return 'its host name is not known here';
  }
  return FFmpegError.strerror(code);
}

async function isFound(host: string): Promise<boolean> {
  try {
    await lookup(host.replace(/^\[(.*)\]$/, '$1'));
    return true;
  } catch {
    return false;
  }
}
