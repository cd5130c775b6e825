/** One reader at one design question: the draft, its safe-keeping, and the days that were run. */
import { reviewDesign } from '#engine';
import type { Design, DesignProblem, Twist } from '#engine';
import type { DesignScenario, RubricLevel } from '#content/designs/schema.ts';
import { loadJson, progressStore, saveJson } from '../progress/store.ts';
import type { StorageProblem } from '../progress/store.ts';
import type { DayAnswer, DayRequest } from './day-protocol.ts';
import { firstDraft, readDraft } from './design-draft.ts';
import type { DesignDraft } from './design-draft.ts';

/** A day that was run, and how many there have been. */
export interface DayRun extends Omit<Extract<DayAnswer, { type: 'done' }>, 'type' | 'runId'> {
  readonly number: number;
}

export class DesignSession {
  readonly scenario: DesignScenario;
  readonly #key: string;
  draft: DesignDraft = $state.raw() as DesignDraft;
  run: DayRun | undefined = $state.raw();
  previousRun: DayRun | undefined = $state.raw();
  isRunning = $state(false);
  /** Why the last run gave no day. */
  failure: string | undefined = $state();
  #worker: Worker | undefined;
  #runId = 0;
  /** Titles of the twists that are switched off. */
  spared: readonly string[] = $state.raw([]);
  /** What the reader must know about the saved draft. */
  storageProblems: readonly StorageProblem[] = $state.raw([]);
  /** What another tab saved meanwhile. */
  theirs: DesignDraft | undefined = $state.raw();
  /** The second of the day that the charts point at. */
  cursorSecond = $state(12 * 3600);
  readonly problems: readonly DesignProblem[] = $derived.by(() => reviewDesign(this.draft.design));
  readonly canRun: boolean = $derived.by(
    () => !this.isRunning && !this.problems.some(({ severity }) => severity === 'error'),
  );
  /** Whether the form says something else than the last run. */
  readonly isOutdated: boolean = $derived.by(() => {
    const ran = this.run?.day.scenario;
    if (ran === undefined) return false;
    const isSameDesign = JSON.stringify(ran.design) === JSON.stringify(this.draft.design);
    return !isSameDesign || ran.twists.length !== this.twists.length;
  });

  constructor(slug: string, scenario: DesignScenario) {
    // Props of an island are deep proxies, which a worker can't be sent.
    this.scenario = $state.snapshot(scenario) as DesignScenario;
    this.#key = `design.${slug}`;
    this.draft = firstDraft(this.scenario);
  }

  get twists(): readonly Twist[] {
    return this.scenario.twists.filter(({ title }) => !this.spared.includes(title));
  }

  /** Reads the saved draft. Call it in the browser, once. Returns how to stop listening. */
  restore(): () => void {
    const stop = progressStore().onProblem((problem) => {
      if (problem.key === this.#key) this.#note(problem);
    });
    this.draft = loadJson(this.#key, readDraft) ?? this.draft;
    return stop;
  }

  choose(change: Partial<Design>): void {
    this.#update({ design: { ...this.draft.design, ...change } });
  }

  ask(id: string): void {
    if (!this.draft.asked.includes(id)) this.#update({ asked: [...this.draft.asked, id] });
  }

  estimate(id: string, text: string): void {
    this.#update({ estimates: { ...this.draft.estimates, [id]: text } });
  }

  rate(id: string, level: RubricLevel): void {
    this.#update({ ratings: { ...this.draft.ratings, [id]: level } });
  }

  toggleTwist(title: string): void {
    this.spared = this.spared.includes(title)
      ? this.spared.filter((other) => other !== title)
      : [...this.spared, title];
  }

  keepMine(): void {
    this.theirs = undefined;
    saveJson(this.#key, this.draft, { overwrite: true });
  }

  takeTheirs(): void {
    this.draft = loadJson(this.#key, readDraft) ?? this.draft;
    this.theirs = undefined;
  }

  /** Runs the day in the worker. An answer to an earlier request is dropped. */
  runDay(): void {
    if (!this.canRun) return;
    this.#worker ??= this.#startWorker();
    const { load, cluster, objectives } = this.scenario;
    const { design } = this.draft;
    this.#runId += 1;
    this.isRunning = true;
    this.failure = undefined;
    this.#worker.postMessage({
      type: 'run',
      runId: this.#runId,
      scenario: { load, cluster, design, twists: this.twists },
      objectives,
    } satisfies DayRequest);
  }

  /** Ends the worker, if one runs. */
  dispose(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  #startWorker(): Worker {
    const worker = new Worker(new URL('./day-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<DayAnswer>) => this.#take(data);
    worker.onerror = ({ message }) => {
      this.dispose();
      this.isRunning = false;
      this.failure = `The simulation could not start (${message}). Reload the page to try again.`;
    };
    return worker;
  }

  #take(answer: DayAnswer): void {
    if (answer.runId !== this.#runId) return;
    this.isRunning = false;
    if (answer.type === 'failed') {
      this.failure = answer.message;
      return;
    }
    const { type: _type, runId, ...result } = answer;
    this.previousRun = this.run;
    this.run = { number: runId, ...result };
    const broken = result.verdicts.find(({ isMet, atSecond }) => !isMet && atSecond !== undefined);
    this.cursorSecond = broken?.atSecond ?? this.cursorSecond;
  }

  /** A device that is full says so at each key press: once is enough to read. */
  #note(problem: StorageProblem): void {
    const others = this.storageProblems.filter(
      ({ type }) => type === 'corrupt' || type !== problem.type,
    );
    this.storageProblems = [...others, problem];
  }

  #update(change: Partial<DesignDraft>): void {
    this.draft = { ...this.draft, ...change };
    const result = saveJson(this.#key, this.draft);
    if (result.type === 'conflict') this.theirs = readDraft(result.theirs) ?? this.draft;
  }
}
