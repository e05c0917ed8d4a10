export { CameraGrid, type CameraGridProps } from './camera-grid.tsx';
export { MsGrid, MsSlot } from './elements.ts';
export { type MultiStreamSlot, type MultiStreamWall, type SlotWish, useMultiStream } from './use-multi-stream.ts';
