/** The style of what the extras put into a tile. A plain text, since the extras do not import Lit: see `lit.ts`. */
export const styles = `
  :host {
    --_surface: var(--ms-surface, light-dark(#ffffff, #12161c));
    --_text: var(--ms-color, light-dark(#14181f, #f2f4f7));
    --_muted: var(--ms-muted, light-dark(#4a5361, #b3bcc9));
    color: var(--_text);
    font: 500 0.8125rem / 1.35 var(--ms-font, system-ui, sans-serif);
    outline: 2px solid transparent;
    outline-offset: 2px;
  }
  :host(:state(stale)) .picture {
    filter: grayscale(0.8) brightness(0.6);
  }
  :host([theme='light']) {
    --ms-color-scheme: light;
  }
  :host([theme='dark']) {
    --ms-color-scheme: dark;
  }
  :host(:focus-visible) {
    outline-color: var(--ms-accent, light-dark(#0b57d0, #5b9dff));
  }
  :host(:fullscreen) {
    aspect-ratio: auto;
    border-radius: 0;
    background: #000;
  }
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
    color: var(--ms-placeholder, light-dark(#14181f38, #ffffff2b));
  }
  .backdrop img {
    object-fit: var(--ms-fit, contain);
  }
  /* The picture fits into a box without its wide pixels, and is stretched with it: right for every object-fit. */
  .picture[style*='aspect'] video {
    left: calc(50% - 50% / var(--_pixel-aspect));
    width: calc(100% / var(--_pixel-aspect));
    scale: var(--_pixel-aspect) 1;
  }
  .backdrop svg {
    width: min(22%, 4rem);
    fill: currentColor;
  }
  .head,
  .foot {
    position: absolute;
    inset-inline: 0.5rem;
    display: flex;
    gap: 0.25rem;
    pointer-events: none;
  }
  .head {
    inset-block-start: 0.5rem;
    align-items: flex-start;
  }
  .foot {
    inset-block-end: 0.5rem;
    flex-direction: column;
    align-items: flex-start;
  }
  .label,
  .quality,
  .badge,
  .reason,
  .controls,
  .panel {
    box-sizing: border-box;
    max-width: 100%;
    margin: 0;
    padding: 0.1875rem 0.5rem;
    border-radius: 6px;
    background: var(--_surface);
    color: var(--_text);
    font-size: 0.75rem;
    line-height: 1.125rem;
    unicode-bidi: plaintext;
  }
  .label {
    overflow: hidden;
    min-width: 0;
    font-weight: 600;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .label:empty {
    display: none;
  }
  .quality {
    color: var(--_muted);
    font-variant-numeric: tabular-nums;
  }
  .reason {
    display: -webkit-box;
    overflow: hidden;
    color: var(--ms-danger-text, light-dark(#a1160a, #ffb4ab));
    overflow-wrap: anywhere;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 4;
  }
  .badge {
    --_light: light-dark(#667085, #98a2b3);
    display: flex;
    flex: none;
    align-items: center;
    gap: 0.375rem;
    margin-inline-start: auto;
    pointer-events: auto;
  }
  .badge::before {
    content: '';
    width: 0.4375rem;
    aspect-ratio: 1;
    border-radius: 50%;
    background: var(--_light);
  }
  :host(:state(active)) .badge {
    --_light: var(--ms-ok, light-dark(#0a7d3c, #3ddc84));
  }
  .badge.calm::before {
    background: none;
    box-shadow: inset 0 0 0 2px var(--_light);
  }
  :host(:state(buffering)) .badge,
  :host(:state(connecting)) .badge,
  :host(:state(waiting)) .badge {
    --_light: var(--ms-warning, light-dark(#b25e00, #ffb84d));
  }
  :host(:state(error)) .badge,
  :host(:state(offline)) .badge {
    --_light: var(--ms-danger, light-dark(#c9251a, #ff5d52));
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
    display: flex;
    flex-wrap: wrap;
    justify-content: flex-end;
    align-self: flex-end;
    gap: 0.125rem;
    padding: 0.125rem;
    border-radius: 8px;
    opacity: 0;
    pointer-events: auto;
  }
  .controls:empty {
    display: none;
  }
  :host(:is(:hover, :focus-within)) .controls {
    opacity: 1;
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
    color: inherit;
    font: inherit;
    cursor: pointer;
  }
  .controls option {
    background: var(--_surface);
    color: var(--_text);
  }
  .controls svg {
    display: block;
    width: 1.25rem;
    height: 1.25rem;
    fill: currentColor;
  }
  .controls :is(button, select):hover,
  .controls [aria-pressed='true'] {
    background: light-dark(#14181f1f, #ffffff2e);
  }
  .controls :is(button, select):focus-visible {
    outline: 2px solid var(--ms-accent, light-dark(#0b57d0, #5b9dff));
  }
  .panel {
    position: absolute;
    inset-block-start: 2.25rem;
    inset-inline-start: 0.5rem;
    overflow: auto;
    max-width: calc(100% - 1rem);
    max-height: calc(100% - 2.75rem);
    font-size: 0.6875rem;
    font-variant-numeric: tabular-nums;
  }
  .panel div {
    display: flex;
    justify-content: space-between;
    gap: 1rem;
    line-height: 1.0625rem;
  }
  .panel dt {
    color: var(--_muted);
  }
  .panel dd {
    margin: 0;
  }
  .panel[hidden] {
    display: none;
  }
  /* All eight controls in one row. */
  @container (max-width: 20rem) {
    .controls {
      flex-wrap: nowrap;
    }
    .controls button {
      min-width: 1.5rem;
      padding: 0.125rem;
    }
    .controls select {
      flex: 0 1 auto;
      min-width: 0;
    }
  }
  @container (max-width: 15rem) {
    .head .quality {
      display: none;
    }
    .reason {
      -webkit-line-clamp: 2;
    }
    :host(:is(:state(error), :state(offline))) .backdrop svg {
      display: none;
    }
    .head,
    .foot {
      inset-inline: 0.25rem;
    }
    .head {
      inset-block-start: 0.25rem;
    }
    .foot {
      inset-block-end: 0.25rem;
    }
  }
  @container (max-width: 10rem) {
    .badge {
      padding-inline: 0.375rem;
      font-size: 0;
      line-height: 1.125rem;
      min-height: 1.5rem;
    }
  }
  /* These would cover the whole tile. The badge has the reason as its title, and fullscreen the other controls. */
  @container (max-width: 9rem) {
    .reason,
    .controls > :not(.fullscreen) {
      display: none;
    }
    .label {
      padding-inline: 0.375rem;
    }
  }
  @media (prefers-reduced-motion: no-preference) {
    :host(:focus-visible) {
      transition: outline-color 0.15s;
    }
    .controls {
      transition: opacity 0.15s;
    }
    :host(:is(:state(connecting), :state(buffering), :state(waiting))) .badge::before {
      animation: pulse 1s ease-in-out infinite alternate;
    }
  }
  @keyframes pulse {
    to {
      opacity: 0.25;
    }
  }
  @media (forced-colors: active) {
    :host {
      border: 1px solid;
      outline: none;
    }
    :host(:focus-visible) {
      outline: 3px solid Highlight;
    }
    .label,
    .quality,
    .badge,
    .reason,
    .controls,
    .panel {
      border: 1px solid;
    }
    .badge::before {
      background: CanvasText;
      forced-color-adjust: none;
    }
    .controls [aria-pressed='true'] {
      background: Highlight;
      color: HighlightText;
      forced-color-adjust: none;
    }
  }
`;

/** The style of a grid's explanation, which is shown once these texts are there. */
export const noticeStyles = `
  .error {
    position: absolute;
    inset-block-end: calc(var(--ms-gap, 8px) + 1rem);
    inset-inline: 1rem;
    width: fit-content;
    max-width: 40rem;
    margin: 0 auto;
    padding: 0.625rem 1rem;
    border: 1px solid light-dark(#14181f29, #ffffff24);
    border-radius: var(--ms-radius, 10px);
    background: var(--ms-surface, light-dark(#ffffff, #1f242c));
    box-shadow: 0 8px 32px light-dark(#14181f40, #00000080);
    overflow-wrap: anywhere;
    unicode-bidi: plaintext;
  }
  .error.alone {
    position: static;
    margin: 1rem auto;
  }
`;
