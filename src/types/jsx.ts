/** `import 'multistream-elements/jsx'` once, and React 19 knows the elements' attributes, properties and events. */

import type { DetailedHTMLProps, HTMLAttributes } from 'react';
import type { MsGrid } from '../elements/ms-grid.ts';
import type { MsSlot } from '../elements/ms-slot.ts';
import type { Attributes, GridEvents, GridProperties, Handlers, SlotEvents, SlotProperties } from './props.ts';

type Tag<E, Properties, Events> = DetailedHTMLProps<HTMLAttributes<E>, E> &
  Omit<Attributes<Properties>, keyof Properties> &
  Properties &
  Handlers<Events> & { class?: string };

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'ms-grid': Tag<MsGrid, GridProperties, GridEvents>;
      'ms-slot': Tag<MsSlot, SlotProperties, SlotEvents>;
    }
  }
}
