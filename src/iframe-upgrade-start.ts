import { downgrade, upgrade } from './iframe-upgrade.ts';

/**
 * The script that a page names to have its iframes upgraded. The elements are in it: one file, as a module or as a
 * classic script, asks for nothing but `script-src`.
 */
declare global {
  var MultiStreamIframes: { upgrade: typeof upgrade; downgrade: typeof downgrade } | undefined;
}

if (globalThis.MultiStreamIframes === undefined) {
  globalThis.MultiStreamIframes = { upgrade, downgrade };
  upgrade();
}
