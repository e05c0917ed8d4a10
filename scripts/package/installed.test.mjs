import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { build } from 'esbuild';
import { launch } from 'puppeteer-core';
import { chromiumArguments, findChromium } from '../chromium.mjs';
import { installInto, readManifest, root } from './packages.mjs';

const { devDependencies } = readManifest(root);
const react = ['react', 'react-dom', '@types/react', '@types/react-dom'].map(
  (name) => `${name}@${devDependencies[name]}`,
);
/** Files that other pages take from a device, and files that its own pages need. */
const served = [
  '',
  'ms-grid.js',
  'ms-grid.iife.js',
  'ms-grid.extras.js',
  'ms-grid.forks.js',
  'ms-grid.socket-media.js',
  'ms-grid.observers.js',
  'ms-grid.tours.js',
  'ms-grid.arrange.js',
  'ms-grid.layout.js',
  'ms-grid.advice.js',
  'ms-grid.download.js',
  'ms-grid.pip.js',
  'ms-grid.stats-panel.js',
  'ms-grid.single-stream.js',
  'ms-grid.languages.js',
  'iframe-upgrade.js',
  'stream.html',
  'demo.js',
  'kiosk.js',
];

describe('the packed packages in an empty project', () => {
  let project;

  before(() => {
    project = installInto(react);
    for (const file of ['page.ts', 'app.tsx']) {
      copyFileSync(new URL(`consumer/${file}`, import.meta.url), join(project.folder, file));
    }
  });

  after(() => project?.remove());

  for (const [moduleResolution, module] of [
    ['bundler', 'ESNext'],
    ['nodenext', 'NodeNext'],
  ]) {
    it(`have types for moduleResolution ${moduleResolution}`, () => {
      const options = {
        ...{ module, moduleResolution, target: 'ES2022', lib: ['ES2023', 'DOM', 'DOM.Iterable'], jsx: 'react-jsx' },
        ...{ strict: true, exactOptionalPropertyTypes: true, resolveJsonModule: true, noEmit: true, types: [] },
      };
      const config = { compilerOptions: options, files: ['page.ts', 'app.tsx'] };
      writeFileSync(join(project.folder, 'tsconfig.json'), JSON.stringify(config));
      runNode(project.folder, join(root, 'node_modules/typescript/bin/tsc'));
    });
  }

  it('bring no Lit and no element to a page that imports only the client', async () => {
    const { inputs, size } = await bundle(
      `import { MultiStreamClient } from 'multistream-elements/client'; console.log(new MultiStreamClient());`,
    );
    assert.deepEqual(
      inputs.filter((path) => /lit|react|ms-grid|ms-slot/.test(path)),
      [],
    );
    assert.ok(size < 30_000, `${size} bytes, unpacked and uncompressed`);
  });

  it('bring no element to a React page that brings its own videos, and define them for one that does not', async () => {
    const own = await bundle(
      `import { useMultiStream } from 'multistream-elements/react'; console.log(useMultiStream);`,
    );
    assert.deepEqual(
      own.inputs.filter((path) => /lit|ms-grid|ms-slot/.test(path)),
      [],
    );
    const { text } = await bundle(`import { MsGrid } from 'multistream-elements/react'; console.log(MsGrid);`);
    assert.match(text, /customElements\.define/);
  });

  it('bring nothing where nothing that they export is used', async () => {
    const entries = ['', '/client', '/protocol', '/iframe-upgrade'];
    const { size } = await bundle(entries.map((entry) => `import 'multistream-elements${entry}';`).join('\n'));
    assert.equal(size, 0);
  });

  it('define the elements where that is asked for', async () => {
    const { text } = await bundle(`import 'multistream-elements/define';`);
    assert.match(text, /customElements\.define/);
  });

  it('can be imported where there is no document, as a server that renders does', () => {
    const entries = ['', '/define', '/client', '/protocol', '/react', '/iframe-upgrade'];
    const imports = entries.map((entry) => `await import('multistream-elements${entry}');`);
    runNode(project.folder, '--input-type=module', '--eval', imports.join('\n'));
  });

  it('play a camera together: the device by its command, the elements in a page of another origin', async (test) => {
    const { text } = await bundle(readFileSync(join(project.folder, 'page.ts'), 'utf8'));
    const device = await startDevice(project.folder);
    test.after(async () => assert.equal(await device.stop(), 0));
    const page = await serve({ 'page.js': text });
    test.after(() => page.close());
    const browser = await launch({ executablePath: findChromium(), args: chromiumArguments });
    test.after(() => browser.close());
    const tab = await browser.newPage();
    await tab.goto(`${page.url}?device=${encodeURIComponent(device.url)}`);
    await tab.waitForFunction(() => document.querySelector('ms-slot')?.state === 'active');
    const height = await tab.evaluate(
      () => document.querySelector('ms-slot').shadowRoot.querySelector('video').videoHeight,
    );
    assert.equal(height, 180);
    for (const file of served) {
      const response = await fetch(new URL(file, device.url));
      assert.equal(response.status, 200, file);
      await response.body.cancel();
    }
    const { multistream } = await (await fetch(new URL('api', device.url))).json();
    assert.equal(multistream.version, readManifest(join(root, 'device')).version);
  });

  it('say which Node the device needs, on one that is too old', () => {
    const older = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.19.0' } });`;
    writeFileSync(join(project.folder, 'older.cjs'), older);
    assert.throws(
      () => runNode(project.folder, '--require', './older.cjs', 'node_modules/.bin/multistream-device'),
      ({ status, stderr }) => status === 1 && /this is Node 20\.19\.0; it needs Node 22 or newer/.test(stderr),
    );
  });

  /** The files that a page with this source would load. */
  async function bundle(contents) {
    const { metafile, outputFiles } = await build({
      stdin: { contents, loader: 'ts', resolveDir: project.folder },
      ...{
        bundle: true,
        write: false,
        metafile: true,
        minify: true,
        keepNames: false,
        format: 'esm',
        logLevel: 'silent',
      },
    });
    const text = outputFiles
      .map((file) => file.text)
      .join('\n')
      .trim();
    const [output] = Object.values(metafile.outputs);
    return {
      text,
      size: text.length,
      inputs: Object.keys(output.inputs).filter((path) => output.inputs[path].bytesInOutput > 0),
    };
  }
});

function runNode(cwd, ...args) {
  return execFileSync(process.execPath, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

async function startDevice(cwd) {
  writeFileSync(
    join(cwd, 'cameras.yaml'),
    `api: {listen: "127.0.0.1:0", origin: "*"}\nwebrtc: {listen: ":0"}\nstreams:\n  camera1: ffmpeg:virtual?video=testsrc&size=320x180&rate=25#video=h264\n`,
  );
  const args = ['node_modules/.bin/multistream-device', '--config', 'cameras.yaml'];
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  let said = '';
  const url = await new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said += text;
      const [found] = /http:\S+(?=\n)/.exec(said) ?? [];
      if (found) {
        resolve(found);
      }
    });
    exited.then((code) => reject(new Error(`the device ended with ${code}: ${said}`)));
  });
  return {
    url,
    stop() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

async function serve(files) {
  const server = createServer(({ url }, response) => {
    const file = files[basename(url)];
    response.setHeader('Content-Type', file === undefined ? 'text/html' : 'text/javascript');
    response.end(file ?? '<!doctype html><body><script type="module" src="page.js"></script>');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}
