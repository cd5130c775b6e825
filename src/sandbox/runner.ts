import { createFrame, type SandboxFrame } from './frame.ts';
import { cutModule } from './link.ts';
import {
  type CallNote,
  CHECKS_ID,
  type ConsoleLevel,
  ENGINE_ID,
  type ErrorPhase,
  type ErrorReport,
  type ModuleText,
  OPERATOR_ID,
  type RunKind,
  type SandboxReply,
} from './protocol.ts';

/** A run that says nothing for so long is taken for endless. */
export const SILENCE_MS_MAX = 2_000;
/** The longest a run may take in all, however much progress it reports. */
export const RUN_MS_MAX = 60_000;

export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly label: string;
}

/** How a run ended. `value` was made beside hostile code: check its shape before use. */
export type RunOutcome =
  | { readonly type: 'result'; readonly value: unknown; readonly thrown: ErrorReport | undefined }
  | { readonly type: 'error'; readonly phase: ErrorPhase; readonly error: ErrorReport }
  | { readonly type: 'stopped'; readonly stop: Stop }
  | { readonly type: 'cancelled' }
  | { readonly type: 'unsendable'; readonly reason: string }
  /** The sandbox failed, not the code in it. */
  | { readonly type: 'unavailable'; readonly reason: string };

/** What is known of a run that had to be stopped. */
export interface Stop {
  readonly reason: 'silent' | 'too-long';
  readonly afterMs: number;
  readonly isLoading: boolean;
  readonly lastCall: CallNote | undefined;
  readonly lastProgress: Progress | undefined;
}

export interface RunListeners {
  readonly onConsole: (level: ConsoleLevel, text: string) => void;
  readonly onConsoleCut: () => void;
  readonly onProgress: (progress: Progress) => void;
}

export interface RunHandle {
  readonly outcome: Promise<RunOutcome>;
  cancel(): void;
}

export interface RunnerOptions {
  readonly workerCode: string;
  readonly engineCode: string;
  readonly checksCode: string;
}

/**
 * Runs a learner's code for one exercise, each run in a frame of its own. Removing the frame is
 * the one way to stop a worker at once; the next frame is made ready meanwhile.
 */
export class SandboxRunner {
  readonly #workerCode: string;
  readonly #modules: readonly ModuleText[];
  #spare: Promise<SandboxFrame> | undefined;
  #lastRunId = 0;
  #isDisposed = false;

  constructor(options: RunnerOptions) {
    this.#workerCode = options.workerCode;
    this.#modules = [
      cutModule(ENGINE_ID, options.engineCode, []),
      cutModule(CHECKS_ID, options.checksCode, [ENGINE_ID]),
    ];
  }

  /** Makes a frame ready, so that the next run starts without delay. */
  prewarm(): void {
    if (this.#isDisposed || this.#spare !== undefined) return;
    this.#spare = createFrame(this.#workerCode, this.#modules);
    // A failure is told by the run that needs the frame; until then it must not go unhandled.
    this.#spare.catch(() => {});
  }

  /**
   * Runs compiled JavaScript of the learner.
   * @throws LinkError when it imports what is not there.
   */
  start(kind: RunKind, operatorCode: string, listeners: RunListeners): RunHandle {
    const operator = cutModule(OPERATOR_ID, operatorCode, [ENGINE_ID]);
    this.#lastRunId += 1;
    const run = new SandboxRun(this.#lastRunId, listeners);
    this.prewarm();
    const spare = this.#spare as Promise<SandboxFrame>;
    this.#spare = undefined;
    spare.then(
      (frame) => run.begin(frame, kind, operator),
      (error: unknown) => run.end({ type: 'unavailable', reason: String(error) }),
    );
    void run.outcome.then(() => this.prewarm());
    return { outcome: run.outcome, cancel: () => run.end({ type: 'cancelled' }) };
  }

  dispose(): void {
    this.#isDisposed = true;
    void this.#spare?.then((frame) => frame.remove());
    this.#spare = undefined;
  }
}

class SandboxRun {
  readonly outcome: Promise<RunOutcome>;
  readonly #runId: number;
  readonly #listeners: RunListeners;
  #resolve: (outcome: RunOutcome) => void = () => {};
  #frame: SandboxFrame | undefined;
  #silenceTimer: ReturnType<typeof setTimeout> | undefined;
  #totalTimer: ReturnType<typeof setTimeout> | undefined;
  #isEnded = false;
  #isLoading = true;
  #lastCall: CallNote | undefined;
  #lastProgress: Progress | undefined;

  constructor(runId: number, listeners: RunListeners) {
    this.#runId = runId;
    this.#listeners = listeners;
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  begin(frame: SandboxFrame, kind: RunKind, operator: ModuleText): void {
    if (this.#isEnded) {
      frame.remove();
      return;
    }
    this.#frame = frame;
    frame.listen(
      (reply) => this.#receive(reply),
      (message) => this.#fail(message),
    );
    frame.send({ type: kind, runId: this.#runId, operator });
    this.#watchSilence();
    this.#totalTimer = setTimeout(() => this.#stop('too-long', RUN_MS_MAX), RUN_MS_MAX);
  }

  end(outcome: RunOutcome): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    clearTimeout(this.#silenceTimer);
    clearTimeout(this.#totalTimer);
    this.#frame?.remove();
    this.#resolve(outcome);
  }

  #receive(reply: SandboxReply): void {
    if (this.#isEnded || reply.type === 'prepared' || reply.runId !== this.#runId) return;
    switch (reply.type) {
      case 'started':
        this.#watchSilence();
        return;
      case 'console':
        this.#listeners.onConsole(reply.level, reply.text);
        return;
      case 'console-cut':
        this.#listeners.onConsoleCut();
        return;
      case 'call':
        this.#isLoading = false;
        this.#lastCall = reply.call;
        return;
      case 'progress':
        this.#isLoading = false;
        this.#lastProgress = { done: reply.done, total: reply.total, label: reply.label };
        this.#listeners.onProgress(this.#lastProgress);
        this.#watchSilence();
        return;
      case 'result':
        this.end({ type: 'result', value: reply.value, thrown: reply.thrown });
        return;
      case 'error':
        this.end({ type: 'error', phase: reply.phase, error: reply.error });
        return;
      case 'unsendable':
        this.end({ type: 'unsendable', reason: reply.reason });
    }
  }

  #watchSilence(): void {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => {
      // Replies may wait behind a busy page: let those in before judging.
      this.#silenceTimer = setTimeout(() => this.#stop('silent', SILENCE_MS_MAX), 30);
    }, SILENCE_MS_MAX);
  }

  #stop(reason: Stop['reason'], afterMs: number): void {
    const lastCall = this.#lastCall;
    const lastProgress = this.#lastProgress;
    const isLoading = this.#isLoading;
    this.end({ type: 'stopped', stop: { reason, afterMs, isLoading, lastCall, lastProgress } });
  }

  /** An error that no code of ours caught: a callback of the learner's own, or a dead worker. */
  #fail(message: string): void {
    const error: ErrorReport = { name: 'Error', message, frames: [] };
    this.end({ type: 'error', phase: this.#isLoading ? 'load' : 'run', error });
  }
}
