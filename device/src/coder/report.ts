import type { HubSink } from './frame-hub.ts';
import type { CoderReport } from './messages.ts';

export type Report = (report: CoderReport) => void;

/** Forwards an encoder's events as reports about its output. */
export function hubSink(output: string, report: Report): HubSink {
  return {
    note: (text) => report({ type: 'note', output, text }),
    format: (format) => report({ type: 'format', output, format }),
    unit: (unit) => report({ type: 'unit', output, unit }),
    refused: (reason) => report({ type: 'refused', output, reason }),
  };
}
