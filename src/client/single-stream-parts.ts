import type { Parts } from './parts.ts';

/** The client's code, handed over by the client that loads these files; see `parts.ts`. */
export let parts: Parts;

export function provideParts(given: Parts): void {
  parts = given;
}
