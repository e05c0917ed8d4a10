import type { TemplateResult } from 'lit';
import type { Strings } from '../strings.ts';
import { icon } from './icons.ts';
import { html, nothing } from './lit.ts';

const ownNames = ['stats', 'sound', 'quality', 'snapshot', 'pip', 'fullscreen'] as const;
const controlNames = ['move', 'zoom', ...ownNames] as const;
export type ControlName = (typeof controlNames)[number];

/** The attribute `controls`: names, or an empty text for all but `move`; without the attribute none. */
export function readControls(value: string | null): ControlName[] {
  // Earlier versions called the control of the sound `mute`.
  const names = value
    ?.replace(/\bmute\b/, 'sound')
    .split(/[\s,]+/)
    .filter(Boolean) ?? ['none'];
  return controlNames.filter((name) => (names.length === 0 ? name !== 'move' : names.includes(name)));
}

type ButtonName = Exclude<(typeof ownNames)[number], 'quality'>;

export interface ControlsModel {
  readonly names: readonly ControlName[];
  readonly strings: Partial<Strings>;
  /** The states of the buttons that are switches. */
  readonly pressed: Partial<Record<ControlName, boolean>>;
  /** Why the sound cannot be heard; empty where it can. */
  readonly silence: string;
  readonly qualities: readonly string[];
  readonly quality: string;
  readonly actions: Readonly<Record<ButtonName, () => void>>;
  /** The buttons of `move` and `zoom`, once they are loaded. */
  readonly arranging: readonly HTMLElement[] | undefined;
  readonly choose: (quality: string) => void;
}

/** The buttons of a tile. Each has a place of its own in the template, so one that stays keeps the focus. */
export function controls(model: ControlsModel): TemplateResult {
  const place = (name: (typeof ownNames)[number]) => {
    if (!model.names.includes(name)) {
      return nothing;
    }
    return name === 'quality' ? menu(model) : button(name, model);
  };
  // A click on a button is none on the tile under it.
  return html`<div class="controls" part="controls" @click=${stop} @dblclick=${stop}>${model.arranging}${ownNames.map(place)}</div>`;
}

function button(name: ButtonName, { strings, pressed, silence, actions }: ControlsModel): TemplateResult {
  const label = [strings[name] ?? name, name === 'sound' && silence].filter(Boolean).join(': ');
  return html`<button
    type="button"
    class=${name}
    part="control"
    title=${label}
    aria-label=${label}
    aria-pressed=${pressed[name] ?? nothing}
    @click=${actions[name]}
  >${icon(name)}</button>`;
}

function menu({ strings, qualities, quality, choose }: ControlsModel): TemplateResult {
  const label = strings.quality ?? 'quality';
  const onChange = ({ currentTarget }: Event) => choose((currentTarget as HTMLSelectElement).value);
  return html`<select class="quality" part="control" title=${label} aria-label=${label} @change=${onChange}>
    ${['auto', ...qualities].map((value) => {
      const text = value === 'auto' || value === 'native' ? (strings[value] ?? value) : value;
      return html`<option value=${value} .selected=${value === quality}>${text}</option>`;
    })}
  </select>`;
}

function stop(event: Event): void {
  event.stopPropagation();
}
