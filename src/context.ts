import { createContext } from '@lit/context';
import type { DeviceConnection } from './client/device-connection.ts';

/** What a grid gives to the slots in it, however deep they are. */
export interface Wall {
  /** Null while the grid is out of the document, or cannot connect as it is configured. */
  readonly connection: DeviceConnection | null;
  /** A slot's number changed: put the slots in order again. */
  arrange(): void;
}

/** A registered symbol, so that two copies of this package in one page understand each other. */
export const wallContext = createContext<Wall>(Symbol.for('multistream-elements/wall'));
