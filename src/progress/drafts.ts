import type { ProgressStore, SaveResult } from './store.ts';

export type VersionReason = 'checked' | 'before reset' | 'other tab' | 'this tab' | 'restored over';

/** An earlier text of a draft, kept so that nothing is lost by a reset or by two tabs. */
export interface DraftVersion {
  readonly text: string;
  /** Wall-clock time, in ms since 1970. */
  readonly savedAtMs: number;
  readonly why: VersionReason;
}

export interface Draft {
  readonly text: string;
  /** Of the starter the text grew from: tells an update of the exercise from the reader's edits. */
  readonly starterHash: string;
  readonly savedAtMs: number;
  /** Newest first. */
  readonly history: readonly DraftVersion[];
}

export interface DraftKeeperOptions {
  readonly store: ProgressStore;
  readonly slug: string;
  readonly starter: string;
  /** Wall-clock time in ms. */
  readonly now: () => number;
  /** Told after each save, also the ones that did not go well. */
  readonly onSaveResult: (result: SaveResult) => void;
}

/** What the reader finds on opening an exercise. */
export interface OpenedDraft {
  readonly text: string;
  readonly isRestored: boolean;
  /** The exercise's starter is not the one this draft grew from. */
  readonly hasStarterChanged: boolean;
}

export const SAVE_DELAY_MS = 250;
export const HISTORY_COUNT_MAX = 20;

/**
 * Keeps the text of one exercise. Every edit is saved within `SAVE_DELAY_MS`; call `flush` when the
 * page goes away. Earlier versions stay in `history`.
 */
export class DraftKeeper {
  readonly #options: DraftKeeperOptions;
  #draft: Draft;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #theirs: Draft | undefined;

  constructor(options: DraftKeeperOptions) {
    this.#options = options;
    this.#draft = this.#fresh(options.starter);
  }

  get text(): string {
    return this.#draft.text;
  }

  get history(): readonly DraftVersion[] {
    return this.#draft.history;
  }

  /** Reads what was saved. An untouched old starter gives way to the new one. */
  open(): OpenedDraft {
    const { store, starter } = this.#options;
    const saved = store.loadJson(this.#key, validateDraft);
    if (saved === undefined) return opened(starter, false, false);
    const hasStarterChanged = saved.starterHash !== textHash(starter);
    const isUntouched = textHash(saved.text) === saved.starterHash;
    if (isUntouched) {
      this.#draft = { ...this.#fresh(starter), history: saved.history };
      return opened(starter, false, false);
    }
    this.#draft = saved;
    return opened(saved.text, true, hasStarterChanged);
  }

  /** Takes the new text; saves it soon. */
  edit(text: string): void {
    if (text === this.#draft.text) return;
    this.#draft = { ...this.#draft, text, savedAtMs: this.#options.now() };
    this.#timer ??= setTimeout(() => this.flush(), SAVE_DELAY_MS);
  }

  /** Saves a pending edit now. */
  flush(): void {
    if (this.#timer === undefined) return;
    this.#cancelTimer();
    this.#save(false);
  }

  /** Remembers the text of now among the versions. */
  keepVersion(why: VersionReason): void {
    this.#remember(this.#draft.text, why);
    this.#cancelTimer();
    this.#save(false);
  }

  /** Replaces the text by another (the starter, an old version); the one before is kept. */
  replace(text: string, why: VersionReason): void {
    this.#remember(this.#draft.text, why);
    this.#draft = {
      ...this.#draft,
      text,
      starterHash: textHash(this.#options.starter),
      savedAtMs: this.#options.now(),
    };
    this.#cancelTimer();
    this.#save(false);
  }

  /** The reader has seen that the starter changed: don't tell again. */
  acknowledgeStarter(): void {
    this.#draft = { ...this.#draft, starterHash: textHash(this.#options.starter) };
    this.#cancelTimer();
    this.#save(false);
  }

  /** After a conflict: whose text goes on. The other one is kept as a version. */
  resolveConflict(choice: 'mine' | 'theirs'): string {
    const theirs = this.#theirs;
    if (theirs === undefined) return this.#draft.text;
    this.#theirs = undefined;
    const mine = this.#draft;
    if (choice === 'mine') {
      this.#remember(theirs.text, 'other tab');
    } else {
      this.#draft = theirs;
      this.#remember(mine.text, 'this tab');
    }
    this.#save(true);
    return this.#draft.text;
  }

  get #key(): string {
    return `draft.${this.#options.slug}`;
  }

  #fresh(text: string): Draft {
    const { starter, now } = this.#options;
    return { text, starterHash: textHash(starter), savedAtMs: now(), history: [] };
  }

  #remember(text: string, why: VersionReason): void {
    const { history } = this.#draft;
    if (history[0]?.text === text || text === this.#options.starter) return;
    const version: DraftVersion = { text, savedAtMs: this.#options.now(), why };
    this.#draft = { ...this.#draft, history: [version, ...history].slice(0, HISTORY_COUNT_MAX) };
  }

  #cancelTimer(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #save(overwrite: boolean): void {
    // While the reader has not chosen between two tabs, neither text may replace the other.
    if (this.#theirs !== undefined && !overwrite) return;
    const result = this.#options.store.saveJson(this.#key, this.#draft, { overwrite });
    if (result.type !== 'conflict') {
      this.#options.onSaveResult(result);
      return;
    }
    const theirs = validateDraft(result.theirs);
    // The same text in both tabs is no conflict, and neither is a value that is not a draft.
    if (theirs === undefined || theirs.text === this.#draft.text) {
      this.#save(true);
      return;
    }
    this.#theirs = theirs;
    this.#options.onSaveResult(result);
  }
}

function opened(text: string, isRestored: boolean, hasStarterChanged: boolean): OpenedDraft {
  return { text, isRestored, hasStarterChanged };
}

/** 32-bit FNV-1a of the UTF-16 units, as 8 hex digits. Tells texts apart; not for security. */
export function textHash(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** An untrusted value as a draft, or undefined. Versions that can't be read are left out. */
export function validateDraft(value: unknown): Draft | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { text, starterHash, savedAtMs, history } = value as Partial<Record<keyof Draft, unknown>>;
  if (typeof text !== 'string' || typeof starterHash !== 'string') return undefined;
  if (typeof savedAtMs !== 'number' || !Array.isArray(history)) return undefined;
  return { text, starterHash, savedAtMs, history: history.filter(isVersion) };
}

function isVersion(value: unknown): value is DraftVersion {
  if (typeof value !== 'object' || value === null) return false;
  const { text, savedAtMs, why } = value as Partial<Record<keyof DraftVersion, unknown>>;
  return typeof text === 'string' && typeof savedAtMs === 'number' && typeof why === 'string';
}
