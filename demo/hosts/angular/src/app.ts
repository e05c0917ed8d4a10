import 'multistream-elements/define';
import { Component, CUSTOM_ELEMENTS_SCHEMA, signal } from '@angular/core';
import type { MsConnectionEvent, MsSwitchEvent } from 'multistream-elements';

const query = new URLSearchParams(location.search);

@Component({
  selector: 'app-root',
  // Without it Angular refuses tags and properties that it does not know.
  schemas: [CUSTOM_ELEMENTS_SCHEMA],
  templateUrl: './app.html',
})
export class App {
  readonly device = query.get('device') ?? 'http://localhost:1984';
  readonly cameras = query.get('cameras')?.split(',') ?? [
    'camera1',
    'camera2',
    'camera3',
    'camera4',
    'camera5',
    'camera6',
  ];
  readonly strings = { active: 'On air' };
  readonly noServers = [];
  readonly tiles = signal(this.cameras.slice(0, 3).map((stream, id) => ({ id, stream })));
  readonly columns = signal(3);
  readonly eager = signal(false);
  readonly shown = signal(true);
  readonly connection = signal('');
  readonly switched = signal('');
  leave = () => {};

  add(): void {
    this.tiles.update((tiles) => {
      const last = tiles.at(-1);
      return [...tiles, { id: (last?.id ?? -1) + 1, stream: last ? this.#after(last.stream) : this.cameras[0] }];
    });
  }

  remove(): void {
    this.tiles.update((tiles) => tiles.slice(1));
  }

  next(): void {
    this.tiles.update(([first, ...others]) => [{ ...first, stream: this.#after(first.stream) }, ...others]);
  }

  onConnection(event: Event): void {
    this.connection.set((event as MsConnectionEvent).state);
  }

  onSwitch(event: Event): void {
    this.switched.set((event as MsSwitchEvent).stream);
  }

  #after(stream: string): string {
    return this.cameras[(this.cameras.indexOf(stream) + 1) % this.cameras.length];
  }
}
