import { expect, waitUntil } from '@open-wc/testing';
import { ConnectionError, SwitchError } from '../../src/client/errors.ts';
import {
  MultiStreamClient,
  type MultiStreamClientOptions,
  type SlotStatus,
} from '../../src/client/multistream-client.ts';
import { type Colour, coloursUntil, watch } from './pictures.ts';
import { type Script, ScriptedDevice } from './scripted-device.ts';

const pcConfig = { iceServers: [] };

describe('MultiStreamClient', () => {
  let device: ScriptedDevice;
  let client: MultiStreamClient;

  function meet(script: Script = {}, options: MultiStreamClientOptions = {}): void {
    device = new ScriptedDevice(script);
    client = new MultiStreamClient('http://device.test', { createSocket: device.createSocket, pcConfig, ...options });
  }

  afterEach(() => {
    client.disconnect();
    device.stop();
  });

  function shows(track: MediaStreamTrack | undefined, colour: Colour): Promise<Colour[]> {
    return watch(track as MediaStreamTrack, (video) => coloursUntil(video, colour));
  }

  it('connects each slot to the track of its own camera, whatever the order and the numbers', async () => {
    meet();
    const tracks = await client.connect([
      { slot: 5, stream: 'red' },
      { slot: 0, stream: 'green' },
      { slot: 3, stream: 'blue' },
    ]);
    expect([...tracks.keys()].sort()).to.deep.equal([0, 3, 5]);
    expect((await shows(tracks.get(5), 'red')).at(-1)).to.equal('red');
    expect((await shows(tracks.get(0), 'green')).at(-1)).to.equal('green');
    expect((await shows(tracks.get(3), 'blue')).at(-1)).to.equal('blue');
  });

  it('gives the device its next token before the present one expires', async () => {
    const tokens = ['first', 'second'];
    const asked: unknown[] = [];
    const authorize = (isRenewal?: boolean) => {
      asked.push(isRenewal);
      return tokens.shift() ?? '';
    };
    meet({}, { authorize });
    await client.connect([{ slot: 0, stream: 'red' }]);
    const token = () => device.heard.find(({ type }) => type === 'multistream/authorize')?.token;
    device.newest.say({ type: 'multistream/authorized', expires_in: 1 });
    await waitUntil(() => token() === 'second');
    device.newest.say({ type: 'multistream/authorized' });
    expect(asked).to.deep.equal([false, true]);
    expect(client.isConnected).to.equal(true);
  });

  describe('with a device that names relays', () => {
    const iceServers = [{ urls: ['turn:127.0.0.1:9?transport=tcp'], username: 'wall', credential: 'secret' }];
    const own = [{ urls: 'stun:127.0.0.1:9' }];
    const original = window.RTCPeerConnection;
    let used: (RTCIceServer[] | undefined)[];

    beforeEach(() => {
      used = [];
      window.RTCPeerConnection = class extends original {
        constructor(config?: RTCConfiguration) {
          super(config);
          used.push(config?.iceServers);
        }

        override setConfiguration(config?: RTCConfiguration): void {
          super.setConfiguration(config);
          used.push(config?.iceServers);
        }
      };
    });

    afterEach(() => {
      window.RTCPeerConnection = original;
    });

    /** The last connection is the device's own, at its end. */
    const ofClient = () => used.filter((servers) => servers !== undefined);

    it('uses them, and plays', async () => {
      meet({ iceServers }, { pcConfig: {} });
      const tracks = await client.connect([{ slot: 0, stream: 'red' }]);
      expect((await shows(tracks.get(0), 'red')).at(-1)).to.equal('red');
      expect(ofClient().at(-1)).to.deep.equal(iceServers);
    });

    it('uses those of the page where it names some', async () => {
      meet({ iceServers }, { pcConfig: { iceServers: own } });
      await client.connect([{ slot: 0, stream: 'red' }]);
      expect(ofClient()).to.deep.equal([own]);
    });
  });

  it('reports itself as connected between connect and disconnect', async () => {
    meet();
    expect([client.isConnected, client.pcState, client.wsState]).to.deep.equal([false, 'new', WebSocket.CLOSED]);
    await client.connect([{ slot: 0, stream: 'red' }]);
    expect([client.isConnected, client.pcState, client.wsState]).to.deep.equal([true, 'connected', WebSocket.OPEN]);
    client.disconnect();
    client.disconnect();
    expect([client.isConnected, client.pcState, client.wsState]).to.deep.equal([false, 'closed', WebSocket.CLOSED]);
    await Promise.resolve();
    expect(device.heardTypes().at(-1)).to.equal('multistream/close');
  });

  for (const framing of ['flat', 'wrapped'] as const) {
    it(`completes a session with a device that reads only the ${framing} framing and names no mids`, async () => {
      meet({ framing, mids: false, echoesRequestIds: false });
      const tracks = await client.connect([
        { slot: 0, stream: 'nowhere' },
        { slot: 1, stream: 'green' },
        { slot: 2, stream: 'blue' },
      ]);
      expect([...tracks.keys()]).to.deep.equal([1, 2]);
      expect((await shows(tracks.get(2), 'blue')).at(-1)).to.equal('blue');
      expect((await client.switchStream(1, 'red')).status).to.equal('active');
      await shows(tracks.get(1), 'red');
    });
  }

  it('switches on the same track, and says so when the device does', async () => {
    meet({ streams: { red: '#ff0000', 'blue-360p': '#0000ff' } });
    const seen: string[] = [];
    const tracks = await client.connect([{ slot: 0, stream: 'red' }], (_, { status, stream }) =>
      seen.push(`${status} ${stream}`),
    );
    const status = await client.switchStream(0, 'blue', '360p');
    expect(status).to.deep.include({ slot: 0, stream: 'blue-360p', status: 'active' });
    expect(seen).to.deep.equal(['active red', 'buffering blue-360p', 'active blue-360p']);
    const colours = await shows(tracks.get(0), 'blue');
    expect(colours).not.to.include('black');
    expect(device.heardTypes().filter((type) => type === 'multistream/offer')).to.have.length(1);
  });

  it('tells a slot whose stream does not exist, while the others play', async () => {
    meet();
    const statuses = new Map<number, SlotStatus>();
    await client.connect(
      [
        { slot: 0, stream: 'red' },
        { slot: 1, stream: 'nowhere' },
      ],
      (slot, status) => statuses.set(slot, status),
    );
    expect(statuses.get(0)?.status).to.equal('active');
    expect(statuses.get(1)).to.deep.include({ status: 'error', error: 'stream not found' });
  });

  it('rejects a switch that the device cannot do, with the reason in words', async () => {
    meet();
    await client.connect([{ slot: 0, stream: 'red' }]);
    const error = await failureOf(client.switchStream(0, 'nowhere'), SwitchError);
    expect(error.reason).to.equal('error');
    expect(error.message).to.equal('nowhere: stream not found');
    expect(client.isConnected).to.equal(true);
  });

  it('lets the newest wish win and answers the earlier one as superseded', async () => {
    meet({ deaf: ['multistream/switch'] });
    await client.connect([{ slot: 0, stream: 'red' }]);
    const first = failureOf(client.switchStream(0, 'green'), SwitchError);
    const second = client.switchStream(0, 'blue');
    expect((await first).reason).to.equal('superseded');
    const [one, two] = device.heard.filter(({ type }) => type === 'multistream/switch');
    const say = (request_id: unknown, status: SlotStatus) =>
      device.newest.say({ type: 'multistream/status', slot: 0, request_id: String(request_id), status });
    say(one?.request_id, { slot: 0, stream: 'green', status: 'error', error: 'superseded by a newer request' });
    say(two?.request_id, { slot: 0, stream: 'blue', status: 'active' });
    expect((await second).stream).to.equal('blue');
  });

  it('keeps waiting for a camera that is offline, until the time is up', async () => {
    meet({ deaf: ['multistream/switch'] }, { switchTimeout: 50 });
    await client.connect([{ slot: 0, stream: 'red' }]);
    const failure = failureOf(client.switchStream(0, 'green'), SwitchError);
    await Promise.resolve();
    const request_id = String(device.heard.at(-1)?.request_id);
    const status: SlotStatus = { slot: 0, stream: 'green', status: 'offline', error: 'camera does not answer' };
    device.newest.say({ type: 'multistream/status', slot: 0, request_id, status });
    const error = await failure;
    expect(error.reason).to.equal('timeout');
    expect(error.status).to.deep.equal(status);
  });

  it('fails its switches when the session ends, and tells why it ended', async () => {
    const ends: ConnectionError[] = [];
    meet({ deaf: ['multistream/switch'] }, { onClosed: (error) => ends.push(error) });
    await client.connect([{ slot: 0, stream: 'red' }]);
    const failure = failureOf(client.switchStream(0, 'green'), SwitchError);
    device.newest.say({ type: 'multistream/disconnected', reason: 'media lost' });
    expect((await failure).reason).to.equal('closed');
    expect(ends.map(({ reason }) => reason)).to.deep.equal(['lost']);
    expect((await failureOf(client.switchStream(0, 'green'), SwitchError)).reason).to.equal('closed');
  });

  it('rejects with what the device said when it refuses', async () => {
    meet({ maxSlots: 1 });
    const slots = [0, 1].map((slot) => ({ slot, stream: 'red' }));
    const error = await failureOf(client.connect(slots), ConnectionError);
    expect(error.reason).to.equal('refused');
    expect(error.message).to.contain('too many slots requested');
  });

  it('gives up in time on a device that does not answer', async () => {
    meet({ deaf: ['multistream/offer'] }, { connectTimeout: 50 });
    const error = await failureOf(client.connect([{ slot: 0, stream: 'red' }]), ConnectionError);
    expect(error.reason).to.equal('timeout');
    expect(error.message).to.contain('no answer to the offer');
  });

  it('calls a device unreachable whose WebSocket opens neither nor fails, so that the cause is looked for', async () => {
    const socket = { readyState: WebSocket.CONNECTING, send: () => {}, close: () => {}, url: '' };
    meet({}, { connectTimeout: 50, createSocket: () => ({ ...socket }) as never });
    const error = await failureOf(client.connect([{ slot: 0, stream: 'red' }]), ConnectionError);
    expect(error.reason).to.equal('unreachable');
  });

  it('connects once: a session that is over stays over', async () => {
    meet();
    await client.connect([{ slot: 0, stream: 'red' }]);
    expect((await failureOf(client.connect([]), ConnectionError)).reason).to.equal('closed');
    expect(client.isConnected).to.equal(true);
    client.disconnect();
    expect((await failureOf(client.connect([]), ConnectionError)).reason).to.equal('closed');
  });

  it('lives on after a message that it cannot read, and reports it', async () => {
    const errors: string[] = [];
    meet({}, { onProtocolError: ({ reason }) => errors.push(reason) });
    await client.connect([{ slot: 0, stream: 'red' }]);
    device.newest.sayRaw('{"type":');
    device.newest.sayRaw('{"type":"multistream/of-the-future"}');
    expect((await client.switchStream(0, 'blue')).status).to.equal('active');
    expect(errors).to.deep.equal(['not-json']);
  });

  it('plays before an unreachable STUN server has answered', async () => {
    // A documentation address (RFC 5737): no machine has it.
    meet({}, { pcConfig: { iceServers: [{ urls: 'stun:192.0.2.1:3478' }] }, connectTimeout: 2000 });
    await client.connect([{ slot: 0, stream: 'red' }]);
  });

  it('says which address it cannot reach', async () => {
    device = new ScriptedDevice();
    client = new MultiStreamClient('http://127.0.0.1:9/prefix/', { pcConfig });
    const error = await failureOf(client.connect([{ slot: 0, stream: 'red' }]), ConnectionError);
    expect(error.reason).to.equal('unreachable');
    expect(error.message).to.contain('ws://127.0.0.1:9/prefix/api/ws');
  });

  it('says what a device URL looks like when it is none', async () => {
    device = new ScriptedDevice();
    client = new MultiStreamClient('ftp://device', { pcConfig });
    expect((await failureOf(client.connect([]), ConnectionError)).reason).to.equal('bad-url');
  });
});

async function failureOf<E extends Error>(promise: Promise<unknown>, type: new (...args: never[]) => E): Promise<E> {
  const outcome = await promise.then(
    () => new Error('it succeeded'),
    (error: unknown) => error,
  );
  expect(outcome).to.be.instanceOf(type);
  return outcome as E;
}
