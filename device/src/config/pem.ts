import { readFileSync } from 'node:fs';

/**
 * A certificate or key as go2rtc takes it: the PEM text itself, or the name of the file that has it.
 * @throws {Error} which never repeats the text, since it may be a key
 */
export function readPem(text: string): string {
  const inline = text.includes('-----BEGIN ');
  const pem = inline ? text : readFile(text);
  if (!/-----BEGIN [A-Z0-9 ]+-----[\s\S]+-----END [A-Z0-9 ]+-----/.test(pem)) {
    throw new Error(
      `${inline ? 'the text' : 'the file'} is no PEM; allowed: "-----BEGIN …", or the name of such a file`,
    );
  }
  return pem;
}

function readFile(name: string): string {
  if (name.includes('\n')) {
    throw new Error('the text is no PEM; allowed: "-----BEGIN …", or the name of such a file');
  }
  try {
    return readFileSync(name, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`the file cannot be read (${code}); allowed: PEM text, or the name of a file that has it`);
  }
}
