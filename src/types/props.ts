/** Types of the elements for the frameworks' own type systems, derived from the classes. */

import type { MsConnectionEvent, MsErrorEvent, MsStatusEvent, MsSwitchEvent } from '../elements/events.ts';
import type { MsLayoutEvent } from '../elements/extras/arrangement.ts';
import type { MsFrameEvent } from '../elements/extras/frames.ts';
import type { WallLayout } from '../elements/extras/layout.ts';
import type { MsSoundEvent } from '../elements/extras/sound.ts';
import type { MsTourEvent } from '../elements/extras/tours.ts';
import type { MsGrid } from '../elements/ms-grid.ts';
import type { MsSlot } from '../elements/ms-slot.ts';

export type GridProperties = Partial<
  Pick<
    MsGrid,
    | 'deviceUrl'
    | 'columns'
    | 'iceServers'
    | 'maxSlots'
    | 'fit'
    | 'theme'
    | 'mode'
    | 'eager'
    | 'calm'
    | 'controls'
    | 'authorize'
    | 'strings'
  >
> &
  Partial<Record<'layout', Partial<WallLayout> | string | null>>;

export type SlotProperties = Partial<
  Pick<
    MsSlot,
    | 'index'
    | 'slotIndex'
    | 'stream'
    | 'streams'
    | 'dwell'
    | 'quality'
    | 'label'
    | 'deviceUrl'
    | 'poster'
    | 'fit'
    | 'theme'
    | 'mode'
    | 'eager'
    | 'calm'
    | 'controls'
    | 'sound'
    | 'frames'
    | 'volume'
  >
>;

/** Under the names that they have in HTML: `device-url` beside `deviceUrl`. */
export type Attributes<Properties> = {
  [Name in keyof Properties & string as Kebab<Name>]?: Extract<
    Properties[Name] | (Properties[Name] extends number | undefined ? `${number}` : never),
    string | number | boolean | null | undefined
  >;
};

type Kebab<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `-${Lowercase<First>}`}${Kebab<Rest>}`
  : Name;

/** By the events' names. What a slot fires bubbles to its grid. */
export interface SlotEvents {
  'ms-status': MsStatusEvent;
  'ms-switch': MsSwitchEvent;
  'ms-sound': MsSoundEvent;
  'ms-frame': MsFrameEvent;
  'ms-tour': MsTourEvent;
  'ms-error': MsErrorEvent;
}

export interface GridEvents extends SlotEvents {
  'ms-connection': MsConnectionEvent;
  'ms-layout': MsLayoutEvent;
}

/** `onms-switch`, as React 19 and Svelte 5 name the handler of a custom element's event. */
export type Handlers<Events> = {
  [Name in keyof Events & string as `on${Name}`]?: ((event: Events[Name]) => void) | undefined;
};
