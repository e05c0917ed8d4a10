import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { pino } from 'pino';
import type { ClientMessage, DeviceMessage, StatusMessage } from '../../../src/protocol/messages.ts';
import { MultiStreamSession } from '../../src/sessions/multistream-session.ts';
import type { Answer, Outlet, OutletEvents, Track, TrackEvents } from '../../src/sessions/outlet.ts';
import { SingleStreamSession } from '../../src/sessions/single-stream-session.ts';
import { StreamRegistry } from '../../src/streams/registry.ts';
import { Stream } from '../../src/streams/stream.ts';
import { ScriptedSource, units } from '../streams/units.ts';

/** A connection that the test plays. Each m-line of an offer is a word of its text; `h265` is one without H.264. */
class ScriptedOutlet implements Outlet {
  readonly events: OutletEvents;
  tracks: (TrackEvents | null)[] = [];
  candidates: string[] = [];
  paces: number[] = [];
  sent = 0;
  closed = false;
  #refused = '';

  constructor(events: OutletEvents) {
    this.events = events;
  }

  answer(offer: string, slots: readonly TrackEvents[]): Answer {
    if (offer === 'garbage') {
      throw new Error('the sdp has no video m-line');
    }
    const lines = offer.split(' ');
    this.tracks = slots.map((events, index) => (lines[index] === 'h264' ? events : null));
    const track = (mid: string): Track => ({
      ...{ mid, isOpen: true, takes: ({ codec }) => codec !== this.#refused, affords: () => true, rest: () => {} },
      replay: (gop) => (this.sent += gop.length),
      live: () => this.sent++,
    });
    return {
      sdp: 'answer',
      tracks: this.tracks.map((events, index) => (events === null ? 'codec-mismatch' : track(`${index}`))),
      sound: null,
    };
  }

  /** The browser's offer does not have this codec. */
  refuse(codec: string): void {
    this.#refused = codec;
  }

  addCandidate(candidate: string): void {
    this.candidates.push(candidate);
  }

  pace(rate: number): void {
    this.paces.push(rate);
  }

  close(): void {
    this.closed = true;
  }
}

describe('a session', () => {
  let source: ScriptedSource;
  let small: ScriptedSource;
  let streams: StreamRegistry;
  let outlets: ScriptedOutlet[];
  let said: DeviceMessage[];
  let session: MultiStreamSession;
  const options = () => ({
    streams,
    maxSlots: 3,
    iceServers: [],
    adaptive: true,
    openOutlet: (events: OutletEvents) => {
      const outlet = new ScriptedOutlet(events);
      outlets.push(outlet);
      return outlet;
    },
    log: pino({ level: 'silent' }),
  });

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
    source = new ScriptedSource();
    small = new ScriptedSource();
    streams = new StreamRegistry([new Stream('cam', [source]), new Stream('cam-180p', [small])]);
    outlets = [];
    said = [];
    session = new MultiStreamSession({ ...options(), send: (message) => said.push(message) });
  });

  afterEach(() => {
    session.close();
    streams.close();
    mock.timers.reset();
  });

  function receive(...messages: ClientMessage[]): void {
    for (const message of messages) {
      session.receive(message);
    }
  }

  const init: ClientMessage = { type: 'multistream/init', slots: [{ slot: 4, stream: 'cam' }] };
  const offer: ClientMessage = { type: 'multistream/offer', sdp: 'h264' };
  const types = () => said.map(({ type }) => type);

  /** One slot that plays. */
  function play(): ScriptedOutlet {
    receive(init, offer);
    source.play(units(1));
    said = [];
    return outlets.at(-1) as ScriptedOutlet;
  }

  it('is ready, answers, and says what each slot shows', () => {
    receive(init, offer);
    source.play(units(1));
    assert.deepEqual(types(), ['multistream/ready', 'multistream/answer', 'multistream/status']);
    const { status, ...message } = said[2] as StatusMessage;
    assert.deepEqual(message, { type: 'multistream/status', slot: 4 });
    // The timestamps begin at random; with one picture so far, the first one is the live one.
    const { rtp_first: first, rtp_live: live, ...rest } = status;
    assert.equal(first, live);
    assert.deepEqual(rest, {
      ...{ slot: 4, stream: 'cam', status: 'active', mid: '0' },
      ...{ codec: 'H264', width: 640, height: 360 },
    });
  });

