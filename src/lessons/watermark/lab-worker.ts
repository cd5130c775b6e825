/** Runs the lesson's job away from the page, so that dragging the delay never stutters. */
import { runBoard, summarizeBoard } from '#content/lessons/10-two-clocks-and-a-watermark/board.ts';
import { encodeTrace } from '#engine';
import { flightsLog, type FlightsLog } from '../../data/flights.ts';
import { loadFlights } from '../../data/load-flights.ts';
import type { LabReply, LabRequest } from './lab-protocol.ts';

let flights: Promise<FlightsLog> | undefined;

function readLog(): Promise<FlightsLog> {
  flights ??= loadFlights('evening').then((evening) =>
    flightsLog(evening, { partitions: 1, partitionBy: 'origin' }),
  );
  return flights;
}

async function answer({ runId, delayMinutes }: LabRequest): Promise<LabReply> {
  try {
    const { trace } = runBoard(await readLog(), delayMinutes);
    const summary = summarizeBoard(trace, delayMinutes);
    return { type: 'ran', runId, summary, trace: encodeTrace(trace) };
  } catch (error) {
    flights = undefined;
    const message = error instanceof Error ? error.message : String(error);
    return { type: 'failed', runId, message };
  }
}

self.addEventListener('message', (message: MessageEvent<LabRequest>) => {
  void answer(message.data).then((reply) => self.postMessage(reply));
});
