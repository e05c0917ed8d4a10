import { css } from 'lit';

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
  .badge {
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
`;
