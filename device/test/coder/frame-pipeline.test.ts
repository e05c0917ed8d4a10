import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { CodecContext, FilterGraph } from 'node-av/lib';
import { FramePipeline } from '../../src/coder/frame-pipeline.ts';
import { VirtualInput } from '../../src/coder/virtual-input.ts';

describe('the pipeline of a synthetic camera', () => {
  it('gives all that it holds of FFmpeg back when it ends, though nobody has stopped its outputs', async () => {
    const made = [mock.method(CodecContext.prototype, 'allocContext3'), mock.method(FilterGraph.prototype, 'alloc')];
    const freed = [mock.method(CodecContext.prototype, 'freeContext'), mock.method(FilterGraph.prototype, 'free')];
    const ending = new AbortController();
    const input = new VirtualInput({ kind: 'virtual', video: 'testsrc', width: 64, height: 64, rate: 25 });
    const units = { one: 0, two: 0 };
    const pipeline = new FramePipeline(input, (report) => {
      if (report.type === 'unit') {
        units[report.output as keyof typeof units] += 1;
        if (units.one > 2 && units.two > 2) {
          ending.abort();
        }
      }
    });
    pipeline.start('one', { kind: 'encode' });
    pipeline.start('two', { kind: 'encode', height: 32 });
    await pipeline.run(ending.signal);
    const counts = (methods: typeof made) => methods.map((method) => method.mock.callCount());
    // An encoder and a scaler for each output, and the camera's own graph.
    assert.deepEqual(counts(made), [2, 3]);
    assert.deepEqual(counts(freed), [2, 3]);
    mock.restoreAll();
  });
});
