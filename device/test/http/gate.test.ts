import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from '../../src/config/config.ts';
import { Gate, Refusal } from '../../src/http/gate.ts';

function gateOf(yaml: string): Gate {
  return new Gate(parseConfig(yaml, 'cams.yaml').api);
}

async function verdict(yaml: string, headers: Record<string, string>, url = '/api', localPort = 1984): Promise<string> {
  try {
    const socket = { localPort };
    await gateOf(yaml).admit({ headers: { host: '127.0.0.1:1984', ...headers }, url, socket });
    return 'admitted';
  } catch (error) {
    assert.ok(error instanceof Refusal);
    return `${error.status} ${error.reason}`;
  }
}

describe('the gate', () => {
  it('lets programs in that name no origin, and pages of its own origin', async () => {
    assert.equal(await verdict('', {}), 'admitted');
    assert.equal(await verdict('', { origin: 'http://127.0.0.1:1984' }), 'admitted');
  });

  it('keeps out pages of other origins, and of no origin, unless the configuration names them', async () => {
    for (const origin of ['http://evil.example', 'http://127.0.0.1:80', 'null', 'garbage']) {
      assert.equal(await verdict('', { origin }), '403 origin', origin);
    }
    const named = 'api: { origin: "https://wall.example" }';
    assert.equal(await verdict(named, { origin: 'https://wall.example' }), 'admitted');
    assert.equal(await verdict(named, { origin: 'https://wall.example.evil.example' }), '403 origin');
    assert.equal(await verdict('api: { origin: "*" }', { origin: 'http://evil.example' }), 'admitted');
  });

  it('keeps out a page that has pointed its own name at the device', async () => {
    const rebound = { host: 'evil.example:1984', origin: 'http://evil.example:1984' };
    assert.equal(await verdict('', rebound), '403 host');
    assert.equal(await verdict('', { host: 'evil.example:1984' }), '403 host');
    assert.equal(await verdict('', { host: '' }), '403 host');
    assert.equal(await verdict('api: { password: p, username: u }', rebound), '401 credentials');
  });

  it('knows the names that no outsider can have: addresses, names without a dot, private domains', async () => {
    for (const host of [
      '192.168.1.5',
      '[::1]:1984',
      'localhost:1984',
      'nvr',
      'nvr.local',
      'nvr.home.arpa:80',
      'a.internal.',
    ]) {
      assert.equal(await verdict('', { host }), 'admitted', host);
    }
    for (const host of ['nvr.localx', 'xhome.arpa.example', '1.2.3.4.example', 'a b', '@', 'local.example']) {
      assert.equal(await verdict('', { host }), '403 host', host);
    }
  });

  it('knows the names that the configuration has', async () => {
    assert.equal(await verdict('api: { listen: "nvr.example:80" }', { host: 'nvr.example' }), 'admitted');
    assert.equal(await verdict('api: { origin: "https://nvr.example" }', { host: 'nvr.example:8080' }), 'admitted');
    assert.equal(await verdict('api: { origin: "*" }', { host: 'nvr.example' }), 'admitted');
  });

  it('asks every client for credentials, those of this machine included, and says so with 401', async () => {
    const yaml = 'api: { tokens: [{ token: good }] }';
    assert.equal(await verdict(yaml, {}), '401 credentials');
    assert.equal(await verdict(yaml, { 'x-forwarded-for': '127.0.0.1' }), '401 credentials');
    assert.equal(await verdict(yaml, {}, '/api?token=bad'), '401 credentials');
    assert.equal(await verdict(yaml, {}, '/api?x=1&token=good'), 'admitted');
    assert.equal(await verdict(yaml, { authorization: 'Bearer good' }), 'admitted');
  });

  it('looks at the origin before the credentials: a stolen token is of no use to a page', async () => {
    const yaml = 'api: { tokens: [{ token: good }] }';
    assert.equal(await verdict(yaml, { origin: 'http://evil.example' }, '/api?token=good'), '403 origin');
  });

  it('is not confused by what is no path', async () => {
    for (const url of ['//evil.example/api', 'http://evil.example/?token=good', '*', '']) {
      assert.equal(await verdict('api: { tokens: [{ token: other }] }', {}, url), '401 credentials', url);
    }
  });

  it('takes pages of its own name from behind a proxy, whatever the proxy makes of the port', async () => {
    const yaml = 'api: { username: u, password: p }';
    const own = async (host: string, origin: string, localPort?: number) =>
      (await verdict(yaml, { host, origin, authorization: `Basic ${btoa('u:p')}` }, '/api', localPort)) === 'admitted';
    assert.ok(await own('cams.example', 'https://cams.example'), 'Host $host');
    assert.ok(await own('cams.example:443', 'https://cams.example'), 'Host $host:443');
    assert.ok(await own('cams.example:80', 'http://cams.example'), 'Host $host:80');
    assert.ok(await own('CAMS.example.', 'https://cams.example:443'));
    assert.ok(await own('cams.example', 'https://cams.example:8443'), 'Host $host of a proxy at another port');
    assert.ok(await own('[2001:db8::1]', 'https://[2001:db8::1]'));
    assert.ok(!(await own('cams.example', 'https://cams.example:8443', 443)), 'a browser came without a proxy');
    assert.ok(!(await own('cams.example', 'http://cams.example:3000', 80)), 'a browser came without a proxy');
    assert.ok(!(await own('cams.example:443', 'http://cams.example')));
    assert.ok(!(await own('cams.example:443', 'https://cams.example:8443')));
    assert.ok(!(await own('cams.example', 'https://other.example')));
    assert.ok(!(await own('cams.example', 'https://x.cams.example')));
    assert.ok(!(await own('cams.example', 'capacitor://cams.example')));
    assert.ok(!(await own('cams.example@evil.example', 'https://evil.example')));
    assert.ok(!(await own('cams.example', 'null')));
  });

  it('takes the pages that a pattern, a scheme of apps or null in api.origin means', async () => {
    const yaml = 'api: { origin: ["https://*.example.org", "capacitor://localhost", "http://localhost:*", "null"] }';
    for (const origin of ['https://a.b.example.org', 'capacitor://localhost', 'http://localhost:3000', 'null']) {
      assert.equal(await verdict(yaml, { origin }), 'admitted', origin);
    }
    for (const origin of ['https://example.org', 'http://a.example.org', 'ionic://localhost', 'https://example.orgx']) {
      assert.equal(await verdict(yaml, { origin }), '403 origin', origin);
    }
  });

  it('gives no picture to an image tag of a page that it does not let in', async () => {
    const image = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' };
    const still = '/api/frame.jpeg?src=a';
    const listed = 'api: { origin: "https://wall.example" }';
    assert.equal(await verdict('', image, still), '403 origin');
    assert.equal(await verdict('', { ...image, 'sec-fetch-site': 'same-site' }, still), '403 origin');
    assert.equal(await verdict(listed, { ...image, referer: 'https://evil.example/x' }, still), '403 origin');
    assert.equal(await verdict(listed, image, still), '403 origin', 'a page may hide who it is');
    assert.equal(await verdict(listed, { ...image, referer: 'https://wall.example/x?y' }, still), 'admitted');
    assert.equal(await verdict('api: { origin: "*" }', image, still), 'admitted');
    assert.equal(await verdict('api: { origin: "null" }', image, still), 'admitted');
    assert.equal(await verdict('', { ...image, 'sec-fetch-site': 'same-origin' }, still), 'admitted');
    assert.equal(await verdict('', { ...image, 'sec-fetch-site': 'none' }, still), 'admitted');
    assert.equal(
      await verdict('', { ...image, 'sec-fetch-mode': 'navigate' }, '/'),
      'admitted',
      'a link to the device',
    );
  });

  it('tells browsers which pages may have an answer, and which may show its pages in a frame', async () => {
    const headers = (yaml: string, more: Record<string, string>) =>
      gateOf(yaml).answerHeaders({ headers: { host: '127.0.0.1:1984', ...more } });
    const policy = 'Cross-Origin-Resource-Policy';
    const frames = 'Content-Security-Policy';
    const listed = 'api: { origin: ["https://wall.example", "https://*.example.org", "https://cam*.example.net"] }';
    const sources = "frame-ancestors 'self' https://wall.example https://*.example.org";
    assert.equal(headers('', {})[policy], 'same-origin');
    assert.equal(headers('', {})[frames], "frame-ancestors 'self'");
    assert.equal(headers('', { referer: 'http://127.0.0.1:1984/' })[policy], 'cross-origin', 'its own page');
    assert.equal(headers(listed, { referer: 'https://evil.example/' })[policy], 'same-origin');
    assert.equal(headers(listed, { referer: 'https://evil.example/' })[frames], sources);
    assert.equal(headers(listed, { referer: 'https://wall.example/' })[policy], 'cross-origin');
    assert.equal(headers(listed, { origin: 'https://wall.example' })[policy], 'cross-origin');
    const wide = headers(listed, { referer: 'https://cam1.example.net/' });
    assert.equal(wide[frames], `${sources} https://cam1.example.net`, 'an entry for which the policy has no words');
    for (const all of ['*', 'null']) {
      assert.equal(headers(`api: { origin: "${all}" }`, {})[policy], 'cross-origin');
      assert.equal(headers(`api: { origin: "${all}" }`, {})[frames], undefined);
    }
  });

  it('reads headers in a time that grows with their length alone', async () => {
    const lists = [
      '',
      'api: { origin: ["https://*.example.org", "http://cam*.example.net:*", "app://a*b.c*d.org", "http://192.168.1.*"] }',
      'api: { tokens: [{ token: good }] }',
    ];
    const pieces = [
      'a',
      'a.',
      'a*',
      '1.',
      ':',
      ':1',
      '://',
      '@',
      '[',
      '%41',
      '%e4%b8%80',
      'xn--a-',
      'xn--a.',
      'é',
      ' ',
      'a ',
    ];
    for (const yaml of lists) {
      for (const piece of pieces) {
        const gate = gateOf(yaml);
        // Node takes 16 kB of headers; something cubic takes minutes for twenty times as much, something quadratic seconds.
        const long = piece.repeat(300_000 / piece.length);
        const all: Record<string, string>[] = [
          { host: long },
          { host: `${long}.local` },
          { origin: long },
          { origin: `https://${long}` },
          { origin: `https://${long}:` },
          { origin: `x${long}://x` },
          { referer: `https://${long}/x`, 'sec-fetch-site': 'cross-site' },
          { authorization: `Basic ${long}` },
          { authorization: `${long} x` },
        ];
        for (const headers of all) {
          const request = { headers: { host: '127.0.0.1', ...headers }, url: `/api/x?token=${long}` };
          const before = process.cpuUsage();
          await gate.admit(request).catch(() => {});
          gate.answerHeaders(request);
          const { user, system } = process.cpuUsage(before);
          assert.ok(
            user + system < 1_000_000,
            `${(user + system) / 1e6} s for ${JSON.stringify({ yaml, piece, ...Object.keys(headers) })}`,
          );
        }
      }
    }
  });

  it('repeats no more of a header than a line of the log can hold', async () => {
    for (const headers of [{ host: `${'a.'.repeat(8000)}b` }, { origin: `https://${'a.'.repeat(8000)}b` }]) {
      await assert.rejects(
        gateOf('').admit({ headers: { host: '127.0.0.1', ...headers } }),
        ({ message }: Error) => message.length < 250,
      );
    }
  });
});