  it('gives a connection without contact ten seconds, and then releases everything', () => {
    const outlet = play();
    outlet.events.state('disconnected');
    mock.timers.tick(9_999);
    assert.deepEqual([types(), outlet.closed, streams.get('cam')?.readers], [[], false, 1]);
    mock.timers.tick(1);
    assert.deepEqual(said, [{ type: 'multistream/disconnected', reason: 'no contact for 10 s' }]);
    assert.deepEqual([outlet.closed, streams.get('cam')?.readers], [true, 0]);
  });

  it('goes on as if nothing had been when contact returns within those', () => {
    const outlet = play();
    outlet.events.state('disconnected');
    mock.timers.tick(9_000);
    outlet.events.state('connected');
    mock.timers.tick(60_000);
    assert.deepEqual([types(), outlet.closed], [[], false]);
  });

  it('releases at once a connection that failed or was closed, and can begin anew on the same socket', () => {
    for (const state of ['failed', 'closed'] as const) {
      const outlet = play();
      outlet.events.state(state);
      assert.deepEqual(types(), ['multistream/disconnected']);
      assert.equal(outlet.closed, true);
    }
    play();
    assert.equal(outlets.length, 3);
  });

  it('has no timer and no reader left when it is closed', () => {
    const outlet = play();
    outlet.events.state('disconnected');
    session.close();
    mock.timers.tick(60_000);
    assert.deepEqual([said, outlet.closed, streams.get('cam')?.readers], [[], true, 0]);
  });

  it('answers what it cannot follow with an error, and changes nothing', () => {
    const refusals: [ClientMessage, string][] = [
      [offer, 'multistream/offer: session not initialized'],
      [{ type: 'multistream/switch', slot: 4, stream: 'cam' }, 'multistream/switch: no active session'],
      [{ type: 'multistream/ice', candidate: 'c' }, 'multistream/ice: session not initialized'],
    ];
    for (const [message, value] of refusals) {
      receive(message);
      assert.deepEqual(said.pop(), { type: 'error', value, code: 'no-session' });
    }
    play();
    receive(init, { type: 'multistream/pause', slot: 9, request_id: 'p' });
    assert.deepEqual(said, [
      { type: 'error', value: 'multistream/init: session already initialized', code: 'session-exists' },
      { type: 'error', value: 'multistream/pause: invalid slot index 9', code: 'invalid-slot', request_id: 'p' },
      {
        ...{ type: 'multistream/status', slot: 9 },
        status: { slot: 9, stream: '', status: 'error', error: 'invalid slot index', code: 'invalid-slot' },
      },
    ]);
  });

  it('says with a code why a slot shows nothing, or not what was asked for', () => {
    const init: ClientMessage = {
      ...{ type: 'multistream/init' },
      slots: [
        { slot: 0, stream: 'cam' },
        { slot: 1, stream: 'cam' },
        { slot: 2, stream: 'unknown' },
      ],
    };
    receive(init, { type: 'multistream/offer', sdp: 'h265 h264 h264' });
    const answer = said.find((message) => message.type === 'multistream/answer');
    assert.deepEqual(
      answer?.slots.map(({ status, code }) => [status, code]),
      [
        ['error', 'codec-mismatch'],
        ['buffering', undefined],
        ['error', 'stream-not-found'],
      ],
    );
    receive(
      { type: 'multistream/switch', slot: 1, stream: 'cam-180p', request_id: 'first' },
      { type: 'multistream/switch', slot: 1, stream: 'cam', request_id: 'second' },
    );
    const codes = said.map((message) => message.type === 'multistream/status' && message.status.code);
    assert.ok(codes.includes('superseded'));
    receive(
      { type: 'multistream/close' },
      { type: 'multistream/init', slots: [0, 1, 2, 3].map((slot) => ({ slot, stream: '' })) },
    );
    assert.deepEqual(said.at(-1)?.type === 'error' && said.at(-1), {
      ...{
        type: 'error',
        value: 'multistream/init: too many slots requested (4 of at most 3)',
        code: 'too-many-slots',
      },
    });
  });

