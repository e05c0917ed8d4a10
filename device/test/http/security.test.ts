import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { ApiClient } from '../support/api-client.ts';
import { type RunningDevice, startDevice } from '../support/processes.ts';

const configuration = `
api:
  listen: "127.0.0.1:0"
  username: admin
  password: "secret-1"
  tokens:
    - token: secret-2
    - token: secret-3
      streams: ["door*"]
    - token: secret-7
      streams: ["*cam*-*p", "*-*-*-*-*-x", "door"]
  origin: https://wall.example
webrtc:
  listen: ":0"
  ice_servers: [{ urls: "turn:192.0.2.1:3478", username: wall, credential: secret-6 }]
log: { level: trace }
streams:
  door: rtsp://user:secret-4@192.0.2.1/door
  door-360p: ffmpeg:door#video=h264#height=360
  yard: rtsp://user:secret-5@192.0.2.1/yard
`;
const basic = { Authorization: `Basic ${Buffer.from('admin:secret-1').toString('base64')}` };

describe('a device with credentials', () => {
  let device: RunningDevice;

  before(async () => {
    device = await startDevice(configuration);
  });

  after(async () => {
    await device.stop();
    assert.ok(!device.stderr().includes('secret-'), 'no secret in the log');
  });

  const get = (path: string, headers: Record<string, string> = {}) => fetch(device.url + path, { headers });

  it('answers 401 without them, and says what it would take', async () => {
    for (const path of ['/', '/index.html', '/api', '/api/streams', '/api/none', '/metrics', '/none', '/api/x.js']) {
      const answer = await get(path);
      assert.equal(answer.status, 401, path);
      assert.match(answer.headers.get('WWW-Authenticate') ?? '', /^Basic realm=.*, Bearer realm=/);
    }
  });

  it('answers clients that have the password or a token', async () => {
    for (const headers of [basic, { Authorization: 'Bearer secret-2' }]) {
      assert.equal((await get('/api', headers)).status, 200);
    }
    assert.equal((await get('/api?token=secret-2')).status, 200);
    assert.equal((await get('/?token=secret-3')).status, 200);
    for (const wrong of ['Basic YWRtaW46', 'Bearer secret', 'Bearer secret-1']) {
      assert.equal((await get('/api', { Authorization: wrong })).status, 401, wrong);
    }
    assert.equal((await get('/api?token=secret-1')).status, 401);
  });

  it('tells the passwords of its relays to clients that may watch, and to no others', async () => {
    assert.equal((await get('/api/ice-servers')).status, 401);
    const servers = [{ urls: ['turn:192.0.2.1:3478'], username: 'wall', credential: 'secret-6' }];
    assert.deepEqual(await (await get('/api/ice-servers?token=secret-3')).json(), servers);
    const client = await ApiClient.open(device.url, { query: '?token=secret-3' });
    const ready = await client.ask({ type: 'multistream/init', slots: [{ slot: 0, stream: 'door' }] });
    assert.deepEqual(ready.ice_servers, servers);
    client.close();
  });

  it('says that it is well to everyone, and hands its scripts to everyone: a script tag has no credentials', async () => {
    assert.equal((await get('/healthz')).status, 200);
    const script = await get('/ms-grid.js', { Origin: 'https://elsewhere.example' });
    assert.equal(script.status, 200);
    assert.equal(script.headers.get('Access-Control-Allow-Origin'), '*');
  });

  it('sends its scripts as small as the browser takes them', async () => {
    const size = async (encoding: string) => {
      const answer = await get('/ms-grid.js', { 'Accept-Encoding': encoding });
      assert.equal(answer.headers.get('Content-Encoding') ?? 'identity', encoding);
      assert.match(answer.headers.get('Content-Type') ?? '', /javascript/);
      await answer.arrayBuffer();
      return Number(answer.headers.get('Content-Length'));
    };
    const [plain, gzip, brotli] = [await size('identity'), await size('gzip'), await size('br')];
    assert.ok(plain > 2 * gzip && gzip > brotli, `${plain}, ${gzip}, ${brotli} bytes`);
  });

  it('lists the streams that the token is for, and the variants among them', async () => {
    const list = async (query: string) => (await get(`/api/streams${query}`)).json() as Promise<Record<string, object>>;
    assert.deepEqual(Object.keys(await list('?token=secret-2')), ['door', 'door-360p', 'yard']);
    const some = (await list('?token=secret-3')) as Record<string, { variants: string[] }>;
    assert.deepEqual(Object.keys(some), ['door', 'door-360p']);
    assert.deepEqual(some.door?.variants, ['door-360p']);
    assert.deepEqual(await list('?src=door&token=secret-3'), some.door);
    assert.equal((await get('/api/streams?src=yard&token=secret-3')).status, 404);
  });

  it('shows the metrics only to clients that see every stream', async () => {
    assert.equal((await get('/metrics?token=secret-3')).status, 403);
    assert.equal((await get('/metrics', basic)).status, 200);
  });

  it('opens a WebSocket with the same credentials, and refuses it with the same status', async () => {
    for (const options of [{ headers: basic }, { query: '?token=secret-3' }, { query: '?src=door&token=secret-2' }]) {
      (await ApiClient.open(device.url, options)).close();
    }
    await assert.rejects(ApiClient.open(device.url), /401/);
    await assert.rejects(ApiClient.open(device.url, { query: '?token=secret-1' }), /401/);
    await assert.rejects(
      ApiClient.open(device.url, { query: '?token=secret-2', origin: 'https://elsewhere.example' }),
      /403/,
    );
  });

  it('knows no stream but those of the token: on init, switch and resume', async () => {
    const client = await ApiClient.open(device.url, { query: '?token=secret-3' });
    const error = async (fields: object) => {
      const { status } = (await client.ask({ type: '', ...fields })) as { status?: { error?: string; stream: string } };
      return status?.error;
    };
    await client.ask({ type: 'multistream/init', slots: [{ slot: 0, stream: 'yard' }] });
    const { slots } = await client.ask({ type: 'multistream/offer', sdp: await offer() });
    assert.deepEqual(
      (slots as { status: string; error: string }[]).map(({ status, error }) => [status, error]),
      [['error', 'stream not found']],
    );
    assert.equal(await error({ type: 'multistream/switch', slot: 0, stream: 'yard' }), 'stream not found');
    assert.equal(
      await error({ type: 'multistream/switch', slot: 0, stream: 'yard', quality: '360p' }),
      'stream not found',
    );
    assert.equal(await error({ type: 'multistream/resume', slot: 0, stream: 'yard' }), 'stream not found');
    assert.equal(await error({ type: 'multistream/switch', slot: 0, stream: 'door', quality: '360p' }), undefined);
    client.close();
  });

  it('looks for a stream of any name in a time that grows with the name alone, whichever way it is asked for', async () => {
    // Patterns that are tried with backtracking take seconds for each of these names, or do not end.
    const before = cpuSeconds(device.pid);
    for (const src of ['cam-'.repeat(1000), `${'-'.repeat(4000)}y`, 'door'.repeat(1000)]) {
      const query = `?token=secret-7&src=${src}`;
      for (const path of ['/api/frame.jpeg', '/api/stream.mp4', '/api/stream.mjpeg', '/api/streams']) {
        assert.equal((await get(path + query)).status, 404, path);
      }
      const posted = await fetch(`${device.url}/api/webrtc${query}`, { method: 'POST', body: 'v=0' });
      assert.equal(posted.status, 404);
      for (const type of ['webrtc/offer', 'mse']) {
        const client = await ApiClient.open(device.url, { query });
        client.send({ type, value: 'v=0' });
        assert.equal((await client.next(() => true)).value, `${type}: stream not found`);
        client.close();
      }
      const wall = await ApiClient.open(device.url, { query: '?token=secret-7' });
      await wall.ask({ type: 'multistream/init', slots: [{ slot: 0, stream: src.slice(0, 256) }] });
      wall.close();
    }
    const spent = cpuSeconds(device.pid) - before;
    assert.ok(spent < 3, `the device has worked for ${spent} s`);
  });

  it('lets a page of a named origin read what it asks for, with credentials, and no other page', async () => {
    const named = await get('/api?token=secret-2', { Origin: 'https://wall.example' });
    assert.equal(named.headers.get('Access-Control-Allow-Origin'), 'https://wall.example');
    assert.equal(named.headers.get('Access-Control-Allow-Credentials'), 'true');
    assert.match(named.headers.get('Vary') ?? '', /Origin/);
    const refused = await get('/api', { Origin: 'https://wall.example' });
    assert.equal(refused.headers.get('Access-Control-Allow-Origin'), 'https://wall.example', 'so that it can read 401');
    const other = await get('/api?token=secret-2', { Origin: 'https://elsewhere.example' });
    assert.equal(other.status, 403);
    assert.equal(other.headers.get('Access-Control-Allow-Origin'), null);
  });

  it('answers a preflight, which never has credentials', async () => {
    const preflight = (origin: string) =>
      fetch(`${device.url}/api/streams`, {
        method: 'OPTIONS',
        headers: {
          Origin: origin,
          'Access-Control-Request-Method': 'GET',
          'Access-Control-Request-Headers': 'authorization',
        },
      });
    const named = await preflight('https://wall.example');
    assert.equal(named.status, 204);
    assert.equal(named.headers.get('Access-Control-Allow-Headers'), 'Authorization, Content-Type, If-Match');
    assert.equal((await preflight('https://elsewhere.example')).status, 403);
  });

  it('repeats no secret of the configuration and of the request', async () => {
    for (const path of ['/api/streams?token=secret-2', '/none?token=secret-2', '/api/%ff?token=secret-2', '/api']) {
      const answer = await get(path);
      const text = (await answer.text()) + JSON.stringify([...answer.headers]);
      assert.ok(!text.includes('secret-'), `${path}: ${text}`);
    }
  });

  it('takes no configuration over the network', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      for (const path of ['/api', '/api/config', '/api/streams', '/api/restart', '/api/exit']) {
        assert.equal((await fetch(device.url + path, { method, headers: basic })).status, 404, `${method} ${path}`);
      }
    }
  });
});

async function offer(): Promise<string> {
  const { default: ndc } = await import('node-datachannel');
  const peer = new ndc.PeerConnection('test', { iceServers: [] });
  const video = new ndc.Video('0', 'RecvOnly');
  video.addH264Codec(96, 'profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1');
  const track = peer.addTrack(video);
  peer.setLocalDescription('offer');
  const sdp = peer.localDescription()?.sdp ?? '';
  track.close();
  peer.close();
  return sdp;
}

/** How long its main thread has worked (Documentation/scheduler/sched-stats). */
function cpuSeconds(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'latin1').split(' ')[0]) / 1e9;
}
