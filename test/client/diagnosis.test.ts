import { expect } from '@open-wc/testing';
import { DeviceConnection } from '../../src/client/device-connection.ts';
import { diagnose } from '../../src/client/diagnosis.ts';
import type { Socket } from '../../src/client/socket.ts';

type Answer = Response | 'unreadable' | 'nothing';

/** Causes that HTTP tells where the WebSocket does not open. `fetch` is the network's border here. */
describe('why a WebSocket does not open', () => {
  const real = window.fetch;
  const device = 'http://device.test/cams';

  afterEach(() => {
    window.fetch = real;
  });

  /** @param answers by path behind the device's address, with the method before it where it is not GET */
  function answering(answers: Record<string, () => Answer>): void {
    window.fetch = async (input, { method = 'GET', mode = 'cors' } = {}) => {
      const path = String(input).slice(device.length + 1);
      const answer = (answers[method === 'GET' ? path : `${method} ${path}`] ?? answers['*'])?.() ?? 'nothing';
      if (answer === 'nothing' || (answer === 'unreadable' && mode !== 'no-cors')) {
        throw new TypeError('Failed to fetch');
      }
      return answer === 'unreadable' ? new Response() : answer;
    };
  }

  function page(status: number, html: string): () => Response {
    return () => new Response(html, { status, headers: { 'content-type': 'text/html; charset=utf-8' } });
  }

  function json(status: number, value: unknown): () => Response {
    return () => Response.json(value, { status });
  }

  async function reason(): Promise<string | undefined> {
    return (await diagnose(new URL(`${device}/api/streams`), false))?.reason;
  }

  const cases: Record<string, [answers: Record<string, () => Answer>, reason: string | undefined]> = {
    'nothing answers': [{}, undefined],
    'a proxy answers for a device that is off': [{ '*': page(502, '<h1>Bad Gateway</h1>') }, undefined],
    'a proxy does not pass Upgrade to our device': [
      { 'api/streams': json(200, {}), 'POST api/ws': json(404, {}), 'api/ws': json(426, { error: 'a WebSocket' }) },
      'no-upgrade',
    ],
    'a proxy does not pass Upgrade to go2rtc, which has no streams': [
      {
        'api/streams': json(200, null),
        'POST api/ws': page(405, ''),
        'api/ws': () => new Response('', { status: 400 }),
      },
      'no-upgrade',
    ],
    'the device does not take the origin that a proxy made of ours': [
      { 'api/streams': json(200, {}), 'POST api/ws': json(403, { error: 'origin' }), 'api/ws': json(426, {}) },
      'origin-refused',
    ],
    'the device refuses the origin, and says so': [{ 'api/streams': json(403, { error: 'origin' }) }, 'origin-refused'],
    'the device refuses the origin, and lets nothing be read but its script': [
      { 'api/streams': () => 'unreadable', 'ms-grid.js': () => new Response('export {}') },
      'origin-refused',
    ],
    'a program that lets nothing be read': [{ '*': () => 'unreadable' }, 'not-a-device'],
    'a log-in page': [{ '*': page(200, '<form><input type="password"></form>') }, 'login-required'],
    'a way to a log-in page': [
      { '*': () => Object.defineProperty(new Response(), 'type', { value: 'opaqueredirect' }) },
      'login-required',
    ],
    'a proxy that asks for a password': [{ '*': page(401, '401 Authorization Required') }, 'login-required'],
    'the device wants a token': [{ 'api/streams': json(401, { error: 'token' }) }, 'unauthorized'],
    'the page of another program': [{ '*': page(200, '<h1>My printer</h1>') }, 'not-a-device'],
    'another program without such a path': [{ '*': json(404, { error: 'not found' }) }, 'not-a-device'],
    'another program with a list of its own': [{ '*': json(200, ['a']) }, 'not-a-device'],
    'a device that both answer for': [
      { 'api/streams': json(200, {}), 'POST api/ws': json(404, {}), 'api/ws': json(503, {}) },
      undefined,
    ],
  };

  for (const [name, [answers, expected]] of Object.entries(cases)) {
    it(`is found out: ${name}`, async () => {
      answering(answers);
      expect(await reason()).to.equal(expected);
    });
  }

  it('names the device with its path, and no token', async () => {
    answering({ '*': page(200, '<h1>My printer</h1>') });
    const found = await diagnose(new URL(`${device}/api/streams?token=secret`), true);
    expect(found?.message).to.contain('http://device.test/cams:').and.not.to.contain('secret');
  });

  it('names a proxy only when the next attempt fails as well: a device that has just come back answers, too', async () => {
    answering({ 'api/streams': json(200, {}), 'POST api/ws': json(404, {}), 'api/ws': json(426, {}) });
    const reasons: string[] = [];
    const closed = (url: string): Socket => {
      const socket = { url, readyState: 0, send() {}, close() {}, onopen: null, onmessage: null } as unknown as Socket;
      queueMicrotask(() => socket.onclose?.call(socket as WebSocket, new CloseEvent('close')));
      return socket;
    };
    const connection = new DeviceConnection(device, { createSocket: closed, retry: () => 100 });
    const done = new Promise<void>((resolve) =>
      connection.subscribe((state, error) => {
        if (state === 'waiting' && error) {
          reasons.push(error.reason);
          error.reason === 'no-upgrade' && resolve();
        }
      }),
    );
    const ignored = () => {};
    connection.want(
      { index: 0, onTrack: ignored, onStatus: ignored, onSwitchFailed: ignored },
      { stream: 'red', quality: '' },
    );
    await done;
    connection.close();
    expect(reasons.slice(0, 2)).to.deep.equal(['unreachable', 'unreachable']);
  });
});
