import type { TemplateResult } from 'lit';
import type { SlotView } from '../slot-view.ts';
import type { Strings } from '../strings.ts';
import type { TileHost } from '../tile.ts';
import type { Why } from '../tile-state.ts';
import type { Grid } from './arrangement.ts';
import { explain } from './explain.ts';
import { html, nothing, provideLit, type TemplateFunctions } from './lit.ts';
import { takeSnapshot } from './snapshot.ts';
import { noticeStyles, styles } from './styles.ts';
import { Extras } from './tile-extras.ts';
import { loadStrings, stringsFor } from './words.ts';

/**
 * The elements call these functions of their extras. This file is loaded with the first tile, so that the elements themselves stay small. It
 * imports only types from them, and no code that they contain as well.
 */

export { tour } from './start-tour.ts';
export { type Extras, takeSnapshot };

/** The part of a grid that shows a notice. */
interface Notice extends HTMLElement {
  readonly deviceUrl: string;
  readonly strings: Partial<Strings>;
  addStyles(css: string): void;
}

/** Renders why there is no session, once for all tiles of a wall. Each tile says for itself that the device does not have its stream. */
export function notice(grid: Notice, why: Why, lit: TemplateFunctions): TemplateResult | typeof nothing {
  provideLit(lit);
  grid.addStyles(noticeStyles);
  const strings = { ...stringsFor(grid), ...grid.strings };
  // An alert that is put in is announced; a text in it that stays the same is not announced again.
  return why.code === 'stream-not-found'
    ? nothing
    : html`<p class="error ${grid.childElementCount === 0 ? 'alone' : ''}" part="error" role="alert">${explain(why, strings, { device: grid.deviceUrl, stream: '' })}</p>`;
}

/** Loads what arranges a wall, and arranges it so. */
export async function arrange(grid: Grid, layout: unknown): Promise<void> {
  await (await import('./arrange.ts')).arrange(grid, layout);
}

/** Gives a tile its features, once the texts in its language are there. */
export async function dress(
  host: TileHost,
  view: SlotView,
  internals: ElementInternals,
  lit: TemplateFunctions,
): Promise<Extras> {
  await loadStrings(host);
  provideLit(lit);
  host.addStyles(styles);
  return new Extras(host, view, internals);
}
