import { MsGrid } from './elements/ms-grid.ts';
import { MsSlot } from './elements/ms-slot.ts';

export * from './index.ts';

// The grid first: its slots ask for it when they are upgraded. A page may bring two copies; the first one stays.
define('ms-grid', MsGrid);
define('ms-slot', MsSlot);

function define(tag: string, element: CustomElementConstructor): void {
  if (!customElements.get(tag)) {
    customElements.define(tag, element);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ms-grid': MsGrid;
    'ms-slot': MsSlot;
  }
}
