import type { MsSlot } from '../ms-slot.ts';
import { neighbour } from './keyboard.ts';

export interface Deeds {
  fullscreen(): void;
  save(): void;
}

/** What a tile does by mouse and keyboard, besides its buttons. */
export function obeyGestures(slot: MsSlot, deeds: Deeds): void {
  slot.addEventListener('dblclick', () => deeds.fullscreen());
  slot.addEventListener('click', () => swap(slot));
  slot.addEventListener('keydown', (event) => {
    const { key, ctrlKey, altKey, metaKey, defaultPrevented } = event;
    // A control that has the focus has the keys too.
    const isOurs = event.composedPath()[0] === slot && !defaultPrevented;
    if (isOurs && !ctrlKey && !altKey && !metaKey && press(slot, key, deeds)) {
      event.preventDefault();
    }
  });
}

/** While one tile is large, a click on a small one swaps them. */
function swap(slot: MsSlot): void {
  const wall = slot.wall?.settings;
  if (wall?.spotlit && wall.spotlit !== slot) {
    wall.spotlight(slot);
  }
}

/** Whether the key means something. */
function press(slot: MsSlot, key: string, deeds: Deeds): boolean {
  const wall = slot.wall?.settings;
  if (key.startsWith('Arrow')) {
    (neighbour(slot, wall?.slots ?? [], key) as HTMLElement | undefined)?.focus();
  } else if (key === 'Enter') {
    wall?.spotlight(wall.spotlit === slot ? null : slot);
  } else if (key === 'Escape') {
    wall?.spotlight(null);
  } else if (key === 'f' || key === 'F') {
    deeds.fullscreen();
  } else if (key === 's' || key === 'S') {
    deeds.save();
  } else {
    return false;
  }
  return true;
}
