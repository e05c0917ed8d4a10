/** `import 'multistream-elements/vue'` once, and the templates of Vue 3 know the elements' attributes and events. */

import type { HTMLAttributes, VNodeProps } from 'vue';
import type { MsGrid } from '../elements/ms-grid.ts';
import type { MsSlot } from '../elements/ms-slot.ts';
import type { GridEvents, GridProperties, SlotEvents, SlotProperties } from './props.ts';

/** Vue takes `ms-switch` for `onMsSwitch`, and `device-url` for `deviceUrl`. */
type Listeners<Events> = {
  [Name in keyof Events & string as `on${Pascal<Name>}`]?: (event: Events[Name]) => void;
};

type Pascal<Name extends string> = Name extends `${infer Word}-${infer Rest}`
  ? `${Capitalize<Word>}${Pascal<Rest>}`
  : Capitalize<Name>;

type Component<E, Properties, Events> = new () => E & {
  $props: VNodeProps & HTMLAttributes & Properties & Listeners<Events> & { slot?: string | number };
};

declare module 'vue' {
  interface GlobalComponents {
    'ms-grid': Component<MsGrid, GridProperties, GridEvents>;
    'ms-slot': Component<MsSlot, SlotProperties, SlotEvents>;
  }
}