  describe('that is told which streams its viewer will want next', () => {
    const next = (stream: string, quality?: string): ClientMessage => ({
      ...{ type: 'multistream/prepare', request_id: 'p' },
      streams: [{ stream, ...(quality && { quality }) }],
    });
    let others: ScriptedSource[];

    beforeEach(() => {
      others = Array.from({ length: 5 }, () => new ScriptedSource());
      streams = new StreamRegistry([...streams, ...others.map((other, index) => new Stream(`cam${index}`, [other]))]);
      session = new MultiStreamSession({ ...options(), send: (message) => said.push(message) });
    });

    it('warms them for the time that a stream lingers, sends nothing of them, and counts no viewer', () => {
      const outlet = play();
      const { sent } = outlet;
      receive(next('cam', '180p'));
      assert.deepEqual(said, [{ type: 'multistream/prepared', streams: [{ stream: 'cam-180p' }], request_id: 'p' }]);
      small.play(units(3));
      assert.deepEqual([small.opened, outlet.sent, streams.get('cam-180p')?.readers], [1, sent, 0]);
      mock.timers.tick(9_999);
      assert.equal(small.closed, 0);
      mock.timers.tick(1);
      assert.equal(small.closed, 1);
    });

    it('switches to one of them at once, from the key frame that came meanwhile', () => {
      play();
      receive(next('cam0'));
      others[0]?.play(units(3));
      said = [];
      receive({ type: 'multistream/switch', slot: 4, stream: 'cam0' });
      assert.deepEqual(
        said.map((message) => message.type === 'multistream/status' && message.status.status),
        ['active'],
      );
      mock.timers.tick(60_000);
      assert.deepEqual([others[0]?.opened, others[0]?.closed], [1, 0]);
    });

    it('keeps as many of them as a session may have slots, and lets the oldest go at once', () => {
      play();
      for (const index of [0, 1, 0, 2, 3]) {
        receive(next(`cam${index}`));
      }
      assert.deepEqual(
        others.map(({ opened, closed }) => opened - closed),
        [1, 0, 1, 1, 0],
      );
      said = [];
      receive({ type: 'multistream/prepare', streams: others.map((_, index) => ({ stream: `cam${index}` })) });
      assert.equal(said[0]?.type === 'error' && said[0].code, 'too-many-slots');
      assert.equal(others[4]?.opened, 0);
      session.close();
      mock.timers.tick(10_000);
      assert.deepEqual(
        others.map(({ opened, closed }) => opened - closed),
        [0, 0, 0, 0, 0],
      );
    });

    it('opens and leaves no camera again and again, however often it is told', () => {
      play();
      for (let round = 0; round < 100; round++) {
        for (const index of others.keys()) {
          receive({
            type: 'multistream/prepare',
            streams: [{ stream: `cam${index}` }],
            left: [{ stream: `cam${index}` }],
          });
          receive(next(`cam${index}`));
        }
      }
      const opened = others.reduce((sum, source) => sum + source.opened, 0);
      assert.ok(opened < 30, `${opened} openings`);
      mock.timers.tick(10_000);
      assert.ok(others.every((source) => source.opened === source.closed));
    });

    it('lets go at once of those that their viewer has left, and of none that another viewer watches', () => {
      play();
      receive(next('cam0'), next('cam1'));
      receive({ type: 'multistream/switch', slot: 4, stream: 'cam0' });
      others[0]?.play(units(3));
      receive({ type: 'multistream/switch', slot: 4, stream: 'cam1' });
      others[1]?.play(units(3));
      // The first one lingers now, the third one has never run.
      const left = [{ stream: 'cam0' }, { stream: 'cam1' }, { stream: 'cam2' }, { stream: 'no such' }];
      receive({ type: 'multistream/prepare', streams: [{ stream: 'cam3' }], left });
      assert.deepEqual(
        others.map(({ opened, closed }) => [opened, closed]),
        [
          [1, 1],
          [1, 0],
          [0, 0],
          [1, 0],
          [0, 0],
        ],
      );
      // A stream that is watched does not linger afterwards.
      receive({ type: 'multistream/switch', slot: 4, stream: 'cam3' });
      others[3]?.play(units(3));
      assert.equal(others[1]?.closed, 1);
    });

    it('keeps them for ten seconds where streams do not linger', () => {
      const [source] = others as [ScriptedSource];
      streams = new StreamRegistry([...streams, new Stream('brief', [source], { linger: 0 })]);
      session = new MultiStreamSession({ ...options(), send: (message) => said.push(message) });
      play();
      receive(next('brief'));
      mock.timers.tick(9_999);
      assert.equal(source.closed, 0);
      mock.timers.tick(1);
      assert.equal(source.closed, 1);
    });

    it('knows none that its credentials are not good for', () => {
      streams = streams.seenBy((name) => name !== 'cam0');
      session = new MultiStreamSession({ ...options(), send: (message) => said.push(message) });
      play();
      receive(next('cam0'));
      const missing = { stream: 'cam0', error: 'stream not found', code: 'stream-not-found' };
      assert.deepEqual(said, [{ type: 'multistream/prepared', streams: [missing], request_id: 'p' }]);
      assert.equal(others[0]?.opened, 0);
    });

    it('warms the form that its browser takes', () => {
      const encoded = new ScriptedSource(true);
      const [own] = others as [ScriptedSource];
      streams = new StreamRegistry([...streams, new Stream('both', [own, encoded])]);
      session = new MultiStreamSession({ ...options(), send: (message) => said.push(message) });
      play();
      outlets.at(-1)?.refuse('H265');
      receive(next('both'));
      own.sink?.format({ codec: 'H265', width: 640, height: 360 });
      assert.equal(encoded.opened, 1);
    });

    it('answers with an error before there are slots', () => {
      receive(next('cam0'));
      assert.equal(said[0]?.type === 'error' && said[0].code, 'no-session');
    });
  });

