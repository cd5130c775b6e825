import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Random } from '../../../engine/core/random.ts';
import type { Value } from '../../../engine/dataset/value.ts';
import type { ValueType } from '../../../engine/dataset/value-type.ts';

const file = path.join(path.dirname(fileURLToPath(import.meta.url)), 'hashed-keys.json.gz');

/** Keys of the same types, and what Spark's hash() gives for each. */
export interface HashedKeys {
  readonly types: readonly ValueType[];
  readonly keys: readonly (readonly Value[])[];
  readonly hashes: readonly number[];
}

type Draw = (random: Random) => Value;

const time: Draw = (random) =>
  random.pick([0, -1, 999, 1_700_000_000_000, random.between(-5_000_000, 5_000_000)]) +
  random.pick([0, 0, 0, 0.001, -0.001]);

const DRAWS: { readonly [type in Exclude<ValueType, 'interval' | undefined>]: Draw } = {
  string: (random) => {
    const letters = ['a', 'b', 'Z', '0', ' ', 'ä', 'ß', '漢', '🙂', 'é'];
    return Array.from({ length: random.below(9) }, () => random.pick(letters)).join('');
  },
  long: (random) =>
    random.pick([
      random.between(-10, 10),
      random.between(-(2 ** 31), 2 ** 31 - 1),
      (random.uint32() * 2 ** 21 + random.below(2 ** 21)) * random.pick([1, -1]),
      Number.MAX_SAFE_INTEGER,
      Number.MIN_SAFE_INTEGER,
      2 ** 32,
      -(2 ** 32),
    ]),
  integer: (random) =>
    random.pick([random.between(-10, 10), random.between(-(2 ** 31), 2 ** 31 - 1)]),
  double: (random) =>
    random.pick([0, -0, 1, -2.5, 1e300, 5e-324, random.fraction(), random.between(-99, 99) / 7]),
  boolean: (random) => random.chance(0.5),
  timestamp: time,
  window: (random) => {
    const start = random.between(-100, 2_000_000) * 1000;
    return { start, end: start + random.pick([1000, 10_000]) };
  },
};

/** Keys of every type, and of several columns, some of them null. */
export function drawKeys(seed: number): readonly HashedKeys[] {
  const random = new Random(seed);
  const names = Object.keys(DRAWS) as (keyof typeof DRAWS)[];
  const sets = [
    ...names.map((name) => [name]),
    ...Array.from({ length: 12 }, () => random.shuffle(names).slice(0, random.between(2, 4))),
  ];
  return sets.map((types) => ({
    types,
    keys: Array.from({ length: types.length === 1 ? 100 : 40 }, () =>
      types.map((type) => (random.chance(0.05) ? null : DRAWS[type](random))),
    ),
    hashes: [],
  }));
}

/** What was recorded. */
export function readHashedKeys(): readonly HashedKeys[] {
  return JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as readonly HashedKeys[];
}

/** Replaces what was recorded. */
export function writeHashedKeys(keys: readonly HashedKeys[]): void {
  writeFileSync(file, gzipSync(JSON.stringify(keys), { level: 9 }));
}
