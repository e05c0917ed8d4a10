'use client';

import { createComponent, type EventName } from '@lit/react';
import * as React from 'react';
import { MsGrid as GridElement, MsSlot as SlotElement } from '../define.ts';
import type { MsConnectionEvent, MsErrorEvent, MsStatusEvent, MsSwitchEvent } from '../elements/events.ts';
import type { MsLayoutEvent } from '../elements/extras/arrangement.ts';
import type { MsFrameEvent } from '../elements/extras/frames.ts';
import type { MsSoundEvent } from '../elements/extras/sound.ts';
import type { MsTourEvent } from '../elements/extras/tours.ts';

/** The events of a tile bubble, so a grid receives those of all its tiles. */
const slotEvents = {
  onMsStatus: 'ms-status' as EventName<MsStatusEvent>,
  onMsSwitch: 'ms-switch' as EventName<MsSwitchEvent>,
  onMsFrame: 'ms-frame' as EventName<MsFrameEvent>,
  onMsTour: 'ms-tour' as EventName<MsTourEvent>,
  onMsSound: 'ms-sound' as EventName<MsSoundEvent>,
  onMsError: 'ms-error' as EventName<MsErrorEvent>,
};

/** `<ms-grid>` as a React component: its properties are props, its events `onMsConnection`, `onMsStatus` and so on. */
export const MsGrid = createComponent({
  react: React,
  tagName: 'ms-grid',
  elementClass: GridElement,
  displayName: 'MsGrid',
  events: {
    ...slotEvents,
    onMsConnection: 'ms-connection' as EventName<MsConnectionEvent>,
    onMsLayout: 'ms-layout' as EventName<MsLayoutEvent>,
  },
});

/** `<ms-slot>` as a React component; its place in the grid is the prop `index`. */
export const MsSlot = createComponent({
  react: React,
  tagName: 'ms-slot',
  elementClass: SlotElement,
  displayName: 'MsSlot',
  events: slotEvents,
});