  it('closes the connection of an offer that is none, and takes the next', () => {
    receive(init, { type: 'multistream/offer', sdp: 'garbage' }, offer);
    assert.deepEqual(types(), ['multistream/ready', 'error', 'multistream/answer']);
    assert.deepEqual(
      outlets.map(({ closed }) => closed),
      [true, false],
    );
  });

  it('steps down a viewer who loses a fifth of its packets, and up again when that is over', () => {
    const outlet = play();
    const seconds = (count: number, loss: number) => {
      for (let second = 0; second < count; second++) {
        source.send(units(2, 50, second).slice(1));
        outlet.events.report({ loss, roundTrip: null });
        mock.timers.tick(1000);
      }
    };
    seconds(2, 0.2);
    small.play(units(1), 320, 180);
    seconds(9, 0);
    assert.deepEqual(
      said.map((message) => message.type === 'multistream/status' && message.status.actual_quality),
      ['180p'],
    );
    seconds(3, 0);
    source.send(units(1));
    assert.deepEqual(
      said.map((message) => message.type === 'multistream/status' && message.status.actual_quality),
      ['180p', undefined],
    );
  });

  it('leaves every slot as it was asked for where that is turned off', () => {
    session = new MultiStreamSession({ ...options(), adaptive: false, send: (message) => said.push(message) });
    const outlet = play();
    for (let second = 0; second < 10; second++) {
      source.send(units(2, 50, second).slice(1));
      outlet.events.report({ loss: 0.5, roundTrip: null });
      outlet.events.estimate(1);
      mock.timers.tick(1000);
    }
    assert.deepEqual([said, streams.get('cam-180p')?.readers], [[], 0]);
  });

  it('spreads the next replays of a viewer whose link lost one', () => {
    const outlet = play();
    mock.timers.tick(1000);
    outlet.events.report({ loss: 0.1, roundTrip: null });
    mock.timers.tick(1000);
    assert.equal(outlet.paces[0], Number.POSITIVE_INFINITY);
    assert.ok((outlet.paces[1] ?? 0) <= 5_000_000, `${outlet.paces} bits a second`);
  });

