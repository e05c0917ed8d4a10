/** Warnings on the console for a page's author. This file is loaded when there is something to say, and imports nothing that others need as well. */

const advised = new WeakSet<Element>();

/** Says why a tile without a box is paused, once, unless the page hides it on purpose. */
export function adviseOnBox(tile: HTMLElement): void {
  const cause = advised.has(tile) ? '' : whyThereIsNoBox(tile);
  if (cause) {
    advised.add(tile);
    console.warn(`This <ms-slot> is paused: ${cause}. It plays when it has a box.`, tile);
  }
}

/** Says that a tile streams unseen. */
export function adviseOnPlace(tile: Element): void {
  console.warn(
    'This <ms-slot> streams unseen: it is in an element that has no place for its slot attribute, use slot-index',
    tile,
  );
}

/** Empty for a tile that has a box, or that is not displayed. */
function whyThereIsNoBox(tile: HTMLElement): string {
  if (getComputedStyle(tile).display === 'contents') {
    return 'its style is `display: contents`, which makes no box';
  }
  if (tile.closest('details:not([open])')) {
    return 'the <details> around it is closed';
  }
  const { width, height } = tile.getBoundingClientRect();
  const isDisplayed = tile.getClientRects().length > 0;
  return isDisplayed && (width === 0 || height === 0) ? `its size is ${width} × ${height} pixels` : '';
}
