import type { EncodeOutput } from './output.ts';
import type { OwnSource, ParsedSource, VariantSource } from './source.ts';

/** One stream as the file has it: its sources, and how it is kept. */
export interface StreamConfig {
  name: string;
  /** Sources of its own, the next one tried when one fails; or another stream's pictures in another form. */
  input: { kind: 'own'; sources: OwnSource[] } | VariantSource;
  /** Warm from the start, and again after every failure. */
  preload: boolean;
  /** How long it stays warm after its last viewer, in milliseconds; undefined: as the device does. */
  linger: number | undefined;
  /** Whether pictures that a viewer cannot take are encoded anew for it; otherwise it is refused. */
  transcode: boolean;
  /** How; by default as the device thinks best. */
  encoded?: EncodeOutput;
}

/** A stream's value in the file, its sources read. */
export interface StreamEntry {
  sources: ParsedSource[];
  preload: boolean;
  linger: number | undefined;
  transcode: boolean;
}

/** @throws {Error} that says what is allowed */
export function toStreamConfig(name: string, { sources, ...rest }: StreamEntry): StreamConfig {
  const [first] = sources;
  if (first === undefined) {
    throw new Error('a stream has at least one source');
  }
  if (first.kind === 'variant' && sources.length === 1) {
    return { name, input: first, ...rest };
  }
  const own = sources.filter((source) => source.kind === 'own');
  const others = sources.filter((source) => source.kind === 'variant');
  if (own.length === 0 || others.some(({ of }) => of !== name)) {
    throw new Error('a variant of another stream stands alone; allowed in a list: sources of its own');
  }
  // go2rtc's way to offer the stream itself with other sound, or encoded for those who cannot take it as it comes.
  const encoded = others.map(({ output }) => output).find((output) => output.kind === 'encode');
  return { name, input: { kind: 'own', sources: own }, ...rest, ...(encoded === undefined ? {} : { encoded }) };
}
