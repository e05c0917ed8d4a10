import type { SlotView } from '../slot-view.ts';
import type { AutoQuality } from './auto-quality.ts';
import type { Tour, TouredWall, TourPlan, TourTile } from './tours.ts';
import { stringsFor } from './words.ts';

/** The device behind each tile, and the choice of its automatic quality. */
export const sources = new WeakMap<Element, { view: SlotView; auto(): AutoQuality | undefined }>();

/** Starts, changes or ends the tour of a wall by a plan, or that of a tile by its own properties. */
export async function tour(host: TouredWall | TourTile, plan?: TourPlan | null): Promise<Tour | null> {
  const file = await import('./tours.ts');
  return file.tour(host, plan, { sources, stringsFor });
}
