import { useState } from 'react';

export interface Tile {
  id: number;
  stream: string;
}

/** The list of tiles, which the page changes: the first three cameras, and what the buttons make of them. */
export function useTiles(cameras: readonly string[]) {
  const [tiles, setTiles] = useState<Tile[]>(() => cameras.slice(0, 3).map((stream, id) => ({ id, stream })));
  const after = (stream: string) => cameras[(cameras.indexOf(stream) + 1) % cameras.length];
  return {
    tiles,
    add: () =>
      setTiles((old) => {
        const last = old.at(-1);
        return [...old, { id: (last?.id ?? -1) + 1, stream: last ? after(last.stream) : cameras[0] }];
      }),
    remove: () => setTiles((old) => old.slice(1)),
    next: () => setTiles(([first, ...others]) => [{ ...first, stream: after(first.stream) }, ...others]),
  };
}
