import type { TraceEvent } from './trace.ts';

/** Facts of joins and of calls to external services, in one sentence; undefined for others. */
export function narrateProcessing(
  event: TraceEvent,
  who: string,
  value: string,
  timeText: (timeMs: number) => string,
): string | undefined {
  const time = timeText(event.a);
  switch (event.kind) {
    case 'records-joined':
      return `${who} joins left ${time} with right ${timeText(event.b)}.`;
    case 'async-requested':
      return event.b > 1
        ? `${who} asks the service about ${value} again, attempt ${event.b}.`
        : `${who} asks the service about ${value}.`;
    case 'async-answered':
      return event.b === 1
        ? `${who} gets an error for the record of ${time}: ${value}.`
        : `${who} gets the answer for the record of ${time}: ${value}.`;
    case 'async-timed-out':
      return `${who} has waited too long for the answer for the record of ${time}.`;
    case 'async-released':
      return `${who} lets the results for the record of ${time} go.`;
    case 'output-blocked':
      return `${who} waits: one of its outputs, or its queue of calls, is full.`;
    case 'output-unblocked':
      return `${who} goes on: there is room again.`;
    default:
      return undefined;
  }
}
