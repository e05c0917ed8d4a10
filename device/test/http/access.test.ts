import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Access, CredentialsError, type Viewer } from '../../src/http/access.ts';

const basic = (name: string, password: string) => `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;

describe('access to the API', () => {
  const user = { name: 'admin', password: 'a:b ü' };
  const access = new Access({
    user,
    tokens: [{ token: 'all' }, { token: 'some', streams: ['door*', 'yard'] }, { token: 'none', streams: [] }],
  });

  /** Null for credentials that are not good. */
  const known = (authorization: string | undefined, query: string | null, to = access): Promise<Viewer | null> =>
    to.identify(authorization, query).catch((error) => {
      assert.ok(error instanceof CredentialsError);
      return null;
    });

  it('is open to everyone if no credentials are configured', async () => {
    const open = new Access({ tokens: [] });
    assert.ok(open.isOpen);
    assert.ok((await known(undefined, null, open))?.seesAll);
    assert.ok((await known('Basic nonsense', 'nonsense', open))?.maySee('any'));
  });

  it('takes the right user and password, and no others', async () => {
    assert.ok((await known(basic('admin', 'a:b ü'), null))?.seesAll);
    for (const wrong of [
      basic('admin', 'a:b'),
      basic('Admin', 'a:b ü'),
      basic('', ''),
      'Basic',
      'Basic !',
      'basic  ',
    ]) {
      assert.equal(await known(wrong, null), null, wrong);
    }
  });

  it('takes a token from the header or from the address', async () => {
    assert.ok((await known('Bearer all', null))?.seesAll);
    assert.ok((await known('bearer all', null))?.seesAll);
    assert.ok((await known(undefined, 'all'))?.seesAll);
    for (const wrong of ['al', 'all ', 'ALL', '', 'a:b ü']) {
      assert.equal(await known(`Bearer ${wrong}x`, null), null, wrong);
      assert.equal(await known(undefined, wrong), null, wrong);
    }
  });

  it('does not take a password for a token, nor a token for a password', async () => {
    assert.equal(await known(undefined, user.password), null);
    assert.equal(await known(basic('admin', 'all'), null), null);
  });

  it('takes the token of the address where a proxy has put its own credentials into the header', async () => {
    assert.ok((await known(basic('proxy', 'proxy'), 'all'))?.seesAll);
  });

  it('limits a token to the streams that its patterns name as a whole', async () => {
    const viewer = await known(undefined, 'some');
    assert.equal(viewer?.seesAll, false);
    const seen = ['door', 'door-360p', 'yard', 'yard-360p', 'backyard', 'Door', ''].filter((name) =>
      viewer?.maySee(name),
    );
    assert.deepEqual(seen, ['door', 'door-360p', 'yard']);
    assert.equal((await known(undefined, 'none'))?.maySee(''), false);
  });

  it('reads everything but * in a pattern as itself', async () => {
    const one = new Access({ tokens: [{ token: 't', streams: ['a.b[1]*(x)'] }] });
    const { maySee } = (await known(undefined, 't', one)) ?? {};
    assert.ok(maySee?.('a.b[1](x)'));
    assert.ok(maySee?.('a.b[1]-360p\n(x)'));
    assert.ok(!maySee?.('axb[1](x)'));
    assert.ok(!maySee?.('a.b1(x)'));
  });

  it('matches patterns as an expression would, in a time that grows with the name alone', async () => {
    const maySee = async (pattern: string, name: string) =>
      (await new Access({ tokens: [{ token: 't', streams: [pattern] }] }).identify(undefined, 't')).maySee(name);
    const texts = fc.array(fc.constantFrom('a', 'b', '*'), { maxLength: 8 }).map((letters) => letters.join(''));
    const names = fc.array(fc.constantFrom('a', 'b'), { maxLength: 8 }).map((letters) => letters.join(''));
    await fc.assert(
      fc.asyncProperty(texts, names, async (pattern, name) => {
        assert.equal(await maySee(pattern, name), new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name));
      }),
      { numRuns: 2000 },
    );
    // An expression with backtracking takes minutes for each of these.
    assert.equal(await maySee('*cam*-*p', 'cam-'.repeat(100_000)), false);
    assert.equal(await maySee('*a*a*a*a*b', 'a'.repeat(400_000)), false);
  });

  it('asks for what it would take', () => {
    assert.equal(
      access.challenge,
      'Basic realm="multistream device", charset="UTF-8", Bearer realm="multistream device"',
    );
    assert.equal(new Access({ tokens: [{ token: 't' }] }).challenge, 'Bearer realm="multistream device"');
  });
});
