import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parseFragment } from 'parse5';
import { compile as compileSvelte } from 'svelte/compiler';
import { compileScript, compileTemplate, parse as parseVue } from 'vue/compiler-sfc';
import { parseConfig } from '../../device/src/config/config.ts';
import { codeBlocks } from './documents.mjs';
import { typeCheck } from './type-check.mjs';

/** Languages that are checked one by one; TypeScript is compiled at once. */
const checks = {
  js: (code) => new Function(code),
  json: (code) => JSON.parse(code),
  html: checkMarkup,
  vue: checkVue,
  svelte: checkSvelte,
  yaml: checkConfig,
  sh: checkCommands,
};

describe('the code in the documents', () => {
  const blocks = codeBlocks();

  it('is of a language that is checked here', () => {
    // Without a language: drawings.
    const unknown = blocks.filter(({ language }) => !['', 'ts', 'tsx', ...Object.keys(checks)].includes(language));
    assert.deepEqual(unknown, []);
  });

  for (const [language, check] of Object.entries(checks)) {
    it(`is right: ${language}`, () => {
      const chosen = blocks.filter((block) => block.language === language);
      assert.ok(chosen.length > 0);
      for (const { file, line, code } of chosen) {
        assert.doesNotThrow(() => check(code), `${file}:${line}`);
      }
    });
  }

  it('is right: the configuration beside the compose file', () => {
    checkConfig(readFileSync('deploy/cameras.yaml', 'utf8'));
  });

  it('is right: ts and tsx, by the types that the package has', () => {
    const chosen = blocks.filter(({ language }) => language === 'ts' || language === 'tsx');
    assert.ok(chosen.length > 5);
    typeCheck(chosen);
  });
});

const manifest = JSON.parse(readFileSync('custom-elements.json', 'utf8'));
const elements = manifest.modules.flatMap(({ declarations }) => declarations ?? []).filter(({ tagName }) => tagName);
const attributesOf = new Map(elements.map(({ tagName, attributes }) => [tagName, attributes.map(({ name }) => name)]));
/** Those that a page may write on every element. */
const everywhere = /^(class|style|id|title|hidden|slot|tabindex|role|lang|dir|aria-.+|data-.+|on.+)$/;

function checkMarkup(code) {
  const visit = ({ tagName = '', attrs = [], childNodes = [] }) => {
    if (tagName.startsWith('ms-')) {
      const known = attributesOf.get(tagName) ?? assert.fail(`there is no <${tagName}>`);
      const unknown = attrs.filter(({ name }) => !known.includes(name) && !everywhere.test(name));
      assert.deepEqual(unknown, [], `<${tagName}>`);
    }
    const [text] = childNodes;
    if (tagName === 'script' && attrs.some(({ value }) => value === 'importmap')) {
      JSON.parse(text.value);
    } else if (tagName === 'script' && text) {
      new Function(text.value);
    }
    childNodes.forEach(visit);
  };
  const wrong = [];
  visit(parseFragment(code, { onParseError: (error) => wrong.push(error.code), sourceCodeLocationInfo: true }));
  assert.deepEqual(
    wrong.filter((reason) => reason !== 'misplaced-doctype'),
    [],
  );
}

function checkVue(code) {
  const { descriptor, errors } = parseVue(code);
  assert.deepEqual(errors, []);
  compileScript(descriptor, { id: 'example' });
  const isCustomElement = (tag) => tag.startsWith('ms-');
  const { errors: inTemplate, ast } = compileTemplate({
    ...{ source: descriptor.template.content, filename: 'example.vue', id: 'example' },
    compilerOptions: { isCustomElement },
  });
  assert.deepEqual(inTemplate, []);
  const visit = ({ tag = '', props = [], children = [] }) => {
    const names = props.flatMap(({ name, arg }) => (name === 'bind' ? (arg?.content ?? []) : []));
    assert.deepEqual(unknownTo(tag, names), []);
    children.forEach(visit);
  };
  visit(ast);
}

function checkSvelte(code) {
  const { warnings, ast } = compileSvelte(code, { generate: 'client', modernAst: true });
  assert.deepEqual(
    warnings.map(({ message }) => message),
    [],
  );
  const visit = ({ name = '', attributes = [], fragment, body }) => {
    const names = attributes.filter(({ type }) => type === 'Attribute').map((attribute) => attribute.name);
    assert.deepEqual(unknownTo(name, names), []);
    for (const node of [...(fragment?.nodes ?? []), ...(body?.nodes ?? [])]) {
      visit(node);
    }
  };
  visit(ast);
}

/** Keys and what is bound to them are the frameworks' own. */
function unknownTo(tag, names) {
  const known = attributesOf.get(tag);
  return known === undefined
    ? []
    : names.filter((name) => !known.includes(name) && !everywhere.test(name) && name !== 'key');
}

function checkConfig(code) {
  // The certificate's files are not here; an example without streams is a part of a file.
  const whole = /^streams:/m.test(code) ? code : `${code}\nstreams: {camera1: "rtsp://192.168.1.10/stream"}\n`;
  parseConfig(whole.replaceAll(/^ {2}tls_.*\n/gm, ''), 'example');
}

function checkCommands(code) {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  const { bin } = JSON.parse(readFileSync('device/package.json', 'utf8'));
  for (const [, run, name] of code.matchAll(/\bnpm (run )?([\w-]+)/g)) {
    assert.ok(run ? name in scripts : ['ci', 'install', 'start', 'test'].includes(name), `npm has no ${name}`);
  }
  for (const [, command] of code.matchAll(/npx ([\w-]+)/g)) {
    assert.ok(command in bin, `there is no command ${command}`);
  }
}
