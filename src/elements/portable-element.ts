import { LitElement } from 'lit';

/** The sheets of each document, by their text. A browser refuses a constructed sheet in any document but its own. */
const sheets = new WeakMap<Document, Map<string, CSSStyleSheet>>();

/** How long (ms) an element may be out of the document before it lets go of its device: tabs, animations, new layouts. */
export const absence = { limit: 5000 };

/**
 * A LitElement that works in documents other than the one of its script: a pop-up window, Document Picture-in-Picture.
 * A browser empties `adoptedStyleSheets` on the way there, so the styles are adopted anew in each document.
 */
export abstract class PortableElement extends LitElement {
  readonly #more = new Set<string>();
  #absence: ReturnType<typeof setTimeout> | undefined;

  /**
   * Lets go of the device, without waiting whether the element comes back.
   * @internal
   */
  abstract letGo(): void;

  override connectedCallback(): void {
    super.connectedCallback();
    clearTimeout(this.#absence);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#absence = setTimeout(() => this.letGo(), absence.limit);
  }

  /** Called by the browser when the element has moved to another document. */
  adoptedCallback(): void {
    this.#adoptStyles();
  }

  /**
   * Adds to the element's own styles.
   * @internal
   */
  addStyles(css: string): void {
    this.#more.add(css);
    this.#adoptStyles();
  }

  protected override createRenderRoot(): HTMLElement | DocumentFragment {
    const root = this.shadowRoot ?? this.attachShadow((this.constructor as typeof LitElement).shadowRootOptions);
    this.#adoptStyles();
    return root;
  }

  #adoptStyles(): void {
    const { shadowRoot, ownerDocument } = this;
    if (shadowRoot && ownerDocument.defaultView) {
      const own = (this.constructor as typeof LitElement).elementStyles.map((style) => String(style));
      shadowRoot.adoptedStyleSheets = [...own, ...this.#more].map((css) => sheetFor(ownerDocument, css));
    }
  }
}

function sheetFor(document: Document, css: string): CSSStyleSheet {
  const known = sheets.get(document) ?? new Map<string, CSSStyleSheet>();
  sheets.set(document, known);
  let sheet = known.get(css);
  if (sheet === undefined) {
    const { CSSStyleSheet: Sheet } = document.defaultView as Window & typeof globalThis;
    sheet = new Sheet();
    sheet.replaceSync(css);
    known.set(css, sheet);
  }
  return sheet;
}
