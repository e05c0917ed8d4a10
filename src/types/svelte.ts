/** `import 'multistream-elements/svelte'` once, and Svelte 5 knows the elements' attributes, properties and events. */

import type { HTMLAttributes } from 'svelte/elements';
import type { MsGrid } from '../elements/ms-grid.ts';
import type { MsSlot } from '../elements/ms-slot.ts';
import type { Attributes, GridEvents, GridProperties, Handlers, SlotEvents, SlotProperties } from './props.ts';

type Tag<E extends EventTarget, Properties, Events> = HTMLAttributes<E> &
  Omit<Attributes<Properties>, keyof Properties> &
  Properties &
  Handlers<Events>;

declare module 'svelte/elements' {
  interface SvelteHTMLElements {
    'ms-grid': Tag<MsGrid, GridProperties, GridEvents>;
    'ms-slot': Tag<MsSlot, SlotProperties, SlotEvents>;
  }
}
