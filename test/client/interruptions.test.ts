import { expect, waitUntil } from '@open-wc/testing';
import { ConnectionError } from '../../src/client/errors.ts';
import {
  MultiStreamClient,
  type MultiStreamClientOptions,
  type SlotStatus,
} from '../../src/client/multistream-client.ts';
import { coloursUntil, watch } from './pictures.ts';
import { type Script, ScriptedDevice } from './scripted-device.ts';

const pcConfig = { iceServers: [] };
const red = [{ slot: 0, stream: 'red' }];

describe('MultiStreamClient, when things come at the wrong time', () => {
  let device: ScriptedDevice;
  const clients: MultiStreamClient[] = [];
  const peers: RTCPeerConnection[] = [];
  const RealPeer = window.RTCPeerConnection;

  beforeEach(() => {
    peers.length = 0;
  });

  afterEach(() => {
    for (const client of clients.splice(0)) {
      client.disconnect();
    }
    device.stop();
  });

  function meet(script: Script = {}): void {
    device = new ScriptedDevice(script);
  }

  /** Its peer connection is the last one in `peers`. */
  function createClient(options: MultiStreamClientOptions = {}): MultiStreamClient {
    const client = new MultiStreamClient('http://device.test', {
      createSocket: device.createSocket,
      pcConfig,
      ...options,
    });
    clients.push(client);
    return client;
  }

  function connect(client: MultiStreamClient, onStatus?: (slot: number, status: SlotStatus) => void) {
    window.RTCPeerConnection = class extends RealPeer {
      constructor(config?: RTCConfiguration) {
        super(config);
        peers.push(this);
      }
    };
    try {
      return client.connect(red, onStatus);
    } finally {
      window.RTCPeerConnection = RealPeer;
    }
  }

  function heard(type: string) {
    return device.heard.filter((message) => message.type === `multistream/${type}`);
  }

  for (const [moment, isThere] of Object.entries<() => boolean>({
    'at once': () => true,
    'before the device is ready': () => heard('init').length === 1,
    'before the device has answered the offer': () => heard('offer').length === 1,
  })) {
    it(`leaves nothing behind where it is disconnected ${moment}`, async () => {
      meet({ deaf: moment.includes('ready') ? ['multistream/init'] : ['multistream/offer'] });
      const client = createClient();
      const connected = outcome(connect(client));
      await waitUntil(isThere);
      client.disconnect();
      expect(await connected)
        .to.be.instanceOf(ConnectionError)
        .and.to.include({ reason: 'closed' });
      // The device's own too.
      expect(peers.map(({ connectionState }) => connectionState)).to.deep.equal(['closed', 'closed']);
      expect([client.isConnected, client.wsState, client.pcState]).to.deep.equal([false, WebSocket.CLOSED, 'closed']);
      expect(device.sessions.filter(({ socket }) => socket.readyState !== WebSocket.CLOSED)).to.deep.equal([]);
    });
  }

  it('opens no WebSocket where it is disconnected before it has its token', async () => {
    meet();
    let give: (token: string) => void = () => {};
    const client = createClient({ authorize: () => new Promise((resolve) => (give = resolve)) });
    const connected = outcome(connect(client));
    client.disconnect();
    give('too late');
    expect(await connected).to.include({ reason: 'closed' });
    // All that follows a token follows within its task.
    await new Promise((resolve) => setTimeout(resolve));
    expect(device.attempts).to.equal(0);
    expect(peers.map(({ connectionState }) => connectionState)).to.deep.equal(['closed']);
  });

  it('offers once, however often the device says that it is ready', async () => {
    meet();
    const client = createClient();
    const connected = connect(client);
    await waitUntil(() => heard('init').length === 1);
    device.newest.say({ type: 'multistream/ready', slots: 1 });
    device.newest.say({ type: 'multistream/ready', slots: 1 });
    const tracks = await connected;
    device.newest.say({ type: 'multistream/ready', slots: 1 });
    await watch(tracks.get(0) as MediaStreamTrack, (video) => coloursUntil(video, 'red'));
    expect(heard('offer')).to.have.length(1);
    expect(client.isConnected).to.equal(true);
  });

  it('takes no second answer, nor what it says of the slots', async () => {
    meet();
    const client = createClient();
    const shown: string[] = [];
    const tracks = await connect(client, (_, { status, stream }) => shown.push(`${status} ${stream}`));
    await client.switchStream(0, 'blue');
    const before = [...shown];
    const sdp = device.newest.peer.localDescription?.sdp ?? '';
    device.newest.say({ type: 'multistream/answer', sdp, slots: [{ slot: 0, stream: 'red', status: 'active' }] });
    device.newest.say({ type: 'multistream/answer', sdp: 'v=0', slots: [] });
    await client.switchStream(0, 'green');
    await watch(tracks.get(0) as MediaStreamTrack, (video) => coloursUntil(video, 'green'));
    expect(shown).to.deep.equal([...before, 'buffering green', 'active green']);
    expect(client.isConnected).to.equal(true);
  });

  it('does nothing about what a device says after the end', async () => {
    meet({ deaf: ['multistream/init'] });
    const client = createClient();
    const connected = outcome(connect(client));
    await waitUntil(() => heard('init').length === 1);
    client.disconnect();
    await connected;
    device.newest.say({ type: 'multistream/ready', slots: 1 });
    device.newest.say({ type: 'multistream/answer', sdp: 'v=0', slots: [] });
    await new Promise((resolve) => setTimeout(resolve));
    expect(heard('offer')).to.deep.equal([]);
    expect(client.pcState).to.equal('closed');
  });

  for (const code of ['unauthorized', 'too-many-messages'] as const) {
    it(`says why the device ends the session, by its code (${code})`, async () => {
      meet();
      const ends: ConnectionError[] = [];
      const client = createClient({ onClosed: (error) => ends.push(error) });
      await connect(client);
      device.newest.say({ type: 'error', value: 'the words are for readers', code });
      await waitUntil(() => ends.length === 1);
      expect(ends[0]).to.include({ reason: 'refused', code, detail: 'the words are for readers', retryable: true });
      expect([client.isConnected, client.pcState]).to.deep.equal([false, 'closed']);
    });
  }

  it('goes on with its token where the device does not take the next one', async () => {
    meet();
    const client = createClient();
    await connect(client);
    device.newest.say({ type: 'error', value: 'the token has expired', code: 'unauthorized', request_id: '7' });
    expect((await client.switchStream(0, 'blue')).status).to.equal('active');
  });

  it('knows nothing of another client on the same page and device', async () => {
    meet();
    const [one, two] = [createClient(), createClient()];
    const [first, second] = await Promise.all([connect(one), connect(two)]);
    await one.switchStream(0, 'blue');
    await watch(first.get(0) as MediaStreamTrack, (video) => coloursUntil(video, 'blue'));
    await watch(second.get(0) as MediaStreamTrack, (video) => coloursUntil(video, 'red'));
    one.disconnect();
    expect([one.isConnected, two.isConnected]).to.deep.equal([false, true]);
    expect((await two.switchStream(0, 'green')).status).to.equal('active');
    await watch(second.get(0) as MediaStreamTrack, (video) => coloursUntil(video, 'green'));
  });
});

/** The outcome of a promise, also where that is an error. */
function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => error);
}
