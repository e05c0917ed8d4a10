import type { TemplateResult } from 'lit';
import { html } from './lit.ts';

/** Paths in a box of 24 by 24. */
const icons = {
  stats: 'M5 20V10h3v10H5Zm5.5 0V4h3v16h-3Zm5.5 0v-7h3v7h-3Z',
  mute: 'M4 9v6h4l5 4V5L8 9H4Zm12-1 1.5-1.5 6 6L22 14l-6-6Z',
  snapshot:
    'M9 4 7.5 6H4a2 2 0 0 0-2 2v10a2 2 0 0 0 2 2h16a2 2 0 0 0 2-2V8a2 2 0 0 0-2-2h-3.5L15 4H9Zm3 4.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9Z',
  pip: 'M3 5h18v14H3V5Zm2 2v10h14V7H5Zm6 4h7v5h-7v-5Z',
  fullscreen: 'M4 4h6v2H6v4H4V4Zm10 0h6v6h-2V6h-4V4ZM4 14h2v4h4v2H4v-6Zm14 0h2v6h-6v-2h4v-4Z',
  camera:
    'M3 6.5h11A1.5 1.5 0 0 1 15.5 8v2.2l4.3-2.6A.8.8 0 0 1 21 8.3v7.4a.8.8 0 0 1-1.2.7l-4.3-2.6V16a1.5 1.5 0 0 1-1.5 1.5H3A1.5 1.5 0 0 1 1.5 16V8A1.5 1.5 0 0 1 3 6.5Z',
};

/** For the eyes only: the element around it has a name. */
export function icon(name: keyof typeof icons): TemplateResult {
  return html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d=${icons[name]}></path></svg>`;
}
