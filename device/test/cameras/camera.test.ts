import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pino } from 'pino';
import { Camera } from '../../src/cameras/camera.ts';
import type { ProcessEvents, StartCoder } from '../../src/cameras/coder-process.ts';
import { StartQueue } from '../../src/cameras/start-queue.ts';
import type { CoderRequest } from '../../src/coder/messages.ts';
import type { OutputConfig } from '../../src/config/output.ts';
import type { OwnSource } from '../../src/config/source.ts';
import type { AccessUnit } from '../../src/media/access-unit.ts';
import { usualGop } from '../../src/media/gop.ts';
import { Rendition } from '../../src/streams/rendition.ts';
import { units } from '../streams/units.ts';

interface ScriptedProcess extends ProcessEvents {
  requests: CoderRequest[];
  stopped: boolean;
}

describe('a camera', () => {
  let processes: ScriptedProcess[];
  let camera: Camera;
  let queue: StartQueue;
  const copy: OutputConfig = { kind: 'copy' };
  const [unit] = units(1) as [ReturnType<typeof units>[number]];

  const startCoder: StartCoder = (events) => {
    const process: ScriptedProcess = { ...events, requests: [], stopped: false };
    processes.push(process);
    return {
      send: (request) => process.requests.push(request),
      stop: async () => {
        process.stopped = true;
      },
    };
  };

  function cameraOf(...hosts: string[]): Camera {
    const sources = hosts.map(
      (host): OwnSource => ({
        kind: 'own',
        // FFmpeg reads it, in the process that the test plays.
        source: { kind: 'rtsp', url: `rtsp://u:secret@${host}/`, transport: 'tcp', reader: 'ffmpeg' },
        output: copy,
      }),
    );
    const limits = () => ({ pictureBytes: 2 ** 23, memoryBytes: 512 * 2 ** 20, gop: usualGop });
    return new Camera('camera1', sources, { log: pino({ enabled: false }), queue, startCoder, limits });
  }

  /** The calls that an output received. */
  function listener() {
    const heard: string[] = [];
    return {
      heard,
      format: () => heard.push('format'),
      unit: () => heard.push('unit'),
      offline: (reason: string) => heard.push(`offline: ${reason}`),
      unplayable: (reason: string) => heard.push(`unplayable: ${reason}`),
      sends: () => heard.push('sends'),
      renew: () => heard.push('renew'),
    };
  }

  /** The pictures that a reader of one of its outputs gets. */
  function watch(name: string, config: OutputConfig) {
    const numbers: number[] = [];
    const reader = { unit: ({ data }: AccessUnit) => numbers.push(data.at(-1) as number), changed: () => {} };
    const rendition = new Rendition(camera.output(name, config), { linger: 0 }, { unit: () => {}, changed: () => {} });
    rendition.join(reader);
    return { numbers, rendition, leave: () => rendition.leave(reader) };
  }

  /** A process delivers pictures with these numbers to an output; the first one is a key frame. */
  function delivers(process: ScriptedProcess, output: string, ...numbers: number[]): void {
    process.report({ type: 'format', output, format: { codec: 'H264', width: 640, height: 360 } });
    for (const number of numbers) {
      process.report({ type: 'unit', output, unit: { ...unit, data: Buffer.from([0, 0, 0, 1, number]) } });
    }
  }

  /** Milliseconds. */
  let now = 0;
  /** Milliseconds pass one by one, so that what is set on the way is set at its time. */
  const pass = (milliseconds: number) => {
    mock.timers.tick(0);
    for (let nth = 0; nth < milliseconds; nth++) {
      now++;
      mock.timers.tick(1);
    }
  };

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'setImmediate'] });
    mock.method(performance, 'now', () => now);
    mock.method(Math, 'random', () => 1);
    processes = [];
    queue = new StartQueue();
    camera = cameraOf('one');
  });

  afterEach(async () => {
    await camera.close();
    mock.timers.reset();
    mock.restoreAll();
  });

  /** Outputs are numbered in the order in which they are opened. */
  let played = 0;
  /** A process delivers its next picture to these outputs. */
  const plays = (process: ScriptedProcess, ...outputs: string[]) => {
    played++;
    for (const output of outputs.length > 0 ? outputs : ['camera1#1']) {
      process.report({ type: 'unit', output, unit: { ...unit, timestamp: played * 40_000 } });
    }
  };

  it('holds nothing of the times that it was opened before', async () => {
    // They remember each call.
    mock.restoreAll();
    mock.timers.reset();
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const held = async (openings: number) => {
      for (let opening = 0; opening < openings; opening++) {
        camera.output('camera1', copy).open(listener()).close();
        processes.length = 0;
        await null;
      }
      await new Promise((resolve) => setTimeout(resolve));
      collect();
      return process.memoryUsage().heapUsed;
    };
    await held(2000);
    const before = await held(2000);
    const openings = 10_000;
    const bytes = ((await held(openings)) - before) / openings;
    // Former runs left five hundred and more when each kept the end of the one before; V8's compiled code makes up to twenty.
    assert.ok(bytes < 100, `${bytes} bytes for each opening`);
  });

  it('has one process for all its outputs, while there are any', () => {
    const one = camera.output('camera1', copy).open(listener());
    const two = camera.output('camera1-360p', { kind: 'encode', height: 360 }).open(listener());
    assert.equal(processes.length, 1);
    assert.deepEqual(
      processes[0]?.requests.map((request) =>
        'output' in request ? `${request.type} ${request.output}` : request.type,
      ),
      ['open', 'start camera1#1', 'start camera1-360p#2'],
    );
    one.close();
    assert.equal(processes[0]?.stopped, false);
    two.close();
    assert.equal(processes[0]?.stopped, true);
    assert.equal(camera.state, 'idle');
  });

  it('tells each output its own units', () => {
    const [one, two] = [listener(), listener()];
    camera.output('camera1', copy).open(one);
    camera.output('camera1-360p', { kind: 'encode', height: 360 }).open(two);
    plays(processes[0] as ScriptedProcess, 'camera1-360p#2');
    assert.deepEqual([one.heard, two.heard], [[], ['unit']]);
    assert.equal(camera.state, 'running');
  });

  it('replaces a process that fails after 1 s, then 2, 4, 8, 16, and 30 s at the most', () => {
    const output = listener();
    camera.output('camera1', copy).open(output);
    for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
      const count = processes.length;
      processes.at(-1)?.report({ type: 'failed', reason: 'Connection refused' });
      assert.equal(camera.state, 'backoff');
      pass(seconds * 1000 - 1);
      assert.equal(processes.length, count);
      pass(1);
      assert.equal(processes.length, count + 1);
      assert.deepEqual(
        processes.at(-1)?.requests.map(({ type }) => type),
        ['open', 'start'],
      );
    }
    assert.equal(output.heard[0], 'offline: Connection refused');
  });

  it('takes a silent camera for frozen after 5 s, and one that never shows a picture after 15', () => {
    const output = listener();
    camera.output('camera1', copy).open(output);
    pass(14_990);
    assert.equal(camera.state, 'starting');
    pass(20);
    assert.equal(camera.state, 'backoff');
    pass(1000);
    plays(processes[1] as ScriptedProcess);
    pass(40);
    plays(processes[1] as ScriptedProcess);
    pass(4990);
    plays(processes[1] as ScriptedProcess);
    assert.equal(camera.state, 'running');
    // One picture that came late does not tell of a slow camera for long.
    for (let picture = 0; picture < 16; picture++) {
      pass(40);
      plays(processes[1] as ScriptedProcess);
    }
    pass(4990);
    assert.equal(camera.state, 'running');
    pass(20);
    assert.equal(camera.state, 'backoff');
    const units = Array.from({ length: 3 + 16 }, () => 'unit');
    assert.deepEqual(output.heard, ['offline: no picture for 15 s', ...units, 'offline: no picture for 5 s']);
    assert.equal(processes[1]?.stopped, true);
  });

  it('gives a camera of one picture in ten seconds its time, whatever comes between its pictures', () => {
    const output = listener();
    camera.output('camera1', copy).open(output);
    camera.output('camera1-360p', { kind: 'encode', height: 360 }).open(listener());
    const [process] = processes as [ScriptedProcess];
    // Its parameter sets are packets, too.
    process.report({ type: 'packets', hasKeyframe: false });
    process.report({ type: 'packets', hasKeyframe: true });
    for (let picture = 0; picture < 4; picture++) {
      plays(process, 'camera1#1', 'camera1-360p#2', 'camera1-360p#2');
      pass(10_000);
    }
    assert.deepEqual([camera.state, output.heard], ['running', ['sends', 'unit', 'unit', 'unit', 'unit']]);
  });

  it('does not give up a camera that sends, however long its first key frame takes', () => {
    const output = listener();
    camera.output('camera1', copy).open(output);
    for (let second = 0; second < 60; second++) {
      processes[0]?.report({ type: 'packets', hasKeyframe: false });
      pass(1000);
    }
    assert.equal(camera.state, 'starting');
    assert.deepEqual([...new Set(output.heard)], ['sends']);
    pass(4000);
    assert.equal(output.heard.at(-1), 'offline: no picture for 5 s');
  });

  it('tells a camera whose video cannot be decoded from one that sends nothing', () => {
    const output = listener();
    camera.output('camera1', { kind: 'encode' }).open(output);
    processes[0]?.report({ type: 'packets', hasKeyframe: true });
    pass(15_000);
    assert.deepEqual(output.heard, ["offline: the camera's video cannot be decoded: no picture for 15 s"]);
  });

  it('gives its place in the start queue up as soon as packets come', async () => {
    await camera.close();
    queue = new StartQueue(1);
    camera = cameraOf('one');
    const other = cameraOf('two');
    camera.output('camera1', copy).open(listener());
    other.output('camera1', copy).open(listener());
    assert.equal(processes.length, 1);
    processes[0]?.report({ type: 'packets', hasKeyframe: false });
    assert.equal(processes.length, 2);
    await other.close();
  });

  it('does not listen to a process that it has given up', () => {
    const output = listener();
    camera.output('camera1', copy).open(output);
    processes[0]?.gone('ended by SIGKILL');
    plays(processes[0] as ScriptedProcess);
    processes[0]?.gone('again');
    assert.deepEqual(output.heard, ['offline: ended by SIGKILL']);
  });

  it('tells one output that it cannot be made, and goes on with the others', () => {
    const [one, two] = [listener(), listener()];
    camera.output('camera1', copy).open(one);
    camera.output('camera1-360p', { kind: 'encode', height: 360 }).open(two);
    processes[0]?.report({ type: 'refused', output: 'camera1#1', reason: 'codec mismatch' });
    plays(processes[0] as ScriptedProcess, 'camera1-360p#2');
    assert.deepEqual([one.heard, two.heard], [['offline: codec mismatch'], ['unit']]);
  });

  it('passes a wish for a key frame on', () => {
    camera.output('camera1', copy).open(listener()).requestKeyframe();
    assert.deepEqual(processes[0]?.requests.at(-1), { type: 'keyframe', output: 'camera1#1' });
  });

  it('starts no process any more once it is closed', async () => {
    camera.output('camera1', copy).open(listener());
    processes[0]?.gone('ended');
    await camera.close();
    pass(60_000);
    assert.equal(processes.length, 1);
    assert.equal(camera.state, 'stopped');
  });

  it('tries its next source at once when one fails, and rests when all have', async () => {
    await camera.close();
    camera = cameraOf('one', 'two');
    camera.output('camera1', { kind: 'native' }).open(listener());
    const hosts = () =>
      processes.map(({ requests: [open] }) =>
        open?.type === 'open' && open.source.kind === 'rtsp' ? new URL(open.source.url).hostname : '',
      );
    processes[0]?.gone('refused');
    pass(0);
    assert.deepEqual(hosts(), ['one', 'two']);
    processes[1]?.gone('refused');
    pass(999);
    assert.equal(processes.length, 2);
    pass(1);
    assert.deepEqual(hosts(), ['one', 'two', 'one']);
  });

  it('replaces a process that grew too large, and each output changes over at a key frame', () => {
    const [one, two] = [watch('camera1', copy), watch('camera1-360p', { kind: 'encode', height: 360 })];
    const [old] = processes as [ScriptedProcess];
    delivers(old, 'camera1#1', 1);
    delivers(old, 'camera1-360p#2', 1);
    old.report({ type: 'memory', bytes: 511 * 2 ** 20 });
    assert.equal(processes.length, 1);
    old.report({ type: 'memory', bytes: 513 * 2 ** 20 });
    const next = processes[1] as ScriptedProcess;
    assert.equal(processes.length, 2);
    delivers(old, 'camera1#1', 2);
    delivers(next, 'camera1#3', 101);
    delivers(old, 'camera1#1', 3);
    delivers(next, 'camera1#3', 102);
    assert.deepEqual(one.numbers, [1, 2, 101, 102]);
    assert.equal(old.stopped, false);
    delivers(next, 'camera1-360p#4', 101);
    assert.deepEqual(two.numbers, [1, 101]);
    assert.deepEqual([old.stopped, next.stopped, camera.restarts], [true, false, 1]);
  });

  it('leaves a process that has not opened yet alone, however large: a second one would do the same', () => {
    camera.output('camera1', copy).open(listener());
    processes[0]?.report({ type: 'memory', bytes: 2 ** 30 });
    assert.deepEqual([processes.length, camera.state], [1, 'starting']);
  });

  it('ends with both processes when the last reader leaves while one replaces the other', () => {
    const one = watch('camera1', copy);
    const [old] = processes as [ScriptedProcess];
    delivers(old, 'camera1#1', 1);
    old.report({ type: 'memory', bytes: 2 ** 30 });
    one.leave();
    assert.deepEqual([...processes.map(({ stopped }) => stopped), camera.state], [true, true, 'idle']);
  });

  it('starts an output that is opened during a replacement on the new process, and on the old one where that fails', () => {
    const one = watch('camera1', copy);
    const [old] = processes as [ScriptedProcess];
    delivers(old, 'camera1#1', 1);
    old.report({ type: 'memory', bytes: 2 ** 30 });
    const late = watch('camera1-360p', { kind: 'encode', height: 360 });
    const [, next] = processes as [ScriptedProcess, ScriptedProcess];
    const started = ({ requests }: ScriptedProcess) =>
      requests.flatMap((request) => (request.type === 'start' ? [request.output] : []));
    assert.deepEqual(started(next), ['camera1#2', 'camera1-360p#3']);
    next.gone('refused');
    assert.deepEqual(started(old), ['camera1#1', 'camera1-360p#3']);
    delivers(old, 'camera1-360p#3', 1);
    delivers(old, 'camera1#1', 2);
    assert.deepEqual([one.numbers, late.numbers, camera.state], [[1, 2], [1], 'running']);
  });

  it('goes over to the replacement at once when the old process fails before that has a picture', () => {
    const one = watch('camera1', copy);
    const [old] = processes as [ScriptedProcess];
    delivers(old, 'camera1#1', 1);
    old.report({ type: 'memory', bytes: 2 ** 30 });
    old.gone('ended by SIGKILL');
    delivers(processes[1] as ScriptedProcess, 'camera1#2', 101);
    assert.deepEqual([one.numbers, camera.state, processes.length], [[1, 101], 'running', 2]);
  });

  it('leaves a replacement that is as large alone for ten minutes', () => {
    watch('camera1', copy);
    delivers(processes[0] as ScriptedProcess, 'camera1#1', 1);
    processes[0]?.report({ type: 'memory', bytes: 2 ** 30 });
    const [, next] = processes as [ScriptedProcess, ScriptedProcess];
    delivers(next, 'camera1#2', 1);
    now += 599_999;
    next.report({ type: 'memory', bytes: 2 ** 30 });
    assert.equal(processes.length, 2);
    now += 1;
    next.report({ type: 'memory', bytes: 2 ** 30 });
    assert.equal(processes.length, 3);
  });

  it('goes on with the old process when the replacement fails', () => {
    const one = watch('camera1', copy);
    const [old] = processes as [ScriptedProcess];
    delivers(old, 'camera1#1', 1);
    old.report({ type: 'memory', bytes: 2 ** 30 });
    processes[1]?.gone('refused');
    delivers(old, 'camera1#1', 2);
    assert.deepEqual([one.numbers, one.rendition.state, camera.state], [[1, 2], 'live', 'running']);
  });

  it('gives a still of the present picture, and says why there is none', async () => {
    const output = camera.output('camera1', copy).open(listener());
    const still = output.still(320);
    assert.deepEqual(processes[0]?.requests.at(-1), { type: 'still', id: 0, width: 320 });
    processes[0]?.report({ type: 'still', id: 0, data: Buffer.from('jpeg') });
    assert.equal(String(await still), 'jpeg');
    const lost = assert.rejects(output.still(undefined), /ended by SIGKILL/);
    processes[0]?.gone('ended by SIGKILL');
    await lost;
    await assert.rejects(output.still(undefined), /not running/);
  });
});

describe('the start queue', () => {
  it('lets a few start at a time, in the order they came', () => {
    const queue = new StartQueue(2);
    const started: string[] = [];
    const [leaveA, , leaveC] = ['a', 'b', 'c', 'd', 'e'].map((name) => queue.enter(() => started.push(name))) as [
      () => void,
      () => void,
      () => void,
    ];
    assert.deepEqual(started, ['a', 'b']);
    leaveC();
    leaveA();
    leaveA();
    assert.deepEqual(started, ['a', 'b', 'd']);
  });

  it('has the place back of one that is over before it was started', () => {
    const queue = new StartQueue(1);
    queue.enter((leave) => leave());
    let started = false;
    queue.enter(() => {
      started = true;
    });
    assert.ok(started);
  });
});
