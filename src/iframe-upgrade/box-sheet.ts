import { type Box, readBox, readPlace, readSurroundings, standInBox } from './box.ts';

/** An iframe, and the element beside it that stands in its place. */
export interface Pair {
  readonly iframe: HTMLIFrameElement;
  readonly standIn: HTMLElement;
}

const hidden = 'iframe[data-multistream="upgraded"]';
const boxed = '[data-multistream-box]';
/** Tiles fill the box that the iframe had, whatever its shape, and do not make it larger. */
const styles = `
  ${hidden} { display: none !important }
  ${boxed} { overflow: clip !important; container-type: normal !important }
  ms-grid${boxed}::part(wall) { position: absolute; inset: 0; padding: 0; grid-auto-rows: minmax(0, 1fr) }
  ms-grid${boxed} > ms-slot { aspect-ratio: auto; height: 100% }
`;

/**
 * The style of one root's stand-ins: each has the box of its iframe. The iframe stays in the document, not displayed,
 * so its computed values keep telling what the page's style sheets want, at every width of the window. A constructed
 * style sheet: a Content-Security-Policy need not allow inline styles, and the `style` attributes stay the page's own.
 */
export class BoxSheet {
  readonly #root: Document | ShadowRoot;
  readonly #sheet = new CSSStyleSheet();
  readonly #rules = new Map<HTMLElement, { rule: CSSStyleRule; alone: Box; beside: Box }>();
  #ids = 0;

  constructor(root: Document | ShadowRoot) {
    this.#root = root;
    this.#sheet.replaceSync(styles);
    root.adoptedStyleSheets.push(this.#sheet);
  }

  /** Puts each stand-in after its iframe, which is displayed so far, and hides the iframe. */
  insert(pairs: readonly Pair[]): void {
    // All are read before the first is inserted: a stand-in is one more sibling, which selectors may count.
    const alone = readBoxes(pairs, () => {
      for (const { iframe } of pairs) {
        iframe.dataset.multistream = 'upgraded';
      }
    });
    for (const [index, { iframe, standIn }] of pairs.entries()) {
      this.#ids += 1;
      standIn.dataset.multistreamBox = `${this.#ids}`;
      const at = this.#sheet.insertRule(`[data-multistream-box="${this.#ids}"] {}`, this.#sheet.cssRules.length);
      const rule = this.#sheet.cssRules[at] as CSSStyleRule;
      const box = alone[index] as Box;
      this.#rules.set(standIn, { rule, alone: box, beside: box });
      iframe.after(standIn);
    }
    for (const [index, box] of this.#readAll(pairs).entries()) {
      const entry = this.#rules.get((pairs[index] as Pair).standIn);
      if (entry) {
        entry.beside = box;
      }
    }
  }

  /** Gives all stand-ins the boxes that their iframes would have by now. */
  fit(pairs: readonly Pair[]): void {
    for (const { standIn } of pairs) {
      this.#ruleOf(standIn)?.style.setProperty('display', 'none', 'important');
    }
    const boxes = this.#readAll(pairs);
    const wanted = pairs.map(({ iframe, standIn }, index) =>
      standInBox(this.#asAlone(standIn, boxes[index] as Box), readSurroundings(iframe)),
    );
    for (const { standIn } of pairs) {
      this.#clear(standIn);
    }
    const own = pairs.map(({ standIn }) => readBox(standIn));
    for (const [index, { standIn }] of pairs.entries()) {
      const style = this.#ruleOf(standIn)?.style;
      style?.removeProperty('display');
      for (const [name, value] of wanted[index] ?? []) {
        // Values that the page's style sheets already give the stand-in by its class stay theirs: they may change with :hover.
        // A border without a style counts as 0 wide, until it gets one.
        if (own[index]?.get(name) !== value || /^border-.*-width$/.test(name)) {
          style?.setProperty(name, value, 'important');
        }
      }
    }
  }

  /** Takes the stand-in out, and displays its iframe again. */
  remove({ iframe, standIn }: Pair): void {
    const rule = this.#ruleOf(standIn);
    const index = [...this.#sheet.cssRules].indexOf(rule as CSSStyleRule);
    if (index >= 0) {
      this.#sheet.deleteRule(index);
    }
    this.#rules.delete(standIn);
    standIn.remove();
    if (iframe.dataset.multistream === 'upgraded') {
      delete iframe.dataset.multistream;
    }
  }

  close(): void {
    this.#root.adoptedStyleSheets = this.#root.adoptedStyleSheets.filter((sheet) => sheet !== this.#sheet);
  }

  #ruleOf(standIn: HTMLElement): CSSStyleRule | undefined {
    return this.#rules.get(standIn)?.rule;
  }

  /** Removes all declarations but `display: none`. */
  #clear(standIn: HTMLElement): void {
    const style = this.#ruleOf(standIn)?.style;
    for (const name of [...(style ?? [])]) {
      style?.removeProperty(name);
    }
    style?.setProperty('display', 'none', 'important');
  }

  #readAll(pairs: readonly Pair[]): Box[] {
    const hide = (this.#sheet.cssRules[0] as CSSStyleRule).style;
    hide.removeProperty('display');
    return readBoxes(pairs, () => hide.setProperty('display', 'none', 'important'));
  }

  /** Returns the present box without the changes that the stand-in itself caused by being one more sibling. */
  #asAlone(standIn: HTMLElement, now: Box): Box {
    const { alone, beside } = this.#rules.get(standIn) ?? {};
    return new Map(
      [...now].map(([name, value]) => [name, value === beside?.get(name) ? (alone?.get(name) ?? value) : value]),
    );
  }
}

/** Reads the places of iframes that are displayed, and their boxes after `hide` has hidden them. */
function readBoxes(pairs: readonly Pair[], hide: () => void): Box[] {
  const places = pairs.map(({ iframe }) => readPlace(iframe));
  hide();
  return pairs.map(({ iframe }, index) => new Map([...(places[index] as Box), ...readBox(iframe)]));
}
