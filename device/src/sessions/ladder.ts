/** The variants of a camera by their names, `NAME-HEIGHTp`, as steps that a viewer with a thin link is taken down and up. */

/** Whether a stream of that name is configured. */
export interface StreamNames {
  get(name: string): unknown;
  [Symbol.iterator](): Iterator<{ name: string }>;
}

interface Place {
  camera: string;
  /** Lines; infinite for the camera's own picture. */
  height: number;
}

/** The heights of a stream's smaller variants, the tallest first. */
export function stepsBelow(streams: StreamNames, name: string): number[] {
  const { camera, height } = placeOf(streams, name);
  return [...streams]
    .map((stream) => placeOf(streams, stream.name))
    .filter((place) => place.camera === camera && place.height < height)
    .map((place) => place.height)
    .toSorted((a, b) => b - a);
}

/** The stream to send where `name` is asked for and no more than `ceiling` lines go through. */
export function under(streams: StreamNames, name: string, ceiling: number): string {
  const { camera, height } = placeOf(streams, name);
  const steps = height <= ceiling ? [] : stepsBelow(streams, name);
  const step = steps.find((lines) => lines <= ceiling) ?? steps.at(-1);
  return step === undefined ? name : `${camera}-${step}p`;
}

/** The ceiling one step below or above the `present` stream, where `asked` is the highest. */
export function nextCeiling(streams: StreamNames, asked: string, present: string, direction: 'down' | 'up'): number {
  const steps = stepsBelow(streams, asked);
  const at = steps.findIndex((lines) => under(streams, asked, lines) === present);
  return steps[direction === 'down' ? at + 1 : at - 1] ?? Number.POSITIVE_INFINITY;
}

/** How the quality of a variant is called; undefined for a camera itself. */
export function qualityOf(streams: StreamNames, name: string): string | undefined {
  const { height } = placeOf(streams, name);
  return Number.isFinite(height) ? `${height}p` : undefined;
}

/** A name that only looks like a variant's is a camera's own: there must be the camera that it is of. */
function placeOf(streams: StreamNames, name: string): Place {
  const match = /^(.+)-(\d{1,5})p$/.exec(name);
  const camera = match?.[1];
  return camera !== undefined && streams.get(camera) !== undefined
    ? { camera, height: Number(match?.[2]) }
    : { camera: name, height: Number.POSITIVE_INFINITY };
}
