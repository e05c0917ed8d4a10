import { AV_LOG_ERROR } from 'node-av/constants';
import { Log } from 'node-av/lib';
import { decodePercent } from '../rtsp/authentication.ts';

/** How long (ms) before a failure FFmpeg's log lines still explain it. */
const recent = 3000;
const longestLine = 200;

/**
 * FFmpeg's last complaint, in words that may be shown: its lines name the source's address, which may hold a password, and
 * repeat what a stranger sent.
 */
export class FfmpegLog {
  readonly #secrets: readonly string[];
  #last: { line: string; at: number } | null = null;

  /** @param secrets texts that must not be shown, wherever they stand */
  constructor(secrets: readonly string[]) {
    this.#secrets = secrets.filter((secret) => secret.length > 0);
  }

  /** From now on FFmpeg's errors come here, and nowhere else. */
  listen(): void {
    Log.setLevel(AV_LOG_ERROR);
    Log.setCallback((_, message) => this.take(message));
  }

  take(message: string): void {
    let line = message.replace(/\p{C}+/gu, ' ').slice(0, 2 * longestLine);
    line = line.replace(/\b[a-z][a-z\d+.-]{1,15}:\/{1,2}\S+/gi, '***');
    for (const secret of this.#secrets) {
      line = line.replaceAll(secret, '***');
    }
    line = line.trim().slice(0, longestLine);
    if (line !== '') {
      this.#last = { line, at: performance.now() };
    }
  }

  /** A reason with what FFmpeg said last beside it, unless it says the same. */
  explain(reason: string): string {
    const { line, at } = this.#last ?? { line: '', at: 0 };
    const isNew = line !== '' && performance.now() - at < recent && !reason.includes(line);
    return isNew ? `${reason} (${line})` : reason;
  }
}

/** The secrets in an address: its user name and password, both percent-encoded as written and decoded. */
export function secretsOf(address: string): string[] {
  if (!URL.canParse(address)) {
    return [];
  }
  const { username, password } = new URL(address);
  return [username, password].flatMap((text) => [text, decodePercent(text)]);
}
