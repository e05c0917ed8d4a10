import { expect, waitUntil } from '@open-wc/testing';
import { DeviceConnection } from '../../src/client/device-connection.ts';
import type { SlotObserver } from '../../src/client/session.ts';
import { ScriptedDevice } from './scripted-device.ts';

const keyOf = (name: string) => `multistream-webrtc http://${name}.test/`;

// As an earlier page left it.
const now = Date.now();
const earlier = { known: now - 1_800_000, old: now - 7_200_000, changed: now };
for (const [name, time] of Object.entries(earlier)) {
  localStorage.setItem(keyOf(name), `${time}`);
}

describe('the mode of a device that an earlier page met', () => {
  const observer: SlotObserver = { index: 0, onTrack: () => {}, onStatus: () => {}, onSwitchFailed: () => {} };
  let device: ScriptedDevice;
  let connection: DeviceConnection;

  function meet(name: string, multistream: 'spoken' | 'unheard'): void {
    device = new ScriptedDevice({ deaf: multistream === 'spoken' ? [] : ['multistream/init'] });
    connection = new DeviceConnection(`http://${name}.test`, {
      createSocket: device.createSocket,
      pcConfig: { iceServers: [] },
      connectTimeout: 1500,
    });
    connection.want(observer, { stream: 'red', quality: '' });
  }

  afterEach(() => {
    connection.close();
    device.stop();
  });

  after(() => {
    for (const name of Object.keys(earlier)) {
      localStorage.removeItem(keyOf(name));
    }
  });

  const heard = async (count = 1) => {
    const types = () => device.heardTypes().filter((type) => type !== 'webrtc/candidate');
    await waitUntil(() => types().length >= count, 'heard', { timeout: 8000 });
    return types().slice(0, count);
  };

  it('is taken at once, without waiting for the silence of a stock go2rtc', async () => {
    meet('known', 'unheard');
    expect(await heard()).to.deep.equal(['webrtc/offer']);
  });

  it('is asked for anew after an hour', async () => {
    meet('old', 'unheard');
    expect(await heard()).to.deep.equal(['multistream/init']);
  });

  it('is asked for anew when the device cannot be played so, and forgotten when it speaks multistream', async () => {
    meet('changed', 'spoken');
    expect(await heard(2)).to.deep.equal(['webrtc/offer', 'multistream/init']);
    await waitUntil(() => connection.state === 'open', 'open', { timeout: 5000 });
    expect(connection.activeMode).to.equal('multistream');
    expect(localStorage.getItem(keyOf('changed'))).to.equal(null);
  });
});
