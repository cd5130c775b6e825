import type { BoardSummary } from '#content/lessons/10-two-clocks-and-a-watermark/board.ts';
import { decodeTrace, type Trace } from '#engine';
import type { LabReply, LabRequest } from './lab-protocol.ts';

/**
 * The reader's runs. One run is under way at a time; while it is, only the latest wish is kept, so
 * that dragging the slider never builds a queue.
 */
export class LabSession {
  summary: BoardSummary = $state.raw({} as BoardSummary);
  /** Undefined until the first run of the reader's own browser is there. */
  trace: Trace | undefined = $state.raw(undefined);
  isRunning = $state(false);
  problem: string | undefined = $state(undefined);

  #worker: Worker | undefined;
  #runId = 0;
  #wishMinutes: number | undefined;

  constructor(initial: BoardSummary) {
    this.summary = initial;
  }

  /** Runs the job with this delay, in minutes, as soon as the run before it is done. */
  run(delayMinutes: number): void {
    this.#wishMinutes = delayMinutes;
    if (!this.isRunning) this.#runWish();
  }

  /** Ends the worker. */
  close(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  #runWish(): void {
    const delayMinutes = this.#wishMinutes;
    if (delayMinutes === undefined) return;
    this.#wishMinutes = undefined;
    this.isRunning = true;
    this.problem = undefined;
    this.#runId += 1;
    this.#worker ??= this.#startWorker();
    this.#worker.postMessage({
      type: 'run',
      runId: this.#runId,
      delayMinutes,
    } satisfies LabRequest);
  }

  #startWorker(): Worker {
    const worker = new Worker(new URL('./lab-worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', (message: MessageEvent<LabReply>) =>
      this.#receive(message.data),
    );
    worker.addEventListener('error', () => {
      this.close();
      this.#finish('The run could not start. Reload the page; the text works without it.');
    });
    return worker;
  }

  #receive(reply: LabReply): void {
    if (reply.runId !== this.#runId) return;
    if (reply.type === 'failed') {
      this.#finish(reply.message);
      return;
    }
    this.summary = reply.summary;
    this.trace = decodeTrace(reply.trace);
    this.#finish(undefined);
  }

  #finish(problem: string | undefined): void {
    this.problem = problem;
    this.isRunning = false;
    this.#runWish();
  }
}
