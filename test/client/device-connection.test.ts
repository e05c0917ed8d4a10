import { aTimeout, expect, waitUntil } from '@open-wc/testing';
import {
  type ConnectionState,
  DeviceConnection,
  type DeviceConnectionOptions,
} from '../../src/client/device-connection.ts';
import type { SwitchError } from '../../src/client/errors.ts';
import type { SlotObserver } from '../../src/client/session.ts';
import type { SlotStatus } from '../../src/protocol/messages.ts';
import { type Colour, coloursUntil, watch } from './pictures.ts';
import { type Script, ScriptedDevice } from './scripted-device.ts';

/** Remembers what it is told. */
class Observer implements SlotObserver {
  readonly tracks: MediaStreamTrack[] = [];
  readonly statuses: SlotStatus[] = [];
  readonly failures: SwitchError[] = [];
  readonly index: number | undefined;

  constructor(index?: number) {
    this.index = index;
  }

  onTrack(track: MediaStreamTrack): void {
    this.tracks.push(track);
  }

  onStatus(status: SlotStatus): void {
    this.statuses.push(status);
  }

  onSwitchFailed(error: SwitchError): void {
    this.failures.push(error);
  }

  /** Waits until the device calls this stream active and its picture is there. */
  async shows(colour: Colour): Promise<void> {
    const isReady = () => this.tracks.at(-1)?.readyState === 'live' && this.statuses.at(-1)?.stream === colour;
    await waitUntil(isReady, `wait for ${colour}`, { timeout: 5000 });
    await watch(this.tracks.at(-1) as MediaStreamTrack, (video) => coloursUntil(video, colour));
  }
}

const see = (stream: string) => ({ stream, quality: '' });

