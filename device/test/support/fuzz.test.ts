import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import * as fc from 'fast-check';
import { decode, encode, fuzz } from './fuzz.ts';

const folder = mkdtempSync(join(tmpdir(), 'multistream-corpus-'));
const corpus = pathToFileURL(`${folder}/`);
after(() => rmSync(folder, { recursive: true }));

describe('a fuzzed property', () => {
  it('names the smallest input that fails, as a file for the corpus', async () => {
    const small = (size: number) => assert.ok(size < 100);
    await assert.rejects(fuzz({ corpus, input: fc.nat(), holds: small }), /Keep it as .*NAME\.json:\n100$/);
    await fuzz({ corpus, input: fc.nat(99), holds: small });
  });

  it('is tried on its corpus before any random input', async () => {
    writeFileSync(join(folder, 'long.json'), encode({ packet: Buffer.from([1, 2, 255]) }));
    const seen: unknown[] = [];
    const holds = (input: unknown) => void seen.push(input);
    await fuzz({ corpus, input: fc.constant(null), runs: 3, holds });
    assert.deepEqual(seen, [{ packet: Buffer.from([1, 2, 255]) }, null, null, null]);
    const fails = () => assert.fail('as it once did');
    await assert.rejects(fuzz({ corpus, input: fc.constant(null), holds: fails }), /long\.json fails again/);
  });

  it('keeps bytes as they are in a corpus file', () => {
    const input = { packets: [new Uint8Array([0, 128]), Buffer.from([9])], at: 1.5, name: 'kitchen', none: null };
    assert.deepEqual(decode(encode(input)), { ...input, packets: [Buffer.from([0, 128]), Buffer.from([9])] });
  });
});
