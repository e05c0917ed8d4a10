/** The longhands that make the box of an iframe in its page. */
const properties = [
  ...['position', 'top', 'right', 'bottom', 'left', 'z-index', 'float', 'clear', 'vertical-align', 'box-sizing'],
  ...['width', 'height', 'max-width', 'max-height', 'aspect-ratio'],
  ...['top', 'right', 'bottom', 'left'].flatMap((side) => [
    ...[`margin-${side}`, `padding-${side}`],
    ...['width', 'style', 'color'].map((part) => `border-${side}-${part}`),
  ]),
  ...['top-left', 'top-right', 'bottom-right', 'bottom-left'].map((corner) => `border-${corner}-radius`),
  ...['flex-grow', 'flex-shrink', 'flex-basis', 'align-self', 'justify-self', 'order'],
  ...['grid-row-start', 'grid-row-end', 'grid-column-start', 'grid-column-end'],
  ...['translate', 'rotate', 'scale', 'visibility', 'opacity', 'box-shadow', 'filter', 'clip-path'],
];

/** Properties that depend on the element's place: without one, `auto` reads as 0 and a transform as `none`. */
const placeProperties = ['display', 'min-width', 'min-height', 'transform', 'transform-origin'];

/** Computed values by property. */
export type Box = ReadonlyMap<string, string>;

/** The layout around an iframe, which decides how `auto` resolves. */
export interface Surroundings {
  readonly display: string;
  readonly alignItems: string;
  readonly justifyItems: string;
}

/** Reads the place of an element that is displayed, unless the page hides it. */
export function readPlace(element: Element): Box {
  return read(element, placeProperties);
}

/** Reads the box of an element that is not displayed: its computed values are those before layout, with `%` and `auto`. */
export function readBox(element: Element): Box {
  return read(element, properties);
}

export function readSurroundings(iframe: Element): Surroundings {
  let parent = parentOf(iframe);
  while (parent && getComputedStyle(parent).display === 'contents') {
    parent = parentOf(parent);
  }
  const { display, alignItems, justifyItems } = getComputedStyle(parent ?? iframe.ownerDocument.documentElement);
  return { display, alignItems, justifyItems };
}

/**
 * Values that give another element the box of an iframe. An iframe is a replaced element: it sits in a line, is 300 × 150
 * pixels large where its size is `auto`, and does not fill its place. The stand-in is a CSS grid whose one cell has
 * these 300 × 150, and it is left to say where `auto` would not mean that.
 */
export function standInBox(iframe: Box, around: Surroundings): Map<string, string> {
  const box = new Map(iframe);
  const value = (name: string) => box.get(name) ?? '';
  const isAuto = (name: string) => value(name) === 'auto';
  box.set('display', outerDisplay(value('display')));
  if (value('position') === 'static') {
    // The stand-in's content is placed in it, while it stays where it is itself.
    box.set('position', 'relative');
    for (const side of ['top', 'right', 'bottom', 'left']) {
      box.set(side, 'auto');
    }
  }
  if (/^(absolute|fixed)$/.test(value('position'))) {
    if (isAuto('aspect-ratio') && isAuto('height')) {
      box.set('height', 'max-content');
    }
    if (isAuto('width')) {
      box.set('width', 'max-content');
    }
  } else if (around.display.endsWith('grid')) {
    const keepSize = (self: string, items: string) =>
      isAuto(self) && /^(normal|legacy)/.test(items) && box.set(self, 'start');
    keepSize('align-self', around.alignItems);
    keepSize('justify-self', around.justifyItems);
  } else if (!around.display.endsWith('flex') && isAuto('width')) {
    // An iframe that has only a ratio is as wide as there is room.
    box.set('width', !isAuto('aspect-ratio') && isAuto('height') ? '-webkit-fill-available' : 'max-content');
  }
  box.set('grid-template', cell(box));
  return box;
}

function read(element: Element, names: readonly string[]): Box {
  const style = getComputedStyle(element);
  return new Map(names.map((name) => [name, style.getPropertyValue(name)]));
}

/** The size of the content, as rows / columns. */
function cell(box: Box): string {
  if (box.get('aspect-ratio') !== 'auto') {
    // One side follows from the other, whatever the content needs.
    return '0 / 0';
  }
  // Percentages of what is not known yet: a replaced element then asks for its 300 pixels, but needs none of them.
  return `150px / ${/%/.test(`${box.get('width')} ${box.get('max-width')}`) ? 'minmax(0, 300px)' : '300px'}`;
}

/** A replaced element knows only whether it sits in a line. */
function outerDisplay(display: string): string {
  if (display === 'none' || display === 'contents') {
    return 'none';
  }
  return display.startsWith('inline') ? 'inline-grid' : 'grid';
}

function parentOf(element: Element): Element | null {
  const parent = element.assignedSlot ?? element.parentNode;
  return parent instanceof ShadowRoot ? parent.host : parent instanceof Element ? parent : null;
}
