import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it, mock } from 'node:test';
import Fastify from 'fastify';
import type { Browser, Page } from 'puppeteer-core';
import type { SingleStreamReply } from '../../../src/protocol/messages.ts';
import { Admission, type Admissions } from '../../src/http/admissions.ts';
import { addCandidates, serveWebRtc } from '../../src/http/webrtc-routes.ts';
import { ApiClient } from '../support/api-client.ts';
import { openBrowser } from '../support/browser.ts';
import { offer } from '../support/offer.ts';
import { type RunningDevice, startDevice } from '../support/processes.ts';
import { sessionsOf } from '../support/sessions-of.ts';
import { until } from '../support/until.ts';

const streams =
  'streams:\n  red: ffmpeg:virtual?video=color&color=red&size=360#video=h264\n  other: ffmpeg:red#video=h264\n';

/** Runs in the browser: plays over one HTTP exchange of this media type; its answer keeps the peer for `close`. */
const play = `async (url, type) => {
  const peer = new RTCPeerConnection();
  const video = document.body.appendChild(Object.assign(document.createElement('video'), { muted: true, autoplay: true }));
  peer.addTransceiver('video', { direction: 'recvonly' });
  peer.ontrack = ({ track }) => { video.srcObject = new MediaStream([track]); };
  const gathered = new Promise((resolve) => { peer.onicecandidate = ({ candidate }) => candidate ?? resolve(); });
  await peer.setLocalDescription();
  if (type !== 'application/sdp') await gathered;
  const { sdp } = peer.localDescription;
  const offer = sdp.replace(/^a=candidate.*\\r\\n/gm, (line) => (type === 'application/sdp' ? '' : line));
  const body = {
    'application/json': () => JSON.stringify({ type: 'offer', sdp: offer }),
    'application/x-www-form-urlencoded': () => new URLSearchParams({ data: btoa(offer) }),
  }[type]?.() ?? offer;
  const answer = await fetch(url, { method: 'POST', headers: { 'Content-Type': type }, body });
  const text = await answer.text();
  const read = {
    'application/json': () => JSON.parse(text).sdp,
    'application/x-www-form-urlencoded': () => atob(text),
  }[type] ?? (() => text);
  await peer.setRemoteDescription({ type: 'answer', sdp: read() });
  const location = new URL(answer.headers.get('Location'), answer.url).href;
  const told = { status: answer.status, type: answer.headers.get('Content-Type'), location, etag: answer.headers.get('ETag') };
  if (type === 'application/sdp') {
    await gathered;
    const fragment = peer.localDescription.sdp.split('\\r\\n').filter((line) => /^a=(ice-|mid:|candidate:)/.test(line));
    const headers = { 'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': told.etag };
    told.patched = (await fetch(location, { method: 'PATCH', headers, body: fragment.join('\\r\\n') + '\\r\\n' })).status;
  }
  await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  Object.assign(globalThis, { peer });
  return { ...told, width: video.videoWidth };
}`;

interface Played {
  status: number;
  type: string;
  location: string;
  etag: string;
  patched?: number;
  width: number;
}

