import { expect, waitUntil } from '@open-wc/testing';
import { DeviceConnection, type DeviceConnectionOptions } from '../../src/client/device-connection.ts';
import type { SlotObserver } from '../../src/client/session.ts';
import { type Colour, coloursUntil, watch } from './pictures.ts';
import { type Script, ScriptedDevice } from './scripted-device.ts';

const see = (stream: string) => ({ stream, quality: '' });

describe('DeviceConnection, while it reconnects', () => {
  let device: ScriptedDevice;
  let connection: DeviceConnection;
  const tracks: MediaStreamTrack[] = [];
  const observer: SlotObserver = {
    index: 0,
    onTrack: (track) => tracks.push(track as MediaStreamTrack),
    onStatus() {},
    onSwitchFailed() {},
  };

  function meet(script: Script = {}, options: DeviceConnectionOptions = {}): void {
    device = new ScriptedDevice(script);
    connection = new DeviceConnection('http://device.test', {
      createSocket: device.createSocket,
      pcConfig: { iceServers: [] },
      retry: () => 0,
      ...options,
    });
  }

  afterEach(() => {
    connection.close();
    device.stop();
    tracks.length = 0;
  });

  const isOpen = () => waitUntil(() => connection.state === 'open', 'wait for a session', { timeout: 5000 });
  const coloursOf = (track: MediaStreamTrack | undefined, last: Colour) =>
    watch(track as MediaStreamTrack, (video) => coloursUntil(video, last));

  function heard(type: string) {
    return device.heard.filter((message) => message.type === `multistream/${type}`);
  }

  it('takes the newest of the wishes made meanwhile, and shows nothing else', async () => {
    meet();
    connection.want(observer, see('red'));
    await isOpen();
    device.unplug();
    await waitUntil(() => connection.state === 'waiting');
    connection.want(observer, see('green'));
    connection.want(observer, see('blue'));
    device.plugIn();
    await isOpen();
    expect(heard('init').at(-1)?.slots).to.deep.include({ slot: 0, stream: 'blue' });
    expect(await coloursOf(tracks.at(-1), 'blue')).to.deep.equal(['blue']);
    expect(heard('switch')).to.deep.equal([]);
  });

  it('takes a new one when the network is back, which may be another, and ends the old one only then', async () => {
    meet();
    connection.want(observer, see('red'));
    await isOpen();
    const states: string[] = [];
    connection.subscribe((state) => states.push(state));
    dispatchEvent(new Event('online'));
    await waitUntil(() => tracks.length === 2, 'wait for the new track', { timeout: 5000 });
    expect(await coloursOf(tracks[1], 'red')).to.deep.equal(['red']);
    await waitUntil(() => tracks[0]?.readyState === 'ended');
    expect(states).to.deep.equal([]);
  });

  it('tries again where the network that is back leads nowhere yet, and keeps the old one until then', async () => {
    let deadEnds = 0;
    const createSocket = (url: string) => {
      const socket = device.createSocket(url);
      if (deadEnds > 0) {
        deadEnds--;
        device.newest.cut();
      }
      return socket;
    };
    meet({}, { createSocket });
    connection.want(observer, see('red'));
    await isOpen();
    const states: string[] = [];
    connection.subscribe((state) => states.push(state));
    deadEnds = 2;
    dispatchEvent(new Event('online'));
    await waitUntil(() => tracks.length === 2, 'wait for the new track', { timeout: 5000 });
    expect([device.attempts, states]).to.deep.equal([4, []]);
    expect(await coloursOf(tracks[1], 'red')).to.deep.equal(['red']);
  });

  it('leaves an attempt that began in the network before', async () => {
    meet();
    connection.want(observer, see('red'));
    await waitUntil(() => device.attempts === 1);
    const first = device.newest;
    dispatchEvent(new Event('online'));
    await isOpen();
    expect(device.attempts).to.equal(2);
    expect(first.socket.readyState).to.equal(WebSocket.CLOSED);
  });

  it('switches after it to what was wished while the new session was on its way', async () => {
    meet();
    connection.want(observer, see('red'));
    await isOpen();
    device.newest.cut();
    await waitUntil(() => heard('offer').length === 2);
    connection.want(observer, see('blue'));
    await isOpen();
    await waitUntil(() => heard('switch').length === 1);
    await coloursOf(tracks.at(-1), 'blue');
    expect(heard('init').at(-1)?.slots).to.deep.include({ slot: 0, stream: 'red' });
  });

  it('opens nothing more where the last wish ends meanwhile', async () => {
    meet({}, { retry: () => 20 });
    connection.want(observer, see('red'));
    await isOpen();
    device.unplug();
    await waitUntil(() => connection.state === 'waiting');
    connection.release(observer);
    await waitUntil(() => connection.state === 'idle');
    const { attempts } = device;
    // A timer that was set earlier for as long would have fired before this one.
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(device.attempts).to.equal(attempts);
  });

  for (const [known, script] of Object.entries({
    'has played': {},
    'has refused too many slots': { maxSlots: 4 },
  })) {
    it(`does not take a device that ${known} for one without multistream, however long it is silent`, async () => {
      const deaf: string[] = [];
      let sessions = 0;
      const authorize = () => {
        sessions += 1;
        if (sessions === 2) {
          deaf.push('multistream/init');
        }
        return '';
      };
      meet({ ...script, deaf }, { readyTimeout: 50, authorize });
      connection.want(observer, see('red'));
      if (known === 'has played') {
        await isOpen();
        device.newest.cut();
      }
      await waitUntil(() => connection.error?.reason === 'unsupported');
      await waitUntil(() => heard('init').length >= 4);
      deaf.length = 0;
      await isOpen();
      expect(connection.activeMode).to.equal('multistream');
      expect(await coloursOf(tracks.at(-1), 'red')).to.deep.equal(['red']);
      expect(device.heard.filter(({ type }) => type.startsWith('webrtc/'))).to.deep.equal([]);
    });
  }
});
