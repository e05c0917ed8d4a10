import type { CoderReport, CoderSource } from '../coder/messages.ts';
import type { SourceConfig } from '../config/source.ts';
import type { AccessUnit } from '../media/access-unit.ts';
import type { AudioUnit } from '../media/audio-unit.ts';
import type { OpenSource, SourceEvents, SourceTools } from './camera-source.ts';
import type { Sharing } from './coder-process.ts';

/** A coder's process that has started, and waits to be told its source. */
export interface StartedCoder extends OpenSource {
  /** Comes before all other requests, once. */
  open(source: CoderSource): void;
  /** The next picture of a `UnitSource`. @param sent called when the process has it, or is gone */
  feed(unit: AccessUnit, sent: () => void): void;
  /** The next frame of a `SoundSource`. @param sent called when the process has it, or is gone */
  feedSound(unit: AudioUnit, sent: () => void): void;
}

/** A source that FFmpeg reads, in a process of its own. */
export function openInCoder(source: SourceConfig, tools: SourceTools, events: SourceEvents): OpenSource {
  // Synthetic cameras read nothing that could do harm, so they share what is slow to start.
  const coder = openCoder(tools, events, source.kind === 'virtual' ? 'shared' : 'alone');
  coder.open(source);
  return coder;
}

export function openCoder(
  { limits, silenceMs, startCoder }: SourceTools,
  events: SourceEvents,
  sharing: Sharing = 'alone',
): StartedCoder {
  const stills = new Map<number, PromiseWithResolvers<Buffer>>();
  let lastStill = 0;
  let isOver = false;
  let isHeard = false;

  function finish(reason: string): void {
    isOver = true;
    for (const still of stills.values()) {
      still.reject(new Error(reason));
    }
    stills.clear();
  }

  function fail(reason: string): void {
    if (!isOver) {
      finish(reason);
      events.failed(reason);
    }
  }

  function takeStill({ id, data, error }: Extract<CoderReport, { type: 'still' }>): void {
    const still = stills.get(id);
    stills.delete(id);
    if (data === undefined) {
      still?.reject(new Error(error));
    } else {
      still?.resolve(data);
    }
  }

  function take(report: CoderReport): void {
    if (isOver) {
      return;
    }
    switch (report.type) {
      case 'failed':
        fail(report.reason);
        break;
      case 'still':
        takeStill(report);
        break;
      default:
        events.report(report);
    }
  }

  const coder = startCoder({ report: take, gone: fail }, sharing);
  return {
    open: (source) => coder.send({ type: 'open', source, limits, silenceMs }),
    feed: (unit, sent) => coder.send({ type: 'unit', unit }, sent),
    feedSound: (unit, sent) => coder.send({ type: 'audio', unit }, sent),
    start: (output, config) => coder.send({ type: 'start', output, config }),
    stop: (output) => coder.send({ type: 'stop', output }),
    requestKeyframe: (output) => coder.send({ type: 'keyframe', output }),
    listen: (isWanted) => {
      if (isWanted !== isHeard) {
        isHeard = isWanted;
        coder.send({ type: 'listen', isHeard });
      }
    },
    still: async (width) => {
      if (isOver) {
        throw new Error('the camera is not running');
      }
      const id = lastStill++;
      const still = Promise.withResolvers<Buffer>();
      stills.set(id, still);
      coder.send({ type: 'still', id, width });
      return still.promise;
    },
    close: () => {
      finish('the camera was stopped');
      return coder.stop();
    },
  };
}
