import type { Json } from './clone.ts';
import { ConfigError } from './errors.ts';

/** Whole numbers below this are looked up in an array. */
const SMALL_KEY_LIMIT = 1 << 21;

/** What a record may be keyed by. An array stands for a tuple. */
export type Key = string | number | boolean | readonly Key[];

/**
 * Gives each distinct key a dense number, once, so that everything after the source works with
 * integers. Two keys are the same when their values are: `[1, 'a']` equals another `[1, 'a']`.
 */
export class KeyTable {
  readonly #ids = new Map<string | number, number>();
  /** Ids of small whole numbers, found without hashing: id + 1, or 0. */
  #smallIds = new Int32Array(1024);
  readonly #tupleIds = new Map<string, number>();
  readonly keys: Key[] = [];

  /** @throws ConfigError when the value can't be a key (null, NaN, objects). */
  intern(key: Key): number {
    if (typeof key === 'number' && key >= 0 && key < SMALL_KEY_LIMIT && (key | 0) === key) {
      return this.#internSmall(key);
    }
    if (typeof key === 'string' || typeof key === 'number') {
      const known = this.#ids.get(key);
      if (known !== undefined) return known;
      if (key !== key) throw keyError(key);
      const id = this.keys.length;
      this.#ids.set(key, id);
      this.keys.push(key);
      return id;
    }
    return this.#internTuple(key);
  }

  valueOf(id: number): Key {
    return this.keys[id] as Key;
  }

  toJson(): Json[] {
    return [...this.keys];
  }

  #internSmall(key: number): number {
    if (key >= this.#smallIds.length) this.#growSmall(key);
    const known = this.#smallIds[key] as number;
    if (known !== 0) return known - 1;
    const id = this.keys.length;
    // Minus zero is the same key as zero, and shows as zero.
    this.keys.push(key + 0);
    this.#smallIds[key] = id + 1;
    return id;
  }

  #growSmall(key: number): void {
    const wider = new Int32Array(2 ** (32 - Math.clz32(key)));
    wider.set(this.#smallIds);
    this.#smallIds = wider;
  }

  #internTuple(key: Key): number {
    checkKey(key);
    const text = JSON.stringify(key);
    const known = this.#tupleIds.get(text);
    if (known !== undefined) return known;
    const id = this.keys.length;
    this.#tupleIds.set(text, id);
    this.keys.push(Array.isArray(key) ? structuredCopy(key) : key);
    return id;
  }
}

function structuredCopy(key: readonly Key[]): readonly Key[] {
  return key.map((part) => (typeof part === 'object' ? structuredCopy(part) : part));
}

function checkKey(key: unknown): void {
  if (typeof key === 'boolean' || typeof key === 'string') return;
  if (typeof key === 'number' && key === key) return;
  if (!Array.isArray(key)) throw keyError(key);
  for (const part of key) checkKey(part);
}

function keyError(key: unknown): ConfigError {
  return new ConfigError(
    'a key must be a string, a number, a boolean or an array of these',
    key,
    'return such a value from the key selector; an object has no stable hash code',
  );
}
