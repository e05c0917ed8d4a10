import { MsSlot } from './ms-slot.ts';

/** The cells of a grid, which are its children: in the order of their slots' numbers, else in that of the document. */
export function cellsOf(grid: Element): Element[] {
  const cells = [...grid.children].map((element, i) => ({ element, number: placeOf(element) ?? i }));
  // Stable: equal numbers stay as they are written.
  return cells.sort((a, b) => a.number - b.number).map(({ element }) => element);
}

/** A cell stands where its first slot belongs. */
function placeOf(cell: Element): number | undefined {
  const places = [cell, ...slotsIn(cell)].flatMap((slot) => (slot instanceof MsSlot ? (slot.place ?? []) : []));
  return places.length === 0 ? undefined : Math.min(...places);
}

/** All tiles, however deep, in the order of the document. */
export function slotsIn(element: Element): MsSlot[] {
  return [...element.querySelectorAll('*')].filter((inner) => inner instanceof MsSlot);
}
