import { expect, waitUntil } from '@open-wc/testing';
import { Lease } from '../../src/client/connections.ts';
import type { DeviceConnectionOptions, SlotObserver } from '../../src/client/device-connection.ts';
import { ScriptedDevice } from './scripted-device.ts';

const silent: SlotObserver = { index: 0, onTrack() {}, onStatus() {}, onSwitchFailed() {} };

describe('what several parts of a page want of one device', () => {
  const leases: Lease[] = [];
  let device: ScriptedDevice;

  beforeEach(() => {
    device = new ScriptedDevice();
  });

  afterEach(() => {
    for (const lease of leases.splice(0)) {
      lease.release();
    }
    device.stop();
  });

  function take(options: DeviceConnectionOptions) {
    const lease = new Lease();
    leases.push(lease);
    return lease.take('http://device.test', { createSocket: device.createSocket, retry: () => null, ...options });
  }

  it('is one connection, with the token of the element that has one and room for the largest wall', async () => {
    const first = take({ pcConfig: { iceServers: [] }, maxSlots: 2 });
    const second = take({ authorize: () => 'secret', maxSlots: 12 });
    expect(second).to.equal(first);
    first?.want(silent, { stream: 'red', quality: '' });
    await waitUntil(() => device.heardTypes().includes('multistream/init'));
    expect(device.newest.socket.url).to.equal('ws://device.test/api/ws?token=secret');
    expect(device.heard[0]?.slots).to.have.length(12);
  });

  it('is a connection for each mode', () => {
    expect(take({ mode: 'webrtc' })).not.to.equal(take({ mode: 'multistream' }));
  });

  it('is told on the console where ICE servers differ, and not where they are the same', () => {
    const { warn } = console;
    const warnings: unknown[] = [];
    console.warn = (text: unknown) => warnings.push(text);
    try {
      take({ pcConfig: { iceServers: [] } });
      take({ pcConfig: { iceServers: [] } });
      take({});
      expect(warnings).to.deep.equal([]);
      take({ pcConfig: { iceServers: [{ urls: 'stun:stun.example.org' }] } });
      expect(warnings).to.have.length(1);
      expect(warnings[0]).to.contain('http://device.test');
    } finally {
      console.warn = warn;
    }
  });
});
