import type { Strings } from '../strings.ts';
import { drawIcon } from './icons.ts';

export const controlNames = ['stats', 'mute', 'quality', 'snapshot', 'pip', 'fullscreen'] as const;
export type ControlName = (typeof controlNames)[number];
export type Actions = Record<Exclude<ControlName, 'quality'>, () => void> & { quality(value: string): void };

/** The attribute `controls`: names, or nothing for all of them; without the attribute none. */
export function readControls(value: string | null): ControlName[] {
  const names = value?.split(/[\s,]+/).filter(Boolean) ?? ['none'];
  return names.length === 0 ? [...controlNames] : controlNames.filter((name) => names.includes(name));
}

/** The buttons of a tile. */
export class Controls {
  readonly element = document.createElement('div');
  readonly #actions: Actions;
  /** A tile is muted until somebody wants to hear it. */
  readonly #pressed: Partial<Record<ControlName, boolean>> = { stats: false, mute: true };
  #key = '';

  constructor(actions: Actions) {
    this.#actions = actions;
    this.element.className = 'controls';
    this.element.setAttribute('part', 'controls');
    // What is meant for a button is not meant for the tile under it.
    for (const type of ['click', 'dblclick']) {
      this.element.addEventListener(type, (event) => event.stopPropagation());
    }
  }

  /** Made anew only where something changed, since a button that is gone has lost the focus. */
  show(names: readonly ControlName[], strings: Partial<Strings>, qualities: readonly string[], quality: string): void {
    const key = JSON.stringify([names, strings, qualities, quality]);
    if (key !== this.#key) {
      this.#key = key;
      this.element.replaceChildren(
        ...names.map((name) =>
          name === 'quality' ? this.#menu(strings, qualities, quality) : this.#button(name, strings[name] ?? name),
        ),
      );
    }
  }

  press(name: 'stats' | 'mute', pressed: boolean): void {
    this.#pressed[name] = pressed;
    this.element.querySelector(`.${name}`)?.setAttribute('aria-pressed', String(pressed));
  }

  #button(name: Exclude<ControlName, 'quality'>, label: string): HTMLElement {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = name;
    button.setAttribute('part', 'control');
    button.title = label;
    button.ariaLabel = label;
    button.ariaPressed = this.#pressed[name]?.toString() ?? null;
    button.append(drawIcon(name));
    button.addEventListener('click', () => this.#actions[name]());
    return button;
  }

  #menu(strings: Partial<Strings>, qualities: readonly string[], quality: string): HTMLElement {
    const menu = document.createElement('select');
    menu.className = 'quality';
    menu.setAttribute('part', 'control');
    menu.title = menu.ariaLabel = strings.quality ?? 'quality';
    menu.append(
      ...['auto', ...qualities].map((value) => {
        const text = value === 'auto' || value === 'native' ? (strings[value] ?? value) : value;
        return new Option(text, value, value === quality, value === quality);
      }),
    );
    menu.addEventListener('change', () => this.#actions.quality(menu.value));
    return menu;
  }
}
