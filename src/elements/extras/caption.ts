import type { TemplateResult } from 'lit';
import type { Tile } from '../tile.ts';
import { html, nothing } from './lit.ts';

/** The row above the picture: what it shows, in which quality, and the state of the tile. */
export function caption({ label, quality, state, reason, strings }: Tile): TemplateResult {
  return html`<div class="head" part="bar">
    <span class="label" part="label">${label}</span>
    ${quality && html`<span class="quality" part="quality">${quality}</span>`}
    <span class="badge" part="badge" title=${reason || nothing}>${strings[state] ?? state}</span>
  </div>`;
}
