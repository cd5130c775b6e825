import type { Compilation, Problem } from '../editor/compile.ts';
import type { Editor } from '../editor/create-editor.ts';
import { DraftKeeper, type VersionReason } from '../progress/drafts.ts';
import { type ExerciseResult, loadResult, saveResult } from '../progress/results.ts';
import { type ProgressStore, progressStore, type SaveResult } from '../progress/store.ts';
import { type Explanation, explainFailure, explainThrown } from '../sandbox/explain.ts';
import { LinkError } from '../sandbox/link-error.ts';
import type { ConsoleLevel, ErrorReport, RunKind } from '../sandbox/protocol.ts';
import type { Progress, RunHandle, RunOutcome, SandboxRunner } from '../sandbox/runner.ts';
import type { FindSource } from '../sandbox/source-map.ts';
import type { ShownRun } from './read-run.ts';
import { type FailingRun, readVerdict, type Verdict } from './verdict.ts';

export type Stage =
  | { readonly type: 'idle' }
  | { readonly type: 'compiling'; readonly kind: RunKind }
  | { readonly type: 'running'; readonly kind: RunKind; readonly progress?: Progress };

/** What the last run or check came to. */
export type Outcome =
  | { readonly type: 'rejected'; readonly problems: readonly Problem[] }
  | { readonly type: 'failed'; readonly explanation: Explanation }
  | { readonly type: 'ran' }
  | {
      readonly type: 'verdict';
      readonly verdict: Verdict;
      /** What the learner's code threw last, if it threw. */
      readonly thrown: Explanation | undefined;
    }
  | { readonly type: 'cancelled' };

export interface ConsoleLine {
  readonly level: ConsoleLevel;
  readonly text: string;
}

export interface ShownFigure extends ShownRun {
  readonly title: string;
  /** The reader asked to see this one, rather than just having run it. */
  readonly isWanted: boolean;
  /** Changes with every new figure: the figure keeps its own place until then. */
  readonly figureId: number;
}

export interface SessionOptions {
  readonly slug: string;
  readonly starter: string;
  /** Loads the sandbox with this exercise's checks. */
  readonly loadRunner: () => Promise<SandboxRunner>;
}

interface OpenEnds {
  readonly resolve: (editor: Editor) => void;
  readonly reject: (error: unknown) => void;
}

const NOTHING_DONE: ExerciseResult = { checkCount: 0, hasSeenSolution: false };

/** The work on one exercise: its text, what runs, and what came of it. */
export class ExerciseSession {
  readonly slug: string;
  readonly starter: string;
  /** The text for as long as the editor is not open; afterwards the editor's own. */
  text: string = $state('');
  stage: Stage = $state.raw({ type: 'idle' });
  outcome: Outcome | undefined = $state.raw();
  /** The text was edited since: what is shown speaks of an older one. */
  isStale: boolean = $state(false);
  lines: readonly ConsoleLine[] = $state.raw([]);
  isConsoleCut: boolean = $state(false);
  figure: ShownFigure | undefined = $state.raw();
  problems: readonly Problem[] = $state.raw([]);
  result: ExerciseResult = $state.raw(NOTHING_DONE);
  isEditorWanted: boolean = $state(false);
  editorFailure: string | undefined = $state();
  isRestored: boolean = $state(false);
  hasStarterChanged: boolean = $state(false);
  /** The last save, when it did not go well. */
  saveTrouble: Exclude<SaveResult, { type: 'saved' }> | undefined = $state.raw();
  /** Earlier versions of the text, newest first. */
  history: DraftKeeper['history'] = $state.raw([]);

