/** Variants name their parent, so the streams of one camera form a tree; its root has the source. */

import type { StreamConfig } from './stream-config.ts';

/** A variant whose parent is missing, or that is its own ancestor. */
export function findVariantMistake(streams: readonly StreamConfig[]): { name: string; message: string } | null {
  const byName = new Map(streams.map((stream) => [stream.name, stream]));
  for (const { name } of streams) {
    const seen = new Set<string>();
    for (let stream = byName.get(name); stream?.input.kind === 'variant'; ) {
      const parent = byName.get(stream.input.of);
      if (parent === undefined) {
        return {
          name: stream.name,
          message: `there is no stream "${stream.input.of}"; allowed: ${[...byName.keys()].join(', ')}`,
        };
      }
      if (seen.has(parent.name)) {
        return { name, message: `is a variant of itself (${[...seen, parent.name].join(' → ')})` };
      }
      seen.add(parent.name);
      stream = parent;
    }
  }
  return null;
}

/** The stream at the root of a variant's tree. The streams have no mistake (`findVariantMistake`). */
export function rootOf(streams: ReadonlyMap<string, StreamConfig>, stream: StreamConfig): StreamConfig {
  const parent = stream.input.kind === 'variant' ? streams.get(stream.input.of) : undefined;
  return parent === undefined ? stream : rootOf(streams, parent);
}
