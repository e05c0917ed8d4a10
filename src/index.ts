export * from './client/index.ts';
export * from './elements/events.ts';
export type { MsSoundEvent, SoundState } from './elements/extras/sound.ts';
export type { MsTourEvent, Tour, TourPlan, TourState, TourStop } from './elements/extras/tours.ts';
export { MsGrid } from './elements/ms-grid.ts';
export { MsSlot } from './elements/ms-slot.ts';
export type { SlotStats, SwitchTimes } from './elements/slot-stats.ts';
export type { Strings } from './elements/strings.ts';
export type { TileState } from './elements/tile-state.ts';
