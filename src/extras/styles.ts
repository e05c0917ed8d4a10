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
`;
