import type { Problem } from '../attack-plan.ts';

/** What came out, against what each partition held. */
export interface Delivered {
  readonly expected: readonly (readonly unknown[])[];
  readonly actual: readonly unknown[];
  /** Records may have left the log before they were read. */
  readonly mayMiss: boolean;
}

/** Exactly once: all values of each partition, each once, in the order of the partition. */
export function checkExactlyOnce({ expected, actual, mayMiss }: Delivered): Problem | undefined {
  const known = new Set(expected.flat());
  const foreign = actual.find((value) => !known.has(value));
  if (foreign !== undefined) return { check: 'nothing foreign', text: `got ${String(foreign)}` };
  for (const [partition, values] of expected.entries()) {
    const wanted = new Set(values);
    const got = actual.filter((value) => wanted.has(value));
    const due = mayMiss ? values.filter((value) => got.includes(value)) : values;
    if (got.join() === due.join()) continue;
    const text = `partition ${partition}: got ${got.join()}, expected ${due.join()}`;
    return { check: 'exactly once, in order', text };
  }
  return undefined;
}
