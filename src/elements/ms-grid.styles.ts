export const gridStyles = `
  :host {
    color-scheme: var(--ms-color-scheme, light dark);
    display: block;
    position: relative;
    container-type: inline-size;
    color: var(--ms-color, light-dark(#14181f, #f2f4f7));
    font: 400 0.875rem / 1.45 var(--ms-font, system-ui, sans-serif);
  }
  :host([hidden]) {
    display: none;
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
  .wall {
    display: grid;
    grid-template-columns: repeat(var(--_columns, 1), minmax(0, 1fr));
    gap: var(--ms-gap, 8px);
    padding: var(--ms-gap, 8px);
    border-radius: calc(var(--ms-radius, 10px) + var(--ms-gap, 8px));
    background: var(--ms-background, light-dark(#eef0f3, #0b0d10));
  }
  .large {
    display: none;
    grid-area: span var(--_span) / span var(--_span);
  }
  :host(:state(spotlit)) .large {
    display: block;
  }
  @container (max-width: 30rem) {
    .wall {
      grid-template-columns: repeat(var(--_narrow-columns, 1), minmax(0, 1fr));
    }
    .large {
      grid-area: auto / 1 / auto / -1;
    }
  }
`;
