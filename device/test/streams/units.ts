import type { AccessUnit } from '../../src/media/access-unit.ts';
import type { SourceHandle, StreamSink, StreamSource } from '../../src/streams/stream-source.ts';

/** 40 ms apart; every `gop`th a key frame. */
export function units(count: number, gop = count, first = 0): AccessUnit[] {
  return Array.from({ length: count }, (_, index) => ({
    keyframe: index % gop === 0,
    timestamp: (first + index) * 40_000,
    data: Buffer.from([0, 0, 0, 1, first + index]),
  }));
}

/** A source that the test plays: what was asked of it, and the sink to deliver to. */
export class ScriptedSource implements StreamSource {
  readonly encodes: boolean;
  opened = 0;
  closed = 0;
  keyframes = 0;
  sink: StreamSink | null = null;

  constructor(encodes = false) {
    this.encodes = encodes;
  }

  open(sink: StreamSink): SourceHandle {
    this.opened++;
    this.sink = sink;
    return {
      requestKeyframe: () => {
        this.keyframes++;
      },
      still: async () => Buffer.from('jpeg'),
      close: () => {
        this.closed++;
        if (this.sink === sink) {
          this.sink = null;
        }
      },
    };
  }

  /** The source runs and delivers. */
  play(list: readonly AccessUnit[], width = 640, height = 360): void {
    this.sink?.format({ codec: 'H264', width, height });
    this.send(list);
  }

  send(list: readonly AccessUnit[]): void {
    for (const unit of list) {
      this.sink?.unit(unit);
    }
  }
}
