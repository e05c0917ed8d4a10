import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultsOf } from '../../../scripts/imports.mjs';

const faults = (sources: Record<string, string>) => faultsOf(new Map(Object.entries(sources)));

describe('the table of imports', () => {
  it('lets the elements import the client, and the client no element', () => {
    assert.deepEqual(
      faults({ 'src/elements/a.ts': "import { b } from '../client/b.ts'; import { html } from 'lit';" }),
      [],
    );
    const [fault] = faults({ 'src/client/b.ts': "export { A } from '../elements/a.ts';" });
    assert.match(fault ?? '', /^src\/client\/b\.ts imports src\/elements\/a\.ts/);
  });

  it('gives the schema of client messages to the device, which the page does not pay for', () => {
    const asked = (path: string) => `import { decode } from '${path}src/protocol/decode-client-message.ts';`;
    assert.deepEqual(faults({ 'device/src/http/a.ts': asked('../../../') }), []);
    assert.equal(faults({ 'src/client/a.ts': asked('../../') }).length, 1);
    assert.equal(faults({ 'src/protocol/a.ts': asked('../../') }).length, 1);
  });

  it('counts types, and parts that are loaded later', () => {
    for (const asked of [
      "import type { A } from 'lit';",
      "const { a } = await import('lit');",
      "export * from 'lit';",
    ]) {
      assert.equal(faults({ 'src/client/b.ts': asked }).length, 1, asked);
    }
  });

  it('gives FFmpeg to the coder alone, and libdatachannel to webrtc alone', () => {
    const both = "import { Demuxer } from 'node-av/api'; import { PeerConnection } from 'node-datachannel';";
    const rooms = ['cameras', 'coder', 'config', 'http', 'media', 'rtsp', 'sessions', 'streams', 'webrtc'];
    const allowed = rooms.filter((room) => faults({ [`device/src/${room}/a.ts`]: both }).length < 2);
    assert.deepEqual(allowed, ['coder', 'webrtc']);
  });

  it('keeps the coder apart from the device that starts it, except for the messages', () => {
    assert.deepEqual(faults({ 'device/src/cameras/a.ts': "import { b } from '../coder/messages.ts';" }), []);
    assert.equal(faults({ 'device/src/cameras/a.ts': "import { b } from '../coder/main.ts';" }).length, 1);
    assert.equal(faults({ 'device/src/coder/main.ts': "import { b } from '../cameras/a.ts';" }).length, 1);
  });

  it('refuses files that import each other in a circle', () => {
    const circle = {
      'src/client/a.ts': "import './b.ts';",
      'src/client/b.ts': "import type { C } from './c.ts';",
      'src/client/c.ts': "import './a.ts'; import './d.ts';",
      'src/client/d.ts': '',
    };
    assert.deepEqual(faults(circle), ['circle: src/client/a.ts → src/client/b.ts → src/client/c.ts → src/client/a.ts']);
  });

  it('refuses a file that belongs to no room', () => {
    assert.match(faults({ 'device/src/attic/a.ts': "import 'node:fs';" })[0] ?? '', /attic/);
  });
});
