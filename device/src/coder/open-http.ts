import type { IncomingMessage } from 'node:http';
import type { HttpSource } from '../config/source.ts';
import { bytesOf, HttpBody } from './http-body.ts';
import { HttpCamera, HttpStatusError } from './http-request.ts';
import { JpegInput } from './jpeg-input.ts';
import { type EncodedInput, PacketInput } from './packet-input.ts';
import type { Report } from './report.ts';

/**
 * Asks an HTTP camera, and lets the reader of what it sends have the answer: JPEG pictures are read here. FFmpeg reads
 * everything else, by a request of its own. Where FFmpeg cannot log in, it reads the body of this answer.
 *
 * @param limits `mostBytes` of one picture; `silenceMs` for which a source that answers may send nothing before its first one
 * @param report is told of the source's sound
 * @throws {Error} saying why the source does not open
 */
export async function openHttp(
  source: HttpSource,
  limits: { mostBytes: number; silenceMs: number },
  report: Report,
): Promise<EncodedInput> {
  const camera = new HttpCamera(source.url);
  const answer = await ask(camera);
  if (answer === null) {
    // FFmpeg says why it does not answer.
    camera.close();
    return PacketInput.open(source, limits, report);
  }
  const { response, kind, first } = answer;
  if (kind === 'pictures') {
    return new JpegInput(camera, response, first, limits.mostBytes);
  }
  if (kind === 'unknown' && camera.hasOwnLogin) {
    return PacketInput.open(source, limits, report, new HttpBody(camera, response, first));
  }
  response.destroy();
  camera.close();
  if (camera.hasOwnLogin) {
    throw new Error(
      'the camera does not open: it asks for a Digest login that FFmpeg, which reads playlists, does not have; ' +
        'allowed: MD5, in one challenge',
    );
  }
  return PacketInput.open(source, limits, report);
}

interface Answer {
  response: IncomingMessage;
  kind: 'pictures' | 'playlist' | 'unknown';
  /** The bytes that had to be read to tell. */
  first: Buffer;
}

/** @throws {Error} where the camera says nothing, or refuses */
async function ask(camera: HttpCamera): Promise<Answer | null> {
  try {
    const response = await camera.ask();
    return { response, ...(await look(response)) };
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof HttpStatusError || /^no answer/.test(message)) {
      camera.close();
      throw new Error(`the camera does not open: ${message.replace('the camera', 'it')}`);
    }
    return null;
  }
}

/** Bytes that tell pictures from something else. */
const telling = 512;

/** A camera may call its pictures what it likes. */
async function look(response: IncomingMessage): Promise<Omit<Answer, 'response'>> {
  const type = (response.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  let first: Buffer = Buffer.alloc(0);
  if (/^multipart\/|^image\/.*jpe?g$/.test(type)) {
    return { kind: 'pictures', first };
  }
  if (type.includes('mpegurl')) {
    return { kind: 'playlist', first };
  }
  if (/^(video|audio)\//.test(type) && !/jpe?g$/.test(type)) {
    return { kind: 'unknown', first };
  }
  const bytes = bytesOf(response);
  for (let isOver = false, text = ''; !isOver && /^[\s\xff\xd8-]*$|^\s*--/.test(text); ) {
    const { done, value } = await bytes.next();
    first = done ? first : Buffer.concat([first, value]);
    isOver = done === true || first.length >= telling;
    text = first.toString('latin1', 0, telling);
    // JPEG, or a part of a multipart stream that is not called one.
    if (/^\xff\xd8\xff|^\s*--[^\n]+\r?\n([\w-]+ *:|\r?\n\xff\xd8)/.test(text)) {
      return { kind: 'pictures', first };
    }
  }
  return { kind: first.toString('latin1', 0, 7) === '#EXTM3U' ? 'playlist' : 'unknown', first };
}
