import type { TemplateResult } from 'lit';
import { html } from './lit.ts';

/** Paths in a box of 24 by 24. */
const icons = {
  stats: 'M5 20V10h3v10H5Zm5.5 0V4h3v16h-3Zm5.5 0v-7h3v7h-3Z',
  sound: 'M4 9v6h4l5 4V5L8 9H4Zm11.5-1a5.5 5.5 0 0 1 0 8v-8Z',
  snapshot: 'M9 4 7.5 6H2v14h20V6h-5.5L15 4H9Zm3 4.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9Z',
  pip: 'M3 5h18v14H3V5Zm2 2v10h14V7H5Zm6 4h7v5h-7v-5Z',
  fullscreen: 'M4 4h6v2H6v4H4V4Zm10 0h6v6h-2V6h-4V4ZM4 14h2v4h4v2H4v-6Zm14 0h2v6h-6v-2h4v-4Z',
  camera: 'M3 6h12v4l6-3v10l-6-3v4H3Z',
};

/** Renders an icon. Screen readers skip it, since the element around it has a name. */
export function icon(name: keyof typeof icons): TemplateResult {
  return html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d=${icons[name]}></path></svg>`;
}
