import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from '../../src/config/config.ts';
import { Gate, Refusal } from '../../src/http/gate.ts';

function verdict(yaml: string, headers: Record<string, string>, url = '/api'): string {
  try {
    new Gate(parseConfig(yaml, 'cams.yaml').api).admit({ headers: { host: '127.0.0.1:1984', ...headers }, url });
    return 'admitted';
  } catch (error) {
    assert.ok(error instanceof Refusal);
    return `${error.status} ${error.reason}`;
  }
}

describe('the gate', () => {
  it('lets programs in that name no origin, and pages of its own origin', () => {
    assert.equal(verdict('', {}), 'admitted');
    assert.equal(verdict('', { origin: 'http://127.0.0.1:1984' }), 'admitted');
  });

  it('keeps out pages of other origins, and of no origin, unless the configuration names them', () => {
    for (const origin of ['http://evil.example', 'http://127.0.0.1:80', 'null', 'garbage']) {
      assert.equal(verdict('', { origin }), '403 origin', origin);
    }
    const named = 'api: { origin: "https://wall.example" }';
    assert.equal(verdict(named, { origin: 'https://wall.example' }), 'admitted');
    assert.equal(verdict(named, { origin: 'https://wall.example.evil.example' }), '403 origin');
    assert.equal(verdict('api: { origin: "*" }', { origin: 'http://evil.example' }), 'admitted');
  });

  it('keeps out a page that has pointed its own name at the device', () => {
    const rebound = { host: 'evil.example:1984', origin: 'http://evil.example:1984' };
    assert.equal(verdict('', rebound), '403 host');
    assert.equal(verdict('', { host: 'evil.example:1984' }), '403 host');
    assert.equal(verdict('', { host: '' }), '403 host');
    assert.equal(verdict('api: { password: p, username: u }', rebound), '401 credentials');
  });

  it('knows the names that nobody else can have: addresses, names without a dot, private domains', () => {
    for (const host of [
      '192.168.1.5',
      '[::1]:1984',
      'localhost:1984',
      'nvr',
      'nvr.local',
      'nvr.home.arpa:80',
      'a.internal.',
    ]) {
      assert.equal(verdict('', { host }), 'admitted', host);
    }
    for (const host of ['nvr.localx', 'xhome.arpa.example', '1.2.3.4.example', 'a b', '@', 'local.example']) {
      assert.equal(verdict('', { host }), '403 host', host);
    }
  });

  it('knows the names that the configuration has', () => {
    assert.equal(verdict('api: { listen: "nvr.example:80" }', { host: 'nvr.example' }), 'admitted');
    assert.equal(verdict('api: { origin: "https://nvr.example" }', { host: 'nvr.example:8080' }), 'admitted');
    assert.equal(verdict('api: { origin: "*" }', { host: 'nvr.example' }), 'admitted');
  });

  it('asks everyone for credentials, also who comes from this machine, and says so with 401', () => {
    const yaml = 'api: { tokens: [{ token: good }] }';
    assert.equal(verdict(yaml, {}), '401 credentials');
    assert.equal(verdict(yaml, { 'x-forwarded-for': '127.0.0.1' }), '401 credentials');
    assert.equal(verdict(yaml, {}, '/api?token=bad'), '401 credentials');
    assert.equal(verdict(yaml, {}, '/api?x=1&token=good'), 'admitted');
    assert.equal(verdict(yaml, { authorization: 'Bearer good' }), 'admitted');
  });

  it('looks at the origin before the credentials: a stolen token is of no use to a page', () => {
    const yaml = 'api: { tokens: [{ token: good }] }';
    assert.equal(verdict(yaml, { origin: 'http://evil.example' }, '/api?token=good'), '403 origin');
  });

  it('is not confused by what is no path', () => {
    for (const url of ['//evil.example/api', 'http://evil.example/?token=good', '*', '']) {
      assert.equal(verdict('api: { tokens: [{ token: other }] }', {}, url), '401 credentials', url);
    }
  });
});
