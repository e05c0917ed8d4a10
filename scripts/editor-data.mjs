/** Makes the data that editors complete from out of `custom-elements.json`: VS Code's custom data and JetBrains' web-types. */

import { readFileSync } from 'node:fs';
import { generateJetBrainsWebTypes } from 'custom-element-jet-brains-integration';
import { generateVsCodeCustomElementData } from 'custom-element-vs-code-integration';

/** @param {string} outdir */
export function writeEditorData(outdir) {
  // Each gets its own: they add to what they are given.
  generateVsCodeCustomElementData(readManifest(), {
    outdir,
    htmlFileName: 'vscode.html-custom-data.json',
    cssFileName: 'vscode.css-custom-data.json',
    hideLogs: true,
  });
  generateJetBrainsWebTypes(readManifest(), {
    outdir,
    webTypesFileName: 'web-types.json',
    packageJson: false,
    hideLogs: true,
  });
}

function readManifest() {
  return JSON.parse(readFileSync('custom-elements.json', 'utf8'));
}