  describe('of one stream, in go2rtc’s words', () => {
    let replies: { type: string; value?: unknown }[];
    let single: SingleStreamSession;

    function open(name: string | null): void {
      replies = [];
      single = new SingleStreamSession({ ...options(), source: name, send: (reply) => replies.push(reply) });
    }

    afterEach(() => single.close());

    it('answers, passes candidates both ways, and says nothing else', () => {
      open('cam');
      single.receive({ type: 'webrtc/offer', value: 'h264' });
      single.receive({ type: 'webrtc/candidate', value: 'theirs' });
      outlets[0]?.events.candidate('ours');
      source.play(units(1));
      assert.deepEqual(replies, [
        { type: 'webrtc/answer', value: 'answer' },
        { type: 'webrtc/candidate', value: 'ours' },
      ]);
      assert.deepEqual([outlets[0]?.candidates, outlets[0]?.sent], [['theirs'], 1]);
    });

    it('answers an offer that is a description with a description, as Home Assistant expects it', () => {
      open('cam');
      single.receive({ type: 'webrtc', sdp: 'h264' });
      assert.deepEqual(replies, [{ type: 'webrtc', value: { type: 'answer', sdp: 'answer' } }]);
    });

    it('tells a client that asks the shape of its pictures, and again when it changes', () => {
      open('cam');
      single.receive({ type: 'webrtc/offer', value: 'h264', shape: true });
      for (const aspect of [16 / 11, 16 / 11, 1]) {
        source.sink?.format({ codec: 'H264', width: 704, height: 576, aspect });
        source.send(units(1));
      }
      assert.deepEqual(replies.slice(1), [
        { type: 'webrtc/shape', width: 704, height: 576, display_width: 1024 },
        { type: 'webrtc/shape', width: 704, height: 576, display_width: 704 },
      ]);
    });

    it('begins anew with a second offer', () => {
      open('cam');
      single.receive({ type: 'webrtc/offer', value: 'h264' });
      single.receive({ type: 'webrtc/offer', value: 'h264' });
      assert.deepEqual(
        replies.map(({ type }) => type),
        ['webrtc/answer', 'webrtc/answer'],
      );
      assert.deepEqual(
        outlets.map(({ closed }) => closed),
        [true, false],
      );
    });

    it('plays on without its socket until the connection ends, as go2rtc’s own player wants it', () => {
      let ended = 0;
      open('cam');
      single.receive({ type: 'webrtc/offer', value: 'h264' });
      source.play(units(1));
      single.leave(() => ended++);
      source.send(units(2, 50, 1).slice(1));
      assert.deepEqual([outlets[0]?.sent, outlets[0]?.closed, ended], [2, false, 0]);
      outlets[0]?.events.state('closed');
      assert.deepEqual([outlets[0]?.closed, ended, streams.get('cam')?.readers], [true, 1, 0]);
    });

    it('ends with its socket if nothing was agreed on', () => {
      let ended = 0;
      open('cam');
      single.leave(() => ended++);
      assert.equal(ended, 1);
    });

    it('refuses what it cannot play, and tells when the connection is lost', () => {
      open('cam');
      single.receive({ type: 'webrtc/candidate', value: 'early' });
      single.receive({ type: 'webrtc/offer', value: 'garbage' });
      single.receive({ type: 'webrtc/offer', value: 'h265' });
      single.receive({ type: 'webrtc/offer', value: 'h264' });
      outlets.at(-1)?.events.state('failed');
      assert.deepEqual(
        replies.filter(({ type }) => type === 'error').map(({ value }) => value),
        [
          'webrtc/candidate: session not initialized',
          'webrtc/offer: the sdp has no video m-line',
          'webrtc/offer: codec mismatch: the offer has no H264 and no H265',
          'webrtc/offer: the media connection failed: no path between browser and device',
        ],
      );
    });

    it('finds no stream where none is named, or none of ours', () => {
      for (const name of [null, '', 'other']) {
        open(name);
        single.receive({ type: 'webrtc/offer', value: 'h264' });
        assert.deepEqual(replies, [
          { type: 'error', value: 'webrtc/offer: stream not found', code: 'stream-not-found' },
        ]);
        single.close();
      }
    });
  });
});
