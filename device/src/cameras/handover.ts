import type { CameraRun } from './camera-run.ts';
import type { OpenOutput, OutputReport } from './open-output.ts';

/**
 * The way from one run of a camera's process to the next, while the first still plays: each output changes over with
 * the new run's first picture, which is a key frame, so that its viewers see no gap.
 */
export class Handover {
  readonly to: CameraRun;
  readonly #formats = new Map<OpenOutput, OutputReport>();

  constructor(to: CameraRun, outputs: Iterable<OpenOutput>) {
    this.to = to;
    for (const output of outputs) {
      this.add(output);
    }
  }

  /** Also one that was opened in the meantime. */
  add(output: OpenOutput): void {
    output.startOn(this.to);
  }

  /** A report of the new run, for an output that still shows the old one. */
  take(output: OpenOutput, report: OutputReport): void {
    const format = this.#formats.get(output);
    switch (report.type) {
      case 'format':
        this.#formats.set(output, report);
        break;
      case 'unit':
        if (format !== undefined) {
          output.show(this.to);
          output.take(format);
          output.take(report);
        }
        break;
      case 'refused':
      case 'unplayable':
        // There will be no picture to wait for.
        output.show(this.to);
        output.take(report);
        break;
    }
  }

  isDone(outputs: Iterable<OpenOutput>): boolean {
    return Array.from(outputs).every((output) => output.shows(this.to));
  }
}
