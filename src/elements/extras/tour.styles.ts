/** The style of a tour's controls, in a tile and below a wall. */
export const tourStyles = `
  .tour {
    display: flex;
    align-items: center;
    gap: 0.125rem;
    width: fit-content;
    max-width: 100%;
    box-sizing: border-box;
    padding: 0.125rem;
    border-radius: 8px;
    background: var(--ms-surface, light-dark(#ffffff, #12161c));
    color: var(--ms-color, light-dark(#14181f, #f2f4f7));
    font-size: 0.75rem;
    line-height: 1.125rem;
    pointer-events: auto;
  }
  .tour[hidden] {
    display: none;
  }
  .wall + .tour {
    margin: 0.5rem auto;
  }
  .tour button {
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
  .tour svg {
    display: block;
    width: 1.25rem;
    height: 1.25rem;
    margin: 0 auto;
    fill: currentColor;
  }
  /* The sign for play is the same everywhere. */
  .tour:dir(rtl) :not(.toggle) > svg {
    scale: -1 1;
  }
  .tour button:hover {
    background: light-dark(#14181f1f, #ffffff2e);
  }
  .tour button:focus-visible {
    outline: 2px solid var(--ms-accent, light-dark(#0b57d0, #5b9dff));
  }
  .position {
    padding-inline: 0.375rem 0.5rem;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
    unicode-bidi: plaintext;
  }
  /* A tile shows the control that holds its pictures, and the others to a reader who turns to it. */
  :host(:not(:hover, :focus-within)) .foot .tour:not(.paused) > :not(.toggle) {
    display: none;
  }
  /* In one row with the other controls, where there is room for both. */
  @container (min-width: 24rem) {
    .foot .tour:has(+ .controls:not(:empty)) {
      margin-block-end: -2.25rem;
    }
  }
  @container (max-width: 9rem) {
    .foot .tour {
      padding: 0;
    }
    .foot .tour button {
      min-width: 1.5rem;
      height: 1.5rem;
      padding: 0.125rem;
    }
    .foot .tour > :not(.toggle) {
      display: none;
    }
  }
  @container (max-width: 7rem) {
    .tile:has(.tour:not([hidden])) .label {
      display: none;
    }
  }
  @media (forced-colors: active) {
    .tour {
      border: 1px solid;
    }
  }
`;
