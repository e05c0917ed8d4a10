/**
 * Writes what `custom-elements.json` says of the elements into the documents: one page for each element, and the short
 * tables between the markers of README.md. `npm run docs`; the tests beside this file find out where it was forgotten.
 */

import { readFileSync, writeFileSync } from 'node:fs';

export const marker = /(<!-- elements:begin[^>]*-->\n)[\s\S]*?(<!-- elements:end -->)/;

/** @returns {Map<string, string>} the content that each file should have */
export function documents() {
  const elements = JSON.parse(readFileSync('custom-elements.json', 'utf8'))
    .modules.flatMap(({ declarations }) => declarations ?? [])
    .filter(({ tagName }) => tagName);
  const readme = readFileSync('README.md', 'utf8');
  const tables = elements.map(shortTables).join('\n');
  return new Map([
    ...elements.map((element) => [`docs/elements/${element.tagName}.md`, page(element)]),
    ['README.md', readme.replace(marker, (_, begin, end) => `${begin}${tables}${end}`)],
  ]);
}

function page(element) {
  const { tagName, description } = element;
  return [
    `# \`<${tagName}>\`\n\n<!-- Written by \`npm run docs\` from custom-elements.json. -->\n`,
    `${description}\n\n[What the elements do together](../elements.md)\n`,
    ...sections(element),
  ].join('\n');
}

function shortTables(element) {
  const { tagName, cssProperties = [], cssParts = [], cssStates = [] } = element;
  const names = (list, wrap = (name) => name) => list.map(({ name }) => `\`${wrap(name)}\``).join(' ');
  return [
    `### \`<${tagName}>\`\n`,
    attributes(element),
    table(['event', ''], events(element)),
    `Parts: ${names(cssParts)}. States: ${names(cssStates, (name) => `:state(${name})`) || 'none'}. Custom properties: ${names(
      cssProperties,
    )}. [All of it](docs/elements/${tagName}.md)\n`,
  ].join('\n');
}

function sections(element) {
  const { members = [], slots = [], cssParts = [], cssProperties = [], cssStates = [] } = element;
  const byName = ({ name, description }) => [name === '' ? '(default)' : `\`${name}\``, description];
  const withoutAttribute = members.filter(({ kind, attribute }) => kind === 'field' && !attribute);
  const parts = [
    ['Attributes and properties', attributes(element)],
    [
      'Properties without an attribute',
      table(
        ['property', 'type', ''],
        withoutAttribute.map(({ name, type, readonly, description }) => [
          `\`${name}\``,
          `${code(type?.text)}${readonly ? ', read only' : ''}`,
          description,
        ]),
      ),
    ],
    ['Methods', table(['method', ''], members.filter(({ kind }) => kind === 'method').map(method))],
    ['Events', `${table(['event', ''], events(element))}\nAll of them bubble, out of shadow roots too.\n`],
    ['Slots', table(['slot', ''], slots.map(byName))],
    ['CSS parts', table(['part', ''], cssParts.map(byName))],
    [
      'CSS custom properties',
      table(
        ['property', 'default', ''],
        cssProperties.map(({ name, default: value, description }) => [`\`${name}\``, code(value), description]),
      ),
    ],
    [
      'States',
      table(
        ['state', ''],
        cssStates.map(({ name, description }) => [`\`:state(${name})\``, description]),
      ),
    ],
  ];
  return parts.filter(([, content]) => content !== '').map(([title, content]) => `## ${title}\n\n${content}`);
}

function attributes({ attributes: list = [], members = [] }) {
  const rows = list.map(({ name, fieldName, type, default: value, description }) => {
    const property = fieldName ?? members.find(({ attribute }) => attribute === name)?.name;
    return [
      `\`${name}\``,
      property === undefined || property === name ? '' : `\`${property}\``,
      code(type?.text),
      code(value),
      description,
    ];
  });
  return table(['attribute', 'property, if named otherwise', 'type', 'default', ''], rows);
}

function events({ events: list = [] }) {
  return list.map(({ name, type, description }) => [`\`${name}\``, `${description} \`${type?.text}\``]);
}

function method({ name, parameters = [], return: result, description }) {
  const list = parameters.map((parameter) => `${parameter.name}: ${parameter.type?.text}`).join(', ');
  return [code(`${name}(${list}): ${result?.type?.text ?? 'void'}`), description];
}

function code(text) {
  return text === undefined ? '' : `\`${text.replaceAll('|', '\\|')}\``;
}

function table(head, rows) {
  if (rows.length === 0) {
    return '';
  }
  const line = (cells) => `| ${cells.map((cell) => (cell ?? '').replaceAll('\n', ' ')).join(' | ')} |\n`;
  return `${line(head)}|${'---|'.repeat(head.length)}\n${rows.map(line).join('')}`;
}

if (import.meta.main ?? process.argv[1]?.endsWith('reference.mjs')) {
  for (const [file, content] of documents()) {
    writeFileSync(file, content);
  }
}
