import type { SlotView } from '../slot-view.ts';
import type { Strings } from '../strings.ts';
import type { Tile, TileHost } from '../tile.ts';
import { summarize, type TileSummary } from '../tile-state.ts';
import { explain } from './explain.ts';
import { stringsFor } from './words.ts';

/**
 * Describes a tile at this moment: once for its caption, its controls, its gestures and screen readers.
 * @param isStill whether the picture has not moved for some seconds, whatever the device says
 */
export function describe(host: TileHost, view: SlotView, isStill: boolean): Tile {
  const { wall } = host;
  const { state, shared } = summaryOf(view);
  const strings = textsOf(host);
  const shown = view.shown ?? host;
  return {
    state,
    isStale: view.picture.isVisible && (shared || state === 'offline' || isStill),
    label: host.label || shown.stream,
    quality: shown.quality === 'native' ? (strings.native ?? '') : shown.quality,
    reason: reasonOf(host, view),
    isExplained: shared && view.connection === wall?.connection,
    wish: host,
    controls: host.controls ?? wall?.settings.controls ?? null,
    strings,
    connection: view.connection,
    wall: wall?.settings ?? null,
  };
}

/** Derives the state of a tile, and the reason for it. */
export function summaryOf({ wishedName, connection, status, presented, failure }: SlotView): TileSummary {
  return summarize({
    wished: wishedName,
    connection: connection?.state ?? 'idle',
    connectionError: connection?.error ?? null,
    status,
    presented,
    failure,
  });
}

/** Says why a tile is in its state, in its reader's language; empty where there is nothing to explain. */
export function reasonOf(host: TileHost, view: SlotView): string {
  const { why } = summaryOf(view);
  return why ? explain(why, textsOf(host), { device: view.connection?.url ?? '', stream: view.wishedName }) : '';
}

/** Tells style sheets and screen readers about the tile. */
export function announce({ state, isStale, label, reason, strings }: Tile, internals: ElementInternals): void {
  const { states } = internals;
  states.clear();
  states.add(state);
  isStale && states.add('stale');
  internals.role = 'group';
  internals.ariaLabel = [label, strings[state], isStale && strings.stale, reason].filter(Boolean).join(', ');
}

function textsOf(host: TileHost): Partial<Strings> {
  return { ...stringsFor(host), ...host.wall?.settings.strings };
}
