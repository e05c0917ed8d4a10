/**
 * The cameras that come after `from` in a list without an end, as indices in its order. Cameras that cannot be shown are passed over
 * while others can take their places.
 * @param from the first or the last index of the present page; -1 or the length of the list before the first page
 * @param direction 1 for the next page, -1 for the one before
 * @param size cameras on a page
 */
export function pageAfter(
  from: number,
  direction: 1 | -1,
  size: number,
  count: number,
  isPassedOver: (index: number) => boolean,
): number[] {
  const page: number[] = [];
  const passed: number[] = [];
  for (let step = 1; step <= count && page.length < size; step += 1) {
    const index = modulo(from + direction * step, count);
    (isPassedOver(index) ? passed : page).push(index);
  }
  const filled = [...page, ...passed.slice(0, Math.max(0, size - page.length))];
  return direction === 1 ? filled : filled.reverse();
}

/**
 * Places a page onto the tiles: a camera that is shown already keeps its tile, and the others follow in their order. Tiles that are
 * left get null.
 */
export function place<T extends { readonly stream: string }>(
  page: readonly T[],
  shown: readonly string[],
): (T | null)[] {
  const rest = [...page];
  const take = (index: number) => rest.splice(index, 1)[0] ?? null;
  const kept = shown.map((stream) => {
    const index = rest.findIndex((stop) => stop.stream === stream);
    return index === -1 ? null : take(index);
  });
  return kept.map((stop) => stop ?? take(0));
}

function modulo(value: number, count: number): number {
  return ((value % count) + count) % count;
}