describe('one stream, negotiated over HTTP', { timeout: 120_000 }, () => {
  let device: RunningDevice;
  let browser: Browser;
  let page: Page;

  before(async () => {
    device = await startDevice(
      'api: { listen: "127.0.0.1:0", origin: "*", tokens: [{ token: all-of-them }, { token: one, streams: [red] }] }\n' +
        `webrtc: { listen: "127.0.0.1:0", ice_servers: [{ urls: ["turn:relay.example:3478"], username: u, credential: c }] }\n` +
        `multistream: { max_sessions: 3 }\n${streams}`,
    );
    browser = await openBrowser();
    page = await browser.newPage();
  });

  after(async () => {
    await browser.close();
    await device.stop();
  });

  const address = (query: string) => `${device.url}/api/webrtc?${query}`;
  const post = (query: string, body: string, type = 'application/sdp') =>
    fetch(address(query), { method: 'POST', body, headers: { 'Content-Type': type } });
  const sessions = () => sessionsOf(device.url, '?token=all-of-them');

  for (const [type, status] of [
    ['application/json', 200],
    ['application/x-www-form-urlencoded', 200],
    ['text/plain', 200],
    ['application/sdp', 201],
  ] as const) {
    it(`plays in a browser that sends ${type}, until the session is deleted`, async () => {
      const played = (await page.evaluate(
        `(${play})(${JSON.stringify(address('src=red&token=one'))}, '${type}')`,
      )) as Played;
      assert.deepEqual([played.status, played.width], [status, 640]);
      if (type === 'application/sdp') {
        assert.equal(played.patched, 204);
      }
      assert.equal(await sessions(), 1);
      // The token travels in the session's address, as it did in the endpoint's.
      assert.equal(
        (await fetch(played.location.replace('token=one', 'token=all-of-them'), { method: 'DELETE' })).status,
        404,
      );
      assert.equal((await fetch(played.location, { method: 'DELETE' })).status, 200);
      assert.equal((await fetch(played.location, { method: 'DELETE' })).status, 404);
      await until(async () => (await sessions()) === 0);
      await page.evaluate('peer.close()');
    });
  }

  it('says what is wrong', async () => {
    const asked = async (query: string, body = 'v=0\r\n', type?: string) => (await post(query, body, type)).status;
    assert.equal(await asked('src=red'), 401);
    assert.equal(await asked('token=one'), 400);
    assert.equal(await asked('src=none&token=one'), 404);
    assert.equal(await asked('src=other&token=one'), 404, 'a stream that the token may not see');
    assert.equal(await asked('src=red&token=one', ''), 400);
    assert.equal(await asked('src=red&token=one', 'not an offer'), 400);
    assert.equal(await asked('src=red&token=one', '{"type":"offer"}', 'application/json'), 400);
    assert.equal(await asked('src=red&token=one', 'x'.repeat(100_000)), 413);
    assert.equal(await sessions(), 0);
  });

  it('tells of the relays, refuses an ICE restart and a wrong ETag, and counts with all other sessions', async () => {
    const socket = await ApiClient.open(device.url, { query: '?token=one' });
    const answers = [await post('src=red&token=one', offer), await post('src=red&token=one', offer)];
    const [first] = answers as [Response, Response];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [201, 201],
    );
    assert.equal(
      first.headers.get('Link'),
      '<turn:relay.example:3478>; rel="ice-server"; username="u"; credential="c"; credential-type="password"',
    );
    assert.match(await first.text(), /\r\na=candidate:.*\r\na=end-of-candidates\r\n/);
    const refused = await post('src=red&token=one', offer);
    assert.deepEqual(
      [refused.status, await refused.json()],
      [503, { error: 'too many sessions: multistream.max_sessions is 3' }],
    );
    const location = new URL(first.headers.get('Location') as string, first.url);
    const patch = async (body: string, headers: Record<string, string> = {}) =>
      (
        await fetch(location, {
          ...{ method: 'PATCH', body },
          headers: { 'Content-Type': 'application/trickle-ice-sdpfrag', ...headers },
        })
      ).status;
    assert.equal(await patch('a=ice-ufrag:4ZcD\r\n'), 204);
    assert.equal(await patch('a=ice-ufrag:other\r\n'), 422);
    assert.equal(await patch('a=ice-ufrag:4ZcD\r\n', { 'If-Match': '"other"' }), 412);
    assert.equal(await patch('a=ice-ufrag:4ZcD\r\n', { 'Content-Type': 'application/sdp' }), 415);
    assert.equal(await patch('a=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n'.repeat(200)), 429);
    for (const { url, headers } of answers) {
      await fetch(new URL(headers.get('Location') as string, url), { method: 'DELETE' });
    }
    socket.close(1000);
    await until(async () => (await sessions()) === 0);
  });

  it('lets a page elsewhere ask first, and read where its session is', async () => {
    const asked = await fetch(address('src=red'), {
      method: 'OPTIONS',
      headers: { Origin: 'https://wall.example', 'Access-Control-Request-Method': 'PATCH' },
    });
    assert.equal(asked.status, 204);
    assert.match(asked.headers.get('Access-Control-Allow-Methods') ?? '', /POST, PATCH, DELETE/);
    assert.match(asked.headers.get('Access-Control-Allow-Headers') ?? '', /Content-Type, If-Match/);
    const refused = await fetch(address('src=red&token=one'), {
      ...{ method: 'POST', body: 'v=0', headers: { Origin: 'https://wall.example' } },
    });
    assert.match(refused.headers.get('Access-Control-Expose-Headers') ?? '', /Location, ETag, Link/);
  });

  it('gives back what a viewer holds that never connects, or whose request does not end', async () => {
    assert.equal((await post('src=red&token=one', offer)).status, 201);
    assert.equal(await sessions(), 1);
    const { hostname, port } = new URL(device.url);
    const socket = connect(Number(port), hostname);
    socket.write('POST /api/webrtc?src=red&token=one HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nv=0');
    const answer = await socket.setEncoding('latin1').toArray();
    assert.match(answer.join(''), /^HTTP\/1.1 408 /);
    await until(async () => (await sessions()) === 0);
  });
});

describe('a session over HTTP whose viewer may see no more while its answer is made', () => {
  for (const [when, isAnswered] of [
    ['before there is one', false],
    ['while candidates are gathered', true],
  ] as const) {
    it(`is refused with the reason, ${when}`, async () => {
      const app = Fastify();
      app.addHook('onRequest', async (request) => {
        request.viewer = { maySee: () => true, seesAll: true, rights: '' };
      });
      const left = mock.fn();
      const closed = mock.fn();
      let admission: Admission;
      const enter: Admissions['enter'] = (request) => {
        admission = new Admission(request, () => assert.fail('not asked'), left);
        return admission;
      };
      const receive = (send: (message: SingleStreamReply) => void) => {
        if (isAnswered) {
          send({ type: 'webrtc/answer', value: 'v=0\r\n' });
        }
        setImmediate(() => admission.dismiss('the token has expired', 'unauthorized'));
      };
      await serveWebRtc(app as never, {
        admissions: { enter } as Admissions,
        startConversation: (send) => ({ receive: () => receive(send), leave: () => {}, close: closed }),
        iceServers: () => [],
      });
      const answer = await app.inject({
        ...{ method: 'POST', url: '/api/webrtc?src=red', payload: offer },
        headers: { 'Content-Type': 'application/sdp' },
      });
      assert.deepEqual([answer.statusCode, answer.json()], [401, { error: 'the token has expired' }]);
      assert.ok(left.mock.callCount() > 0 && closed.mock.callCount() > 0);
      await app.close();
    });
  }
});

describe('candidates in an answer', () => {
  it('stand in the first m-line that is not rejected', () => {
    const lines = ['v=0', 'm=audio 0 X 0', 'a=mid:0', 'm=video 9 X 96', 'a=mid:1', 'm=video 9 X 96', 'a=mid:2'];
    const answer = addCandidates(`${lines.join('\r\n')}\r\n`, ['candidate:1', 'candidate:2']);
    lines.splice(5, 0, 'a=candidate:1', 'a=candidate:2', 'a=end-of-candidates');
    assert.equal(answer, `${lines.join('\r\n')}\r\n`);
  });
});
