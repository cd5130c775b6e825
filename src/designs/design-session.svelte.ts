/** One reader at one design question: the draft, its safe-keeping, and the days that were run. */
import { judgeDay, reviewDesign, simulateDay } from '#engine';
import type { Day, Design, DesignProblem, ObjectiveVerdict, Twist } from '#engine';
import type { DesignScenario, RubricLevel } from '#content/designs/schema.ts';
import { loadJson, progressStore, saveJson } from '../progress/store.ts';
import type { StorageProblem } from '../progress/store.ts';
import { firstDraft, readDraft } from './design-draft.ts';
import type { DesignDraft } from './design-draft.ts';

export interface DayRun {
  readonly number: number;
  readonly day: Day;
  readonly verdicts: readonly ObjectiveVerdict[];
  /** How long the simulation took on this device. */
  readonly elapsedMs: number;
}

export class DesignSession {
  readonly scenario: DesignScenario;
  readonly #key: string;
  draft: DesignDraft = $state.raw() as DesignDraft;
  run: DayRun | undefined = $state.raw();
  previousRun: DayRun | undefined = $state.raw();
  isRunning = $state(false);
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
    this.scenario = scenario;
    this.#key = `design.${slug}`;
    this.draft = firstDraft(scenario);
  }

  get twists(): readonly Twist[] {
    return this.scenario.twists.filter(({ title }) => !this.spared.includes(title));
  }

  /** Reads the saved draft. Call it in the browser, once. Returns how to stop listening. */
  restore(): () => void {
    const stop = progressStore().onProblem((problem) => {
      if (problem.key === this.#key) this.storageProblems = [...this.storageProblems, problem];
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

  /** Runs the day after the next frame, so that the button can say so first. */
  async runDay(): Promise<void> {
    if (!this.canRun) return;
    this.isRunning = true;
    await nextFrame();
    try {
      const started = performance.now();
      const { load, cluster, objectives } = this.scenario;
      const day = simulateDay({ load, cluster, design: this.draft.design, twists: this.twists });
      const verdicts = judgeDay(day, objectives);
      const elapsedMs = performance.now() - started;
      const number = (this.run?.number ?? 0) + 1;
      this.previousRun = this.run;
      this.run = { number, day, verdicts, elapsedMs };
      const broken = verdicts.find(({ isMet, atSecond }) => !isMet && atSecond !== undefined);
      this.cursorSecond = broken?.atSecond ?? this.cursorSecond;
    } finally {
      this.isRunning = false;
    }
  }

  #update(change: Partial<DesignDraft>): void {
    this.draft = { ...this.draft, ...change };
    const result = saveJson(this.#key, this.draft);
    if (result.type === 'conflict') this.theirs = readDraft(result.theirs) ?? this.draft;
  }
}

function nextFrame(): Promise<void> {
  // Two frames: the first paints the button's new words, the second runs after that paint.
  return new Promise((resolve) => {
    requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
  });
}
