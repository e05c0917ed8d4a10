import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { SignJWT } from 'jose';
import { ApiClient, type Message } from '../support/api-client.ts';
import { type RunningDevice, startDevice } from '../support/processes.ts';

const secret = 'a secret of thirty-two bytes, at least';

/** @param exp seconds from now */
function sign(exp: number, streams = 'door'): Promise<string> {
  return new SignJWT({ streams, exp: Date.now() / 1000 + exp, jti: String(Math.random()) })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(secret));
}

describe('a session whose token expires', () => {
  let device: RunningDevice;

  before(async () => {
    device = await startDevice(`
api: { listen: "127.0.0.1:0", jwt: { secret: "${secret}" }, tokens: [{ token: for-ever, streams: [door] }] }
webrtc: { listen: ":0", ice_servers: [] }
streams: { door: "rtsp://192.0.2.1/door", yard: "rtsp://192.0.2.1/yard" }
`);
  });

  after(() => device.stop());

  const authorized = ({ type }: Message) => type === 'multistream/authorized';
  const open = (token: string) => ApiClient.open(device.url, { query: `?token=${token}` });

  it('is told how long it lasts, and is closed within a second of its end', async () => {
    const expiresAt = Date.now() - 2000;
    // The clocks may differ by five seconds, so it lasts for three more.
    const client = await open(await sign(-2));
    assert.ok(((await client.next(authorized)).expires_in as number) <= 3);
    const [code, reason] = await client.closed;
    assert.deepEqual([code, reason], [1008, 'the token has expired']);
    assert.deepEqual(client.messages.at(-1), { type: 'error', value: reason, code: 'unauthorized' });
    const late = Date.now() - expiresAt - 5000;
    assert.ok(late >= 0 && late < 1500, `${late} ms late`);
  });

  it('goes on with a newer token, and ends with that one', async () => {
    const client = await open(await sign(-2));
    const renewed = await client.ask({ type: 'multistream/authorize', token: await sign(60) });
    assert.equal(renewed.type, 'multistream/authorized');
    assert.ok((renewed.expires_in as number) > 55);
    const short = await client.ask({ type: 'multistream/authorize', token: await sign(-4) });
    assert.ok((short.expires_in as number) <= 1);
    assert.equal((await client.closed)[1], 'the token has expired');
  });

  it('may go over to a token that does not expire', async () => {
    const client = await open(await sign(-2));
    const answer = await client.ask({ type: 'multistream/authorize', token: 'for-ever' });
    assert.equal(answer.expires_in, undefined);
    client.close();
  });

  it('goes on with the one it has where the newer one is no good, and says why', async () => {
    const client = await open(await sign(60));
    for (const [token, why] of [
      [await sign(-60), 'the token has expired'],
      ['x', "the token's signature does not fit"],
    ]) {
      const answer = await client.ask({ type: 'multistream/authorize', token });
      assert.deepEqual([answer.type, answer.code], ['error', 'unauthorized']);
      assert.equal(answer.value, `multistream/authorize: ${why}`);
    }
    const ready = await client.ask({ type: 'multistream/init', slots: [{ slot: 0, stream: 'door' }] });
    assert.equal(ready.type, 'multistream/ready');
    client.close();
  });

  it('is closed where the newer token is for other streams', async () => {
    const client = await open(await sign(60));
    client.send({ type: 'multistream/authorize', token: await sign(60, 'yard') });
    assert.equal((await client.closed)[1], 'what you may see has changed; connect again');
  });

  it('is not told of a token that does not expire', async () => {
    const client = await open('for-ever');
    await client.ask({ type: 'multistream/init', slots: [{ slot: 0, stream: 'door' }] });
    assert.ok(!client.messages.some(authorized));
    client.close();
  });

  it('is refused with a token of more than 8192 characters', async () => {
    const client = await open('for-ever');
    const answer = await client.ask({ type: 'multistream/authorize', token: 'x'.repeat(8193) });
    assert.equal(answer.code, 'invalid-message');
    client.close();
  });
});

describe('a client that guesses', () => {
  let device: RunningDevice;

  before(async () => {
    device = await startDevice(`
api: { listen: "127.0.0.1:0", tokens: [{ token: good }, { token: new }] }
webrtc: { listen: ":0", ice_servers: [] }
streams: { door: "rtsp://192.0.2.1/door" }
`);
  });

  after(() => device.stop());

  const status = async (token?: string) =>
    (await fetch(`${device.url}/api`, token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } }))
      .status;

  it('is not heard for a while after twenty wrong credentials; who was here before, is', async () => {
    assert.equal(await status('good'), 200);
    for (let request = 0; request < 30; request++) {
      assert.equal(await status(), 401, 'a browser asks without credentials first');
    }
    for (let request = 0; request < 30; request++) {
      assert.equal(await status('expired-long-ago'), 401, 'the same again is no new guess');
    }
    const client = await ApiClient.open(device.url, { query: '?token=good' });
    // One of the twenty is gone already.
    assert.equal(await status('guess'), 401);
    for (let guess = 0; guess < 9; guess++) {
      assert.equal(await status(`guess-${guess}`), 401);
      const answer = await client.ask({ type: 'multistream/authorize', token: `another-${guess}` });
      assert.equal(answer.code, 'unauthorized');
    }
    const refused = await fetch(`${device.url}/api?token=guess-x`);
    assert.equal(refused.status, 429);
    const seconds = Number(refused.headers.get('Retry-After'));
    assert.ok(seconds > 0 && seconds <= 60);
    assert.equal(await status('new'), 429, 'a right guess is not heard either');
    await assert.rejects(ApiClient.open(device.url, { query: '?token=new' }), /429/);
    assert.equal(await status('good'), 200);
    client.close();
  });
});
