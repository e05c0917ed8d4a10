/** The style of tiles that are enlarged and moved. A plain text, as in `styles.ts`. */
export const arrangeStyles = `
  .zoomable {
    touch-action: pan-x pan-y;
  }
  .movable {
    cursor: grab;
    -webkit-touch-callout: none;
  }
  .zoomable,
  .movable,
  .zoomed {
    -webkit-user-select: none;
    user-select: none;
  }
  .zoomed {
    cursor: move;
    touch-action: none;
  }
  .arranger {
    pointer-events: none;
  }
  .level {
    position: absolute;
    inset-block-end: 0.5rem;
    inset-inline-start: 0.5rem;
    padding: 0.1875rem 0.5rem;
    border-radius: 6px;
    background: var(--_surface);
    color: var(--_text);
    font-size: 0.75rem;
    line-height: 1.125rem;
    font-variant-numeric: tabular-nums;
  }
  .level:empty {
    display: none;
  }
  /* The controls take the whole width of a small tile, and one of them is left in the smallest. */
  @container (min-width: 9rem) and (max-width: 20rem) {
    .level {
      inset-block-end: 2.75rem;
    }
  }
  .hint {
    position: absolute;
    inset: 0;
    box-sizing: border-box;
    width: fit-content;
    height: fit-content;
    max-width: calc(100% - 1rem);
    margin: auto;
    padding: 0.375rem 0.625rem;
    border-radius: 6px;
    background: var(--_surface);
    color: var(--_text);
    font-size: 0.75rem;
    line-height: 1.125rem;
    text-align: center;
    unicode-bidi: plaintext;
  }
  .grabbed {
    cursor: grabbing;
  }
  .grabbed .picture {
    opacity: 0.6;
  }
  .grabbed .backdrop svg {
    visibility: hidden;
  }
  .grabbed .controls {
    opacity: 1;
  }
  .grabbed::after,
  .target::after {
    content: '';
    position: absolute;
    inset: 0;
    border: 3px dashed var(--ms-accent, light-dark(#0b57d0, #5b9dff));
    border-radius: inherit;
    pointer-events: none;
  }
  .target::after {
    border-style: solid;
  }
  .tile:is(.grabbed, .target) {
    border-radius: inherit;
  }
  @media (forced-colors: active) {
    .level,
    .hint {
      border: 1px solid;
    }
    .grabbed::after,
    .target::after {
      border-color: Highlight;
    }
  }
`;
