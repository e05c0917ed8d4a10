import type * as Lit from 'lit';

export type TemplateFunctions = Pick<typeof Lit, 'html' | 'nothing'>;

/**
 * Lit's functions for templates, handed over by the tile that loads the extras. If both files imported Lit, the bundler
 * would move it into a third file, and the one script tag would load two.
 */
export let html: TemplateFunctions['html'];
export let nothing: TemplateFunctions['nothing'];

export function provideLit(lit: TemplateFunctions): void {
  ({ html, nothing } = lit);
}
