import { ContextEvent, createContext } from '@lit/context';
import type { DeviceConnection, DeviceConnectionOptions } from '../client/device-connection.ts';
import type { Strings } from './strings.ts';

/** Settings of a wall that hold for each of its tiles, unless the tile has its own. */
export interface WallSettings {
  readonly controls: string | null;
  readonly eager: boolean;
  readonly calm: boolean;
  readonly strings: Partial<Strings>;
  /** The tiles, in the order of the document. */
  readonly slots: readonly HTMLElement[];
  /** The tile that is shown large. */
  readonly spotlit: HTMLElement | null;
  /** The tour through the tiles, while there is one. */
  readonly activeTour: { readonly state: string; readonly element: HTMLElement } | undefined;
  layout: unknown;
  spotlight(slot: HTMLElement | number | null): void;
  letGo(): void;
}

/** A grid gives this to the slots in it, however deep they are. */
export interface Wall {
  /** Null while the grid is out of the document, or cannot connect as it is configured. */
  readonly connection: DeviceConnection | null;
  /** Connection options for a tile that names a device of its own. */
  readonly options: DeviceConnectionOptions;
  readonly settings: WallSettings;
  /** A slot's number changed: put the slots in order again. */
  arrange(): void;
}

/** A registered symbol, so that two copies of this package in one page understand each other. */
const wallContext = createContext<Wall>(Symbol.for('multistream-elements/wall'));

type Asker = ContextEvent<typeof wallContext>['callback'];

/**
 * Answers the slots in `host` by the context protocol that lit and others speak. Returns the way to tell them that
 * the wall has changed.
 */
export function provideWall(host: HTMLElement, wall: () => Wall): () => void {
  const askers = new Set<Asker>();
  const tell = (asker: Asker) => asker(wall(), () => askers.delete(asker));
  host.addEventListener('context-request', (event) => {
    const { context, callback, subscribe } = event as ContextEvent<typeof wallContext>;
    if (context === wallContext) {
      event.stopPropagation();
      if (subscribe) {
        askers.add(callback);
      }
      tell(callback);
    }
  });
  return () => askers.forEach(tell);
}

/** Asks the walls around `slot`, and again on every change. Returns the way to stop. */
export function askForWall(slot: HTMLElement, callback: (wall: Wall) => void): () => void {
  let stop: (() => void) | undefined;
  const asker: Asker = (wall, unsubscribe) => {
    stop = unsubscribe;
    callback(wall);
  };
  slot.dispatchEvent(new ContextEvent(wallContext, slot, asker, true));
  return () => stop?.();
}
