/** Runs days beside the page, so that it never stutters, whatever the device. */
import { freshnessQuantile, judgeDay, simulateDay } from '#engine';
import type { DayAnswer, DayRequest } from './day-protocol.ts';

/** What a dedicated worker has of its own; the page's types do not know it. */
interface WorkerScope {
  onmessage: ((message: MessageEvent<DayRequest>) => void) | null;
  postMessage(answer: DayAnswer, transfer?: Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = ({ data: { runId, scenario, objectives } }) => {
  try {
    const started = performance.now();
    const day = simulateDay(scenario);
    const verdicts = judgeDay(day, objectives);
    const elapsedMs = performance.now() - started;
    const buffers = Object.values(day.columns).map((column) => column.buffer);
    const answer: DayAnswer = {
      type: 'done',
      runId,
      day,
      verdicts,
      freshnessMedianSeconds: freshnessQuantile(day, 0.5),
      freshnessP99Seconds: freshnessQuantile(day, 0.99),
      elapsedMs,
    };
    scope.postMessage(answer, buffers);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    scope.postMessage({ type: 'failed', runId, message });
  }
};
