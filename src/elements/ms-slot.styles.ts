import { css } from 'lit';

export const slotStyles = css`
  :host {
    color-scheme: var(--ms-color-scheme, light dark);
    display: block;
    position: relative;
    overflow: hidden;
    min-width: 0;
    aspect-ratio: var(--ms-aspect-ratio, 16 / 9);
    border-radius: var(--ms-radius, 10px);
    background: var(--ms-tile-background, light-dark(#d3d8e0, #1a1f26));
    color: var(--ms-color, light-dark(#14181f, #f2f4f7));
    font: 500 0.8125rem / 1.35 var(--ms-font, system-ui, sans-serif);
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
  :host([theme='light']) {
    --ms-color-scheme: light;
  }
  :host([theme='dark']) {
    --ms-color-scheme: dark;
  }
  :host([fit='contain']) {
    --ms-fit: contain;
  }
  :host([fit='cover']) {
    --ms-fit: cover;
  }
  :host(:state(stale)) .picture {
    filter: grayscale(0.8) brightness(0.6);
  }
`;
