export * from './client/index.ts';
export * from './events.ts';
export { MsGrid } from './ms-grid.ts';
export { MsSlot } from './ms-slot.ts';
export type { SlotStats, SwitchTimes } from './slot-stats.ts';
export type { Strings } from './strings.ts';
export type { TileState } from './tile-state.ts';
