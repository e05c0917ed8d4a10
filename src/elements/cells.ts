import { MsSlot } from './ms-slot.ts';

/** The cells of a grid, which are its children: in the order of their slots' numbers, else in that of the document. */
export function cellsOf(grid: Element): Element[] {
  const cells = [...grid.children].map((element, i) => ({ element, number: placeOf(element) ?? i }));
  // Stable: equal numbers stay as they are written.
  return cells.sort((a, b) => a.number - b.number).map(({ element }) => element);
}

/** A cell stands where its first slot belongs. */
function placeOf(cell: Element): number | undefined {
  const slots = cell instanceof MsSlot ? [cell] : slotsIn(cell);
  return slots.flatMap(({ place }) => place ?? []).sort((a, b) => a - b)[0];
}

/** All tiles, however deep, in the order of the document. */
export function slotsIn(element: Element): MsSlot[] {
  return [...element.querySelectorAll('*')].filter((inner) => inner instanceof MsSlot);
}
