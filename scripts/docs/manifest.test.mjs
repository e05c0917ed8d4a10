import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { documents } from './reference.mjs';

const kinds = ['members', 'attributes', 'events', 'slots', 'cssParts', 'cssProperties', 'cssStates'];

describe('the words of the elements', () => {
  const { modules } = JSON.parse(readFileSync('custom-elements.json', 'utf8'));
  const elements = modules.flatMap(({ declarations }) => declarations ?? []);

  it('describe every attribute, property, event, slot, part, custom property and state', () => {
    const silent = elements.flatMap((element) =>
      kinds.flatMap((kind) =>
        (element[kind] ?? [])
          .filter(({ description }) => !description)
          .map(({ name }) => `${element.name}: ${kind}: ${name}`),
      ),
    );
    assert.deepEqual(silent, []);
  });

  it('stand in README.md and docs/elements/ as they are now: else run `npm run docs`', () => {
    for (const [file, content] of documents()) {
      assert.equal(readFileSync(file, 'utf8'), content, file);
    }
  });

  it('are known to the types of the frameworks', () => {
    const types = readFileSync('src/types/props.ts', 'utf8');
    const properties = elements
      .filter(({ tagName }) => tagName)
      .flatMap(({ members = [] }) => members.filter(({ kind, readonly }) => kind === 'field' && !readonly));
    for (const { name } of properties) {
      assert.match(types, new RegExp(`'${name}'`), `${name} is missing in src/types/props.ts`);
    }
  });
});
