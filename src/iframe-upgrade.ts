import './define.ts';
import { IframeUpgrade } from './iframe-upgrade/iframe-upgrade.ts';

const upgrades = new Map<Document | ShadowRoot, IframeUpgrade>();

/**
 * Replaces each `<iframe src="…/stream.html?src=NAME">` by an `<ms-slot>` in its box, over one connection per device,
 * and those that come or change later as well. Several `src` in one iframe make an `<ms-grid>`. Twice is once.
 *
 * @param root - Where: the document, or a shadow root, which has to be named for itself.
 */
export function upgrade(root: Document | ShadowRoot = document): void {
  if (!upgrades.has(root)) {
    upgrades.set(root, new IframeUpgrade(root));
  }
}

/** Brings the iframes of `root` back, the very same elements, and leaves later ones alone. */
export function downgrade(root: Document | ShadowRoot = document): void {
  upgrades.get(root)?.close();
  upgrades.delete(root);
}
