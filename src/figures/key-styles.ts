import { type Json } from '#engine';
import { type KeyCount } from './facts/run-facts.ts';
import { isClockTime } from './json-text.ts';
import { clockText } from './time-text.ts';

/** 1 to 8 are the styles of the keys that stand out; 0 is the quiet one that all others share. */
export type KeyStyle = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const STYLES: readonly KeyStyle[] = [1, 2, 3, 4, 5, 6, 7, 8];

export type KeyStyles = ReadonlyMap<number, KeyStyle>;

/**
 * Gives the `count` most frequent keys a style of their own. A `focus` key that is not among them
 * takes the last one.
 */
export function styleKeys(keys: readonly KeyCount[], count: number, focus?: number): KeyStyles {
  const styles = new Map<number, KeyStyle>();
  for (const [index, { key }] of keys.slice(0, Math.min(count, STYLES.length)).entries()) {
    styles.set(key, STYLES[index]);
  }
  if (focus !== undefined && focus >= 0 && !styles.has(focus)) styles.set(focus, 8);
  return styles;
}

/** A key as people write it: strings bare, tuples joined by `·`, everything else as JSON. */
export function keyText(key: Json | undefined): string {
  if (typeof key === 'string') return key;
  if (Array.isArray(key)) return key.map((part: Json) => keyText(part)).join(' · ');
  if (typeof key === 'number' && isClockTime(key)) return clockText(key, 'minutes');
  return key === undefined ? 'no key' : JSON.stringify(key);
}
