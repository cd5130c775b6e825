/**
 * What the reader made, kept on the device. Three promises: a value that can't be read is moved
 * aside, never deleted; a value that another tab wrote meanwhile is never overwritten silently; a
 * value that doesn't fit is handed back to the caller, who can offer it as a file.
 */

/** Checks an untrusted value. Returns it typed (repaired if need be), or undefined to reject. */
export type Validate<T> = (value: unknown) => T | undefined;

export type SaveResult =
  | { readonly type: 'saved' }
  /** Another tab wrote since this one last read. Its value was left alone. */
  | { readonly type: 'conflict'; readonly theirs: unknown }
  /** Nothing was written. `text` is what should have been: offer it as a file. */
  | { readonly type: 'full'; readonly message: string; readonly text: string }
  | { readonly type: 'unavailable'; readonly message: string; readonly text: string };

export interface StorageProblem {
  readonly type: 'corrupt' | 'full' | 'unavailable';
  readonly key: string;
  /** What is wrong, and what was done with the value. */
  readonly message: string;
  /** The unreadable or unsaved text itself. */
  readonly text: string;
}

/** The part of `localStorage` that is used. */
export interface TextStorage {
  getItem(key: string): string | null;
  setItem(key: string, text: string): void;
  removeItem(key: string): void;
}

export interface SaveOptions {
  /** Overwrite even what another tab wrote: only after the reader chose so. */
  readonly overwrite?: boolean;
}

export interface ProgressStore {
  /** The stored value, or undefined when there is none, or none that can be read (reported). */
  loadJson<T>(key: string, validate: Validate<T>): T | undefined;
  /** `value` must be plain JSON. */
  saveJson(key: string, value: unknown, options?: SaveOptions): SaveResult;
  /** Calls `listener` for each problem so far and from now on. Returns how to stop. */
  onProblem(listener: (problem: StorageProblem) => void): () => void;
}

interface Envelope {
  readonly format: 1;
  /** Who wrote it and which write it was: how a tab sees that another one wrote since. */
  readonly stamp: string;
  readonly value: unknown;
}

const KEY_PREFIX = 'millrace.';
const ASIDE_MAX = 100;

/**
 * A store over `storage`; undefined means the browser forbids storage. `tabId` must differ between
 * tabs that are open together.
 */
export function createStore(storage: TextStorage | undefined, tabId: string): ProgressStore {
  return new DeviceStore(storage, tabId);
}

class DeviceStore implements ProgressStore {
  readonly #storage: TextStorage | undefined;
  readonly #tabId: string;
  readonly #problems: StorageProblem[] = [];
  readonly #listeners = new Set<(problem: StorageProblem) => void>();
  /** The stamp this tab last read or wrote, by key; null when there was nothing. */
  readonly #stampsSeen = new Map<string, string | null>();
  /** Keys of unreadable texts that could not be moved aside: they must not be written. */
  readonly #stuck = new Set<string>();
  #writeCount = 0;

  constructor(storage: TextStorage | undefined, tabId: string) {
    this.#storage = storage;
    this.#tabId = tabId;
  }