  readonly #options: SessionOptions;
  #store: ProgressStore | undefined;
  #keeper: DraftKeeper | undefined;
  #editor: Editor | undefined;
  #whenOpen: Promise<Editor> | undefined;
  #openEnds: OpenEnds | undefined;
  #runner: Promise<SandboxRunner> | undefined;
  #handle: RunHandle | undefined;
  #figureCount = 0;
  #startCount = 0;
  #findSource: FindSource = () => undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.slug = options.slug;
    this.starter = options.starter;
    this.text = options.starter;
  }

  get isBusy(): boolean {
    return this.stage.type !== 'idle';
  }

  get hasPassed(): boolean {
    return this.result.passedAtMs !== undefined;
  }

  /** Reads what was saved on this device. In the browser only. */
  open(): void {
    this.#store = progressStore();
    this.#keeper = new DraftKeeper({
      store: this.#store,
      slug: this.slug,
      starter: this.starter,
      now: () => Date.now(),
      onSaveResult: (result) => this.#noteSave(result),
    });
    const opened = this.#keeper.open();
    this.text = opened.text;
    this.isRestored = opened.isRestored;
    this.hasStarterChanged = opened.hasStarterChanged;
    this.history = this.#keeper.history;
    this.result = loadResult(this.#store, this.slug);
  }

  dispose(): void {
    this.cancel();
    this.saveNow();
    void this.#runner?.then((runner) => runner.dispose());
  }

  /** For when the page goes away. */
  saveNow(): void {
    this.#keeper?.flush();
  }

  edit(text: string): void {
    this.text = text;
    this.isStale = true;
    this.#editor?.markProblems([]);
    this.#keeper?.edit(text);
  }

  wantEditor(): Promise<Editor> {
    this.isEditorWanted = true;
    if (this.#whenOpen === undefined) {
      this.#whenOpen = new Promise((resolve, reject) => {
        this.#openEnds = { resolve, reject };
      });
      // A failure is shown by `editorFailed`; a click that nobody waits for must not report it too.
      this.#whenOpen.catch(() => {});
    }
    return this.#whenOpen;
  }

  editorOpened(editor: Editor): void {
    this.#editor = editor;
    this.editorFailure = undefined;
    this.#openEnds?.resolve(editor);
    void this.#loadRunner().then(
      (runner) => runner.prewarm(),
      () => {},
    );
  }

  editorFailed(error: unknown): void {
    this.editorFailure = error instanceof Error ? error.message : String(error);
    this.#openEnds?.reject(error);
    this.#whenOpen = undefined;
    this.isEditorWanted = false;
  }

  /** Runs the visible case (`run`) or everything the exercise asks for (`grade`). */
  async start(kind: RunKind): Promise<void> {
    if (this.isBusy) return;
    this.#startCount += 1;
    const startId = this.#startCount;
    this.stage = { type: 'compiling', kind };
    this.outcome = undefined;
    this.isStale = false;
    try {
      const editor = await this.wantEditor();
      const [compilation, runner] = await Promise.all([editor.compile(), this.#loadRunner()]);
      if (startId === this.#startCount && this.isBusy) await this.#run(kind, compilation, runner);
    } catch (error) {
      this.outcome = { type: 'failed', explanation: explainOwnFailure(error) };
    } finally {
      if (startId === this.#startCount) this.stage = { type: 'idle' };
    }
  }

  cancel(): void {
    if (this.stage.type === 'compiling') {
      this.#startCount += 1;
      this.outcome = { type: 'cancelled' };
      this.stage = { type: 'idle' };
    }
    this.#handle?.cancel();
  }

  /** Loads the run that a check failed on into the figure, at the step where it went wrong. */
  async show(failing: FailingRun, title: string): Promise<void> {
    const { readTrace } = await import('./read-run.ts');
    try {
      const trace = readTrace(failing.trace);
      const row = Math.min(Math.max(failing.row, 0), trace.rowCount - 1);
      this.#showFigure({ trace, row }, title, true);
    } catch (error) {
      this.outcome = { type: 'failed', explanation: explainOwnFailure(error) };
    }
  }

  /** Replaces the text as one undoable edit; what was there is kept as a version. */
  replaceText(text: string, why: VersionReason): void {
    this.#keeper?.replace(text, why);
    this.#setText(text);
  }

  resolveConflict(choice: 'mine' | 'theirs'): void {
    const text = this.#keeper?.resolveConflict(choice) ?? this.text;
    if (text !== this.text) this.#setText(text);
    this.history = this.#keeper?.history ?? [];
  }

  acknowledgeStarter(): void {
    this.hasStarterChanged = false;
    this.#keeper?.acknowledgeStarter();
  }

  solutionSeen(): void {
    this.#saveResult((before) => ({ ...before, hasSeenSolution: true }));
  }

  /** Moves the editor's cursor. */
  goTo(line: number, column: number): void {
    this.#editor?.goTo(line, column);
  }

  format(): void {
    this.#editor?.format();
  }

  undo(): void {
    this.#editor?.undo();
  }

  #setText(text: string): void {
    if (this.#editor === undefined) this.edit(text);
    else this.#editor.replaceText(text);
    this.history = this.#keeper?.history ?? [];
  }

  async #run(kind: RunKind, compilation: Compilation, runner: SandboxRunner): Promise<void> {
    if (compilation.type === 'rejected') {
      this.outcome = { type: 'rejected', problems: compilation.problems };
      return;
    }
    this.#findSource = compilation.findSource;
    this.lines = [];
    this.isConsoleCut = false;
    this.stage = { type: 'running', kind };
    this.#keeper?.keepVersion('checked');
    this.history = this.#keeper?.history ?? [];
    this.#handle = runner.start(kind, compilation.code, {
      onConsole: (level, text) => {
        this.lines = [...this.lines, { level, text }];
      },
      onConsoleCut: () => {
        this.isConsoleCut = true;
      },
      onProgress: (progress) => {
        this.stage = { type: 'running', kind, progress };
      },
    });
    const outcome = await this.#handle.outcome;
    this.#handle = undefined;
    await this.#take(kind, outcome);
  }

  async #take(kind: RunKind, outcome: RunOutcome): Promise<void> {
    if (outcome.type === 'cancelled') {
      this.outcome = { type: 'cancelled' };
    } else if (outcome.type !== 'result') {
      this.#fail(explainFailure(outcome, this.#findSource));
    } else if (kind === 'run') {
      const { readRun } = await import('./read-run.ts');
      const run = readRun(outcome.value, outcome.thrown, this.#findSource);
      this.#showFigure(run, 'Your run', false);
      if (run.failure === undefined) this.outcome = { type: 'ran' };
      else this.#fail(run.failure);
    } else {
      this.#takeVerdict(readVerdict(outcome.value), outcome.thrown);
    }
  }

  #takeVerdict(verdict: Verdict | undefined, error: ErrorReport | undefined): void {
    if (verdict === undefined) throw new Error('the checks gave no verdict');
    const thrown = error === undefined ? undefined : explainThrown(error, this.#findSource);
    this.outcome = { type: 'verdict', verdict, thrown };
    const passedAtMs = this.result.passedAtMs ?? (verdict.passed ? Date.now() : undefined);
    this.#saveResult((before) => ({
      ...before,
      checkCount: before.checkCount + 1,
      ...(passedAtMs === undefined ? {} : { passedAtMs }),
    }));
  }

  #fail(explanation: Explanation): void {
    this.outcome = { type: 'failed', explanation };
    const { place, text } = explanation;
    if (place !== undefined) this.#editor?.markProblems([{ ...place, message: text }]);
  }

  #showFigure(run: ShownRun, title: string, isWanted: boolean): void {
    this.#figureCount += 1;
    this.figure = { ...run, title, isWanted, figureId: this.#figureCount };
  }

  #loadRunner(): Promise<SandboxRunner> {
    this.#runner ??= this.#options.loadRunner().catch((error: unknown) => {
      this.#runner = undefined;
      throw error;
    });
    return this.#runner;
  }

  #noteSave(result: SaveResult): void {
    this.saveTrouble = result.type === 'saved' ? undefined : result;
  }

  #saveResult(change: (before: ExerciseResult) => ExerciseResult): void {
    if (this.#store !== undefined) this.result = saveResult(this.#store, this.slug, change);
  }
}

/** An error that no run came to: a bad import of the learner's, or a fault of ours. */
function explainOwnFailure(error: unknown): Explanation {
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof LinkError) {
    return { blame: 'your-code', title: 'An import can’t be resolved', text, calls: [] };
  }
  return {
    blame: 'millrace',
    title: 'Millrace could not run your code',
    text: `Your code is kept, and not to blame: ${text}. Reload the page to try again.`,
    calls: [],
  };
}
