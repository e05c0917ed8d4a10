export const slotStyles = `
  :host {
    color-scheme: var(--ms-color-scheme, light dark);
    display: block;
    position: relative;
    overflow: hidden;
    min-width: 0;
    aspect-ratio: var(--ms-aspect-ratio, 16 / 9);
    border-radius: var(--ms-radius, 10px);
    background: var(--ms-tile-background, light-dark(#d3d8e0, #1a1f26));
  }
  :host([hidden]) {
    display: none;
  }
  .tile {
    container-type: inline-size;
  }
  .tile,
  .picture,
  video,
  iframe {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
  }
  iframe {
    border: 0;
    pointer-events: none;
  }
  video {
    object-fit: var(--ms-fit, contain);
  }
  :host([fit='contain']) {
    --ms-fit: contain;
  }
  :host([fit='cover']) {
    --ms-fit: cover;
  }
`;
