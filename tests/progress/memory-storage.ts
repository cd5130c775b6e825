import type { TextStorage } from '../../src/progress/store.ts';

/** A `localStorage` in memory, shared between stores as between tabs; with a size limit. */
export class MemoryStorage implements TextStorage {
  readonly texts = new Map<string, string>();
  lengthMax = Infinity;

  getItem(key: string): string | null {
    return this.texts.get(key) ?? null;
  }

  setItem(key: string, text: string): void {
    const others = [...this.texts].filter(([other]) => other !== key);
    const length = others.reduce((sum, [, other]) => sum + other.length, text.length);
    if (length > this.lengthMax) throw new DOMException('exceeded the quota', 'QuotaExceededError');
    this.texts.set(key, text);
  }

  removeItem(key: string): void {
    this.texts.delete(key);
  }
}
