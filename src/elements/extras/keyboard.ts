/** A tile's neighbour on the screen, in the direction of an arrow key. */
export function neighbour(tile: Element, tiles: readonly Element[], key: string): Element | undefined {
  const [x, y] = middle(tile);
  const distances = tiles.flatMap((other) => {
    const [dx, dy] = [middle(other)[0] - x, middle(other)[1] - y];
    const [along, across] = {
      ArrowRight: [dx, dy] as const,
      ArrowLeft: [-dx, dy] as const,
      ArrowDown: [dy, dx] as const,
      ArrowUp: [-dy, dx] as const,
    }[key] ?? [0, 0];
    // What lies rather beside than ahead is not ahead.
    return along > 1 && Math.abs(across) <= along * 2 ? [{ other, far: along + 2 * Math.abs(across) }] : [];
  });
  return distances.sort((a, b) => a.far - b.far)[0]?.other;
}

function middle(tile: Element): [x: number, y: number] {
  const { left, top, width, height } = tile.getBoundingClientRect();
  return [left + width / 2, top + height / 2];
}
