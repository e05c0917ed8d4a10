import { css } from '@lit/reactive-element';

export const slotStyles = css`
  :host {
    display: block;
    position: relative;
    overflow: hidden;
    min-width: 0;
    aspect-ratio: var(--ms-aspect-ratio, 16 / 9);
    border-radius: var(--ms-radius, 10px);
    background: var(--ms-tile-background, #171b21);
    color: var(--ms-color, #f2f4f7);
    font: 500 0.8125rem / 1.35 var(--ms-font, system-ui, sans-serif);
    outline: 2px solid transparent;
    outline-offset: 2px;
    transition: outline-color 0.15s;
  }
  :host([hidden]) {
    display: none;
  }
  :host(:focus-visible) {
    outline-color: var(--ms-accent, #5b9dff);
  }
  :host(:fullscreen) {
    aspect-ratio: auto;
    border-radius: 0;
  }
  .tile,
  .picture,
  video {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
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
  :host(:state(stale)) video {
    filter: grayscale(0.8) brightness(0.6);
  }
`;
