import type { TemplateResult } from 'lit';
import type { Tile } from '../tile.ts';
import { html, nothing } from './lit.ts';

/**
 * The row above the picture: what it shows, in which quality, and the state of the tile.
 * @param isCalm whether nothing moves in the picture, and key frames alone are shown
 */
export function caption({ label, quality, state, reason, strings }: Tile, isCalm: boolean): TemplateResult {
  return html`<div class="head" part="bar">
    <span class="label" part="label">${label}</span>
    ${quality && html`<span class="quality" part="quality">${quality}</span>`}
    <span class="badge ${isCalm ? 'calm' : ''}" part="badge" title=${reason || nothing}>${(isCalm && strings.calm) || (strings[state] ?? state)}</span>
  </div>`;
}
