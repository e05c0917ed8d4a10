/** Of what the extras put into a tile; a plain text, since they share no code with the elements. */
export const styles = `
  .backdrop,
  .backdrop img {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
  }
  .backdrop {
    display: grid;
    place-items: center;
    color: var(--ms-placeholder, #ffffff2b);
  }
  .backdrop img {
    object-fit: var(--ms-fit, contain);
  }
  .backdrop svg {
    width: min(22%, 4rem);
  }
  .bar {
    position: absolute;
    inset: auto 0 0;
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0.125rem 0.5rem;
    padding: 1.75rem 0.75rem 0.625rem;
    background: linear-gradient(transparent, #000000b8);
    text-shadow: 0 1px 2px #000000a6;
  }
  .label {
    overflow: hidden;
    max-width: 100%;
    font-weight: 600;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .bar .quality {
    color: #ffffffb3;
    font-size: 0.75rem;
    font-variant-numeric: tabular-nums;
  }
  .reason {
    flex-basis: 100%;
    margin: 0;
    color: var(--ms-danger-text, #ffb4ab);
    font-weight: 400;
    overflow-wrap: anywhere;
  }
  .badge {
    --_light: #98a2b3;
    position: absolute;
    inset-block-start: 0.625rem;
    inset-inline-end: 0.625rem;
    display: flex;
    align-items: center;
    gap: 0.375rem;
    padding: 0.1875rem 0.5625rem 0.1875rem 0.5rem;
    border-radius: 99px;
    background: #0b0d10b8;
    font-size: 0.6875rem;
    letter-spacing: 0.02em;
  }
  .badge::before {
    content: '';
    width: 0.4375rem;
    aspect-ratio: 1;
    border-radius: 50%;
    background: var(--_light);
  }
  :host(:state(active)) .badge {
    --_light: var(--ms-ok, #3ddc84);
  }
  :host(:state(buffering)) .badge,
  :host(:state(connecting)) .badge,
  :host(:state(waiting)) .badge {
    --_light: var(--ms-warning, #ffb84d);
  }
  :host(:state(error)) .badge,
  :host(:state(offline)) .badge {
    --_light: var(--ms-danger, #ff5d52);
  }
  @media (prefers-reduced-motion: no-preference) {
    :host(:state(buffering)) .badge::before,
    :host(:state(connecting)) .badge::before,
    :host(:state(waiting)) .badge::before {
      animation: pulse 1s ease-in-out infinite alternate;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    :host {
      transition: none;
    }
  }
  @keyframes pulse {
    to {
      opacity: 0.25;
    }
  }
  .live {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .controls {
    position: absolute;
    inset-block-end: 0.375rem;
    inset-inline-end: 0.375rem;
    display: flex;
    gap: 0.125rem;
    padding: 0.125rem;
    border-radius: 8px;
    background: #0b0d10cc;
    opacity: 0;
    transition: opacity 0.15s;
  }
  .controls:empty {
    display: none;
  }
  :host(:hover) .controls,
  :host(:focus-within) .controls {
    opacity: 1;
  }
  @media (prefers-reduced-motion: reduce) {
    .controls {
      transition: none;
    }
  }
  .controls button,
  .controls select {
    box-sizing: border-box;
    min-width: 1.75rem;
    height: 1.75rem;
    margin: 0;
    padding: 0.25rem;
    border: 0;
    border-radius: 6px;
    background: transparent;
    color: #f2f4f7;
    font: inherit;
    font-size: 0.75rem;
    cursor: pointer;
  }
  .controls option {
    background: #171b21;
    color: #f2f4f7;
  }
  .controls svg {
    display: block;
    width: 1.25rem;
    height: 1.25rem;
    fill: currentColor;
  }
  .controls :is(button, select):hover,
  .controls [aria-pressed='true'] {
    background: #ffffff2e;
  }
  .controls :is(button, select):focus-visible {
    outline: 2px solid var(--ms-accent, #5b9dff);
  }
  .panel {
    position: absolute;
    inset-block-start: 0.625rem;
    inset-inline-start: 0.625rem;
    padding: 0.375rem 0.625rem;
    border-radius: 6px;
    background: #0b0d10d9;
    color: #f2f4f7;
    font: 400 0.6875rem / 1.45 ui-monospace, monospace;
  }
  .panel[hidden] {
    display: none;
  }
`;
