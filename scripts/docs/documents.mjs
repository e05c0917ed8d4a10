/** The documents of the repository, and what in them can be checked. */

import { globSync, readFileSync } from 'node:fs';

export const documentFiles = globSync('{*.md,docs/**/*.md,device/*.md,bench/*.md}').sort();

export function read(file) {
  return readFileSync(file, 'utf8');
}

/** @returns {{file: string, line: number, language: string, code: string}[]} every fenced block */
export function codeBlocks() {
  return documentFiles.flatMap((file) => {
    const text = read(file);
    return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)].map(({ index, 1: language, 2: code }) => ({
      file,
      line: text.slice(0, index).split('\n').length,
      language,
      code,
    }));
  });
}

/** @returns {{file: string, text: string, target: string}[]} links and pictures outside of code */
export function links() {
  return documentFiles.flatMap((file) => {
    const prose = read(file).replace(/^```[\s\S]*?^```/gm, '');
    return [...prose.matchAll(/\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g)].map(([, text, target]) => ({
      file,
      text,
      target,
    }));
  });
}

/** The names that GitHub gives to a document's headings. */
export function anchors(file) {
  return read(file)
    .split('\n')
    .filter((line) => /^#+ /.test(line))
    .map((line) =>
      line
        .replace(/^#+ /, '')
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(' ', '-'),
    );
}