  loadJson<T>(key: string, validate: Validate<T>): T | undefined {
    if (this.#storage === undefined) return undefined;
    try {
      const envelope = this.#readEnvelope(this.#storage, key);
      this.#stampsSeen.set(key, envelope?.stamp ?? null);
      if (envelope === undefined) return undefined;
      const value = validate(envelope.value);
      if (value === undefined) {
        const text = this.#storage.getItem(KEY_PREFIX + key) ?? '';
        this.#moveAside(this.#storage, key, text, 'its shape is not the expected one');
      }
      return value;
    } catch (error) {
      this.#report({ type: 'unavailable', key, message: unavailableMessage(error), text: '' });
      return undefined;
    }
  }

  saveJson(key: string, value: unknown, options: SaveOptions = {}): SaveResult {
    const text = JSON.stringify(value);
    if (this.#storage === undefined) return this.#refuse(key, text, undefined);
    try {
      const current = this.#readEnvelope(this.#storage, key);
      if (this.#stuck.has(key)) return this.#refuseForRoom(key, text);
      const isForeign = current !== undefined && current.stamp !== this.#stampsSeen.get(key);
      if (isForeign && options.overwrite !== true) {
        return { type: 'conflict', theirs: current.value };
      }
      this.#writeCount += 1;
      const envelope: Envelope = { format: 1, stamp: `${this.#tabId}:${this.#writeCount}`, value };
      this.#storage.setItem(KEY_PREFIX + key, JSON.stringify(envelope));
      this.#stampsSeen.set(key, envelope.stamp);
      return { type: 'saved' };
    } catch (error) {
      const isFull = isQuotaError(error);
      return isFull ? this.#refuseForRoom(key, text) : this.#refuse(key, text, error);
    }
  }

  onProblem(listener: (problem: StorageProblem) => void): () => void {
    for (const problem of this.#problems) listener(problem);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #readEnvelope(storage: TextStorage, key: string): Envelope | undefined {
    const text = storage.getItem(KEY_PREFIX + key);
    if (text === null) return undefined;
    const parsed = parseEnvelope(text);
    if (typeof parsed !== 'string') return parsed;
    this.#moveAside(storage, key, text, parsed);
    return undefined;
  }

  #moveAside(storage: TextStorage, key: string, text: string, why: string): void {
    const target = freeAsideKey(storage, key);
    try {
      if (target === undefined) throw new Error(`${ASIDE_MAX} unreadable copies already`);
      storage.setItem(target, text);
      storage.removeItem(KEY_PREFIX + key);
      this.#stampsSeen.set(key, null);
      const message = `What was saved as "${key}" can't be read (${why}). Kept as "${target}".`;
      this.#report({ type: 'corrupt', key, message, text });
    } catch {
      if (this.#stuck.has(key)) return;
      this.#stuck.add(key);
      const message =
        `What was saved as "${key}" can't be read (${why}) and there is no room to set it ` +
        'aside. Left where it is; nothing is saved over it. Download it, then free some space.';
      this.#report({ type: 'corrupt', key, message, text });
    }
  }

  #refuseForRoom(key: string, text: string): SaveResult {
    const message = 'The browser has no room left to save this. Download it to be safe.';
    this.#report({ type: 'full', key, message, text });
    return { type: 'full', message, text };
  }

  #refuse(key: string, text: string, error: unknown): SaveResult {
    const message = unavailableMessage(error);
    this.#report({ type: 'unavailable', key, message, text });
    return { type: 'unavailable', message, text };
  }

  #report(problem: StorageProblem): void {
    // A full device refuses every keystroke: the latest refusal of a key says it all.
    const isSame = (other: StorageProblem): boolean =>
      other.type !== 'corrupt' && other.type === problem.type && other.key === problem.key;
    const at = this.#problems.findIndex(isSame);
    if (at === -1) this.#problems.push(problem);
    else this.#problems[at] = problem;
    for (const listener of this.#listeners) listener(problem);
  }
}

function freeAsideKey(storage: TextStorage, key: string): string | undefined {
  for (let number = 1; number <= ASIDE_MAX; number += 1) {
    const candidate = `${KEY_PREFIX}${key}.corrupt.${number}`;
    if (storage.getItem(candidate) === null) return candidate;
  }
  return undefined;
}

/** The envelope, or the reason why it isn't one. */
function parseEnvelope(text: string): Envelope | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  if (typeof parsed !== 'object' || parsed === null) return 'it is not an object';
  const { format, stamp, value } = parsed as Partial<Record<keyof Envelope, unknown>>;
  if (format !== 1) return `its format is ${JSON.stringify(format)}, this site reads 1`;
  if (typeof stamp !== 'string') return 'its stamp is missing';
  return { format, stamp, value };
}

function isQuotaError(error: unknown): boolean {
  return error instanceof Error && /quota/i.test(`${error.name} ${error.message}`);
}

function unavailableMessage(error: unknown): string {
  const why = error instanceof Error ? ` (${error.message})` : '';
  return `The browser does not let this site save anything${why}. Download your work to keep it.`;
}

/** Reading the property itself throws when the browser blocks storage. */
function browserStorage(): TextStorage | undefined {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}

let browserStore: ProgressStore | undefined;

/** The store of this tab. Made on first use, so that pages can import this while being built. */
export function progressStore(): ProgressStore {
  browserStore ??= createStore(browserStorage(), crypto.randomUUID());
  return browserStore;
}

/** `loadJson` of this tab's store. */
export function loadJson<T>(key: string, validate: Validate<T>): T | undefined {
  return progressStore().loadJson(key, validate);
}

/** `saveJson` of this tab's store. */
export function saveJson(key: string, value: unknown, options?: SaveOptions): SaveResult {
  return progressStore().saveJson(key, value, options);
}