describe('DeviceConnection', () => {
  let device: ScriptedDevice;
  let connection: DeviceConnection;
  let states: ConnectionState[];

  function meet(script: Script = {}, options: DeviceConnectionOptions = {}): void {
    device = new ScriptedDevice(script);
    connection = new DeviceConnection('http://device.test', {
      createSocket: device.createSocket,
      pcConfig: { iceServers: [] },
      retry: () => 0,
      ...options,
    });
    states = [];
    connection.subscribe((state) => states.push(state));
  }

  afterEach(() => {
    connection.close();
    device.stop();
  });

  const openSessions = () => device.sessions.filter(({ socket }) => socket.readyState === WebSocket.OPEN);

  function heard(type: string) {
    return device.heard.filter((message) => message.type === `multistream/${type}`);
  }

  function initOf(session: number): { slot: number; stream: string }[] {
    return heard('init')[session]?.slots as { slot: number; stream: string }[];
  }

  it('puts all wishes of one task into one init, under their own numbers, with spare slots up to nine', async () => {
    meet();
    const [five, none] = [new Observer(5), new Observer()];
    connection.want(five, see('red'));
    await Promise.resolve();
    connection.want(none, see('green'));
    await five.shows('red');
    await none.shows('green');
    expect(heard('init')).to.have.length(1);
    expect(initOf(0).slice(0, 2)).to.deep.equal([
      { slot: 5, stream: 'red' },
      { slot: 0, stream: 'green' },
    ]);
    expect(initOf(0).filter(({ stream }) => stream === '')).to.have.length(7);
    expect(states).to.deep.equal(['connecting', 'open']);
  });

  it('keeps within what a device could have, whatever numbers a page writes', async () => {
    meet({}, { maxSlots: 1e9 });
    const observer = new Observer(99_999_999_999);
    connection.want(observer, see('red'));
    await observer.shows('red');
    expect(initOf(0)[0]).to.deep.equal({ slot: 0, stream: 'red' });
    expect(initOf(0)).to.have.length(64);
  });

  it('opens no session after the other at a device that leaves out all that is asked for', async () => {
    // The spare slots have tracks, so each session as such is open.
    const createSocket = (url: string) => {
      const socket = device.createSocket(url);
      let hear: ((event: MessageEvent) => void) | null = null;
      const set = (handler: typeof hear) => {
        hear = handler && ((event) => handler.call(socket, new MessageEvent('message', { data: without(event.data) })));
      };
      const without = (data: string) => data.replaceAll(/\{"slot":0,"stream":"red"[^}]*\},?/g, '').replace(',]', ']');
      return Object.defineProperty(socket, 'onmessage', { set, get: () => hear });
    };
    meet({}, { createSocket });
    const observer = new Observer(0);
    connection.want(observer, see('red'));
    await observer.shows('red');
    expect(heard('switch').map(({ slot, stream }) => [slot, stream])).to.deep.equal([[1, 'red']]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(device.attempts).to.equal(1);
  });

  it('opens no session after the other at a device that sends each one away', async () => {
    meet();
    const observer = new Observer();
    connection.want(observer, see('red'));
    await observer.shows('red');
    const sending = setInterval(() => device.newest.say({ type: 'multistream/moving', reason: 'go away' }), 20);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    clearInterval(sending);
    expect(device.attempts).to.be.within(2, 3);
  });

  it('asks a device that allows fewer slots again, for as many as it allows', async () => {
    meet({ maxSlots: 4 });
    const observer = new Observer(0);
    connection.want(observer, see('red'));
    await observer.shows('red');
    expect([initOf(0).length, initOf(1).length]).to.deep.equal([9, 4]);
    expect(states).to.deep.equal(['connecting', 'open']);
  });

  it('asks a device that refuses without a number for the wished slots only', async () => {
    meet({ maxSlots: 4, namesLimit: false });
    const observer = new Observer(0);
    connection.want(observer, see('red'));
    await observer.shows('red');
    expect(heard('init')).to.have.length(2);
    expect(initOf(1)).to.have.length(1);
    expect(states).to.deep.equal(['connecting', 'open']);
  });

  it('switches on a changed wish, and sends none that did not change', async () => {
    meet();
    const observer = new Observer(0);
    connection.want(observer, see('red'));
    await observer.shows('red');
    connection.want(observer, see('red'));
    connection.want(observer, see('green'));
    connection.want(observer, see('blue'));
    await observer.shows('blue');
    expect(heard('switch').map(({ stream }) => stream)).to.deep.equal(['blue']);
  });

  it('settles a wish that changed while it was connecting', async () => {
    meet();
    const observer = new Observer(0);
    connection.want(observer, see('red'));
    await waitUntil(() => heard('offer').length === 1);
    connection.want(observer, see('blue'));
    await observer.shows('blue');
  });

  it('gives nothing to an observer that left while it was connecting', async () => {
    meet();
    const [gone, other] = [new Observer(0), new Observer(1)];
    connection.want(gone, see('red'));
    connection.want(other, see('green'));
    await waitUntil(() => heard('offer').length === 1);
    connection.release(gone);
    await other.shows('green');
    expect([gone.tracks, gone.statuses]).to.deep.equal([[], []]);
    await waitUntil(() => heard('pause').some(({ slot }) => slot === 0));
  });

  it('lets a wall grow on a spare slot, without a new session', async () => {
    meet();
    const [first, second] = [new Observer(0), new Observer(1)];
    connection.want(first, see('red'));
    await first.shows('red');
    connection.want(second, see('green'));
    await second.shows('green');
    expect(device.sessions).to.have.length(1);
  });

  it('grows beyond the spare slots by a larger session, and ends the old one only when that plays', async () => {
    meet({}, { maxSlots: 1 });
    const [first, second] = [new Observer(0), new Observer(1)];
    connection.want(first, see('red'));
    await first.shows('red');
    const [track] = first.tracks;
    const seen: unknown[] = [];
    second.onTrack = (next) => {
      seen.push(track?.readyState);
      second.tracks.push(next);
    };
    connection.want(second, see('green'));
    await second.shows('green');
    expect(seen[0]).to.equal('live');
    await first.shows('red');
    await waitUntil(() => track?.readyState === 'ended');
    expect(states).to.deep.equal(['connecting', 'open']);
  });

  it('hears nothing more of a session that another one replaces, though its tracks go on for a while', async () => {
    meet();
    const observer = new Observer(0);
    connection.want(observer, see('red'));
    await observer.shows('red');
    const [old] = device.sessions;
    old?.hold('multistream/switch');
    connection.want(observer, see('green'));
    connection.reconnect();
    await waitUntil(() => observer.tracks.length === 2, 'wait for the new track', { timeout: 5000 });
    expect(observer.tracks[0]?.readyState).to.equal('live');
    const { length } = observer.statuses;
    old?.release();
    await waitUntil(() => observer.tracks[0]?.readyState === 'ended');
    expect(observer.tracks).to.have.length(2);
    expect(observer.statuses.slice(length).filter(({ status }) => status === 'buffering')).to.deep.equal([]);
    expect(observer.failures).to.deep.equal([]);
    await observer.shows('green');
  });

  it('says that tracks end where each stream has a connection of its own: such a session goes on for no other', async () => {
    meet({ shape: { width: 4, height: 3, display_width: 4 } }, { mode: 'webrtc' });
    const observer = new Observer(0);
    const ends: unknown[] = [];
    Object.assign(observer, { onTrackEnd: () => ends.push(observer.tracks.at(-1)?.readyState) });
    connection.want(observer, see('red'));
    await waitUntil(() => observer.tracks.length === 1, 'wait for the track', { timeout: 5000 });
    connection.close();
    expect(ends).to.deep.equal(['live']);
  });

  it('opens another session for the tiles that the device does not take in one, and keeps what plays', async () => {
    meet({ maxSlots: 2 });
    const tiles = [0, 1, 2, 3, 4].map((index) => new Observer(index));
    const colours = ['red', 'green', 'blue', 'yellow', 'red'] as const;
    const want = (index: number) => connection.want(tiles[index] as Observer, see(colours[index] as string));
    want(0);
    await tiles[0]?.shows('red');
    const [track] = tiles[0]?.tracks ?? [];
    [1, 2, 3, 4].forEach(want);
    for (const [index, tile] of tiles.entries()) {
      await tile.shows(colours[index] as Colour);
    }
    expect(openSessions()).to.have.length(3);
    expect(tiles[0]?.tracks).to.deep.equal([track]);
    expect(tiles.flatMap(({ statuses }) => statuses).filter(({ status }) => status === 'error')).to.deep.equal([]);
    expect(states).to.deep.equal(['connecting', 'open']);
  });

  it('gives a free place in its first session to the next tile, and leaves the others where they are', async () => {
    meet({ maxSlots: 1 });
    const [first, second, third] = [new Observer(0), new Observer(1), new Observer(2)];
    connection.want(first, see('red'));
    connection.want(second, see('green'));
    await first.shows('red');
    await second.shows('green');
    connection.release(first);
    connection.want(third, see('blue'));
    await third.shows('blue');
    expect(second.tracks).to.have.length(1);
    expect(openSessions()).to.have.length(2);
    connection.release(second);
    await waitUntil(() => openSessions().length === 1);
    await third.shows('blue');
  });

  it('stays open as long as a tile is left, in whichever session it is', async () => {
    meet({ maxSlots: 1 });
    const [first, second] = [new Observer(0), new Observer(1)];
    connection.want(first, see('red'));
    connection.want(second, see('green'));
    await second.shows('green');
    connection.release(first);
    await waitUntil(() => heard('pause').length === 1);
    await second.shows('green');
    expect(connection.state).to.equal('open');
    connection.release(second);
    await waitUntil(() => connection.state === 'idle');
    expect(openSessions()).to.have.length(0);
  });

  it('begins anew with a further session that had been given up', async () => {
    meet({ maxSlots: 1 }, { retry: () => null });
    const [first, second, third] = [new Observer(0), new Observer(1), new Observer(2)];
    connection.want(first, see('red'));
    connection.want(second, see('green'));
    await second.shows('green');
    device.newest.cut();
    await waitUntil(() => second.statuses.some(({ status }) => status === 'error'));
    connection.release(second);
    connection.want(third, see('blue'));
    await third.shows('blue');
  });

  it('tells the tiles of a session that is lost, and plays them again', async () => {
    meet({ maxSlots: 1 });
    const [first, second] = [new Observer(0), new Observer(1)];
    connection.want(first, see('red'));
    connection.want(second, see('green'));
    await first.shows('red');
    await second.shows('green');
    device.newest.cut();
    await waitUntil(() => second.statuses.some(({ status }) => status === 'error'));
    await waitUntil(() => second.tracks.length === 2);
    await second.shows('green');
    expect(first.tracks).to.have.length(1);
    expect(states).to.deep.equal(['connecting', 'open']);
  });

  it('pauses a slot that no observer wants any more, and gives it to the next one', async () => {
    meet();
    const [first, second, third] = [new Observer(0), new Observer(1), new Observer(1)];
    connection.want(first, see('red'));
    connection.want(second, see('green'));
    await second.shows('green');
    connection.release(second);
    await waitUntil(() => heard('pause').length === 1);
    expect(heard('pause')[0]?.slot).to.equal(1);
    connection.want(third, see('blue'));
    await third.shows('blue');
    expect(heard('switch')[0]).to.deep.include({ slot: 1, stream: 'blue' });
    expect(device.sessions).to.have.length(1);
  });

  it('asks for calm pictures, and begins no stream anew for that on a device that does not know them', async () => {
    for (const [script, told] of [
      [{}, ['red', 'blue']],
      [{ echoesRequestIds: false }, ['blue']],
    ] as const) {
      meet(script);
      const observer = new Observer(0);
      connection.want(observer, { ...see('red'), calm: true });
      await observer.shows('red');
      expect(initOf(0)[0]).to.deep.include({ stream: 'red', calm: true });
      connection.want(observer, see('red'));
      // The change is told in a task of its own.
      await aTimeout(0);
      connection.want(observer, see('blue'));
      await observer.shows('blue');
      expect(heard('switch').map(({ stream }) => stream)).to.deep.equal(told);
      connection.close();
      device.stop();
    }
  });

  it('replays what is wished for now after a loss', async () => {
    meet();
    const observer = new Observer(0);
    connection.want(observer, see('red'));
    await observer.shows('red');
    connection.want(observer, see('blue'));
    await observer.shows('blue');
    device.newest.cut();
    await Promise.resolve();
    expect(connection.state).to.equal('waiting');
    expect(connection.error?.reason).to.equal('lost');
    await waitUntil(() => connection.state === 'open');
    expect(initOf(1)[0]).to.deep.include({ slot: 0, stream: 'blue' });
    await observer.shows('blue');
    expect(observer.tracks).to.have.length(3);
    expect(connection.error).to.equal(null);
  });

  it('asks its retry policy how often and when, and gives up when that does', async () => {
    const attempts: number[] = [];
    const retry = ({ attempt }: { attempt: number }) => (attempts.push(attempt) < 3 ? 0 : null);
    meet({ maxSlots: 0 }, { retry });
    connection.want(new Observer(0), see('red'));
    await waitUntil(() => connection.state === 'closed');
    expect(attempts).to.deep.equal([0, 1, 2]);
    expect(connection.error?.message).to.contain('too many slots requested');
  });

  it('does not try again what only the page can mend', async () => {
    meet();
    connection = new DeviceConnection('ftp://device.test');
    connection.want(new Observer(0), see('red'));
    await waitUntil(() => connection.state === 'closed');
    expect(connection.error?.reason).to.equal('bad-url');
  });

  it('is idle without a wish, and opens again for the next one', async () => {
    meet();
    const observer = new Observer(0);
    connection.want(observer, see('red'));
    await observer.shows('red');
    connection.release(observer);
    await waitUntil(() => connection.state === 'idle');
    expect(device.heardTypes().at(-1)).to.equal('multistream/close');
    connection.want(observer, see('green'));
    await observer.shows('green');
  });

  it('tells a failed switch to the one who wished for it', async () => {
    meet();
    const observer = new Observer(0);
    connection.want(observer, see('red'));
    await observer.shows('red');
    connection.want(observer, see('nowhere'));
    await waitUntil(() => observer.failures.length === 1);
    expect(observer.failures[0]?.message).to.equal('nowhere: stream not found');
  });

  it('plays what a device without mids and spare slots can show, and names what it cannot', async () => {
    meet({ mids: false, framing: 'wrapped', echoesRequestIds: false });
    const [lost, found] = [new Observer(0), new Observer(1)];
    connection.want(lost, see('nowhere'));
    connection.want(found, see('green'));
    await found.shows('green');
    expect(lost.statuses.at(-1)).to.deep.include({ status: 'error', code: 'stream-not-found' });
  });
});
