import { expect } from '@open-wc/testing';
import { ConnectionError, MultiStreamClient, type SlotStatus, SwitchError } from '../../src/client/index.ts';
import type { SlotTrack } from '../../src/client/media.ts';
import { openSocketMedia } from '../../src/client/socket-media.ts';
import { isColor } from '../support/picture.ts';
import { blue, describeEachWay, type Installation, install, red, until } from './wall.ts';

const noStun = { pcConfig: { iceServers: [] } };

describeEachWay('MultiStreamClient with a real device', (way) => {
  let installation: Installation;
  const opened: MultiStreamClient<SlotTrack>[] = [];

  before(async () => {
    installation = await install();
  });

  afterEach(() => {
    for (const client of opened.splice(0)) {
      client.disconnect();
    }
  });

  after(() => installation.stop());

  function client(url = installation.device.url): MultiStreamClient<SlotTrack> {
    const created = new MultiStreamClient<SlotTrack>(url, noStun, way === 'socket' ? openSocketMedia : undefined);
    opened.push(created);
    return created;
  }

  async function shows(track: SlotTrack | undefined, color: readonly [number, number, number]): Promise<void> {
    const video = document.createElement('video');
    video.muted = true;
    if (track && 'attach' in track) {
      track.attach(video);
    } else {
      video.srcObject = new MediaStream([track as MediaStreamTrack]);
    }
    await video.play();
    while (!isColor(video, color)) {
      await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
    }
    video.srcObject = null;
    track && 'detach' in track && track.detach(video);
  }

  it('connects as the seed shows it: slots in, a track for each of them out', async () => {
    const statuses = new Map<number, SlotStatus>();
    const it = client();
    const tracks = await it.connect(
      [
        { slot: 4, stream: 'red', quality: '180p' },
        { slot: 1, stream: 'blue' },
      ],
      (slot, status) => statuses.set(slot, status),
    );
    expect([...tracks.keys()]).to.have.members([4, 1]);
    expect([it.isConnected, it.wsState, it.pcState]).to.deep.equal([true, WebSocket.OPEN, 'connected']);
    await shows(tracks.get(4), red);
    await shows(tracks.get(1), blue);
    // Over the WebSocket the status follows the picture.
    await until(() => statuses.get(4)?.status === 'active');
    expect(statuses.get(4)?.stream).to.equal('red-180p');
    it.disconnect();
    expect([it.isConnected, it.pcState]).to.deep.equal([false, 'closed']);
  });

  it('resolves a switch with the status that the device sent with the first key frame', async () => {
    const it = client();
    const tracks = await it.connect([{ slot: 0, stream: 'red' }]);
    await shows(tracks.get(0), red);
    const status = await it.switchStream(0, 'blue', '180p');
    expect(status).to.include({
      slot: 0,
      stream: 'blue-180p',
      status: 'active',
      quality: '180p',
      width: 320,
      height: 180,
    });
    await shows(tracks.get(0), blue);
  });

  it('lets the newest of two switches win and says so to the other', async () => {
    const it = client();
    await it.connect([{ slot: 0, stream: 'red' }]);
    const [first, second] = await Promise.allSettled([it.switchStream(0, 'green', '180p'), it.switchStream(0, 'blue')]);
    expect(second.status).to.equal('fulfilled');
    if (first.status === 'rejected') {
      expect(first.reason).to.be.instanceOf(SwitchError);
      expect((first.reason as SwitchError).reason).to.equal('superseded');
    }
  });

  it("rejects a switch to a stream that does not exist with the device's reason", async () => {
    const it = client();
    await it.connect([{ slot: 0, stream: 'red' }]);
    const error = await it.switchStream(0, 'nowhere').then(
      () => null,
      (reason) => reason,
    );
    expect(error).to.be.instanceOf(SwitchError);
    expect((error as SwitchError).message).to.include('stream not found');
  });

  it('rejects more slots than the device has', async () => {
    const slots = Array.from({ length: 10 }, (_, slot) => ({ slot, stream: 'red' }));
    const error = await client()
      .connect(slots)
      .catch((reason) => reason);
    expect(error).to.be.instanceOf(ConnectionError);
    expect((error as ConnectionError).reason).to.equal('refused');
    expect((error as ConnectionError).message).to.include('too many slots requested');
  });

  it('says that a device is not there', async () => {
    const error = await client('http://127.0.0.1:9')
      .connect([{ slot: 0, stream: 'red' }])
      .catch((reason) => reason);
    expect(error).to.be.instanceOf(ConnectionError);
    expect((error as ConnectionError).reason).to.equal('unreachable');
  });
});
