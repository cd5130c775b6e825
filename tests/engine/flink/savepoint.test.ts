import { describe, expect, test } from 'vitest';
import { ConfigError, simulate } from '#engine';
import type { Savepoint, Scenario } from '#engine';
import { countScenario, outputs } from '../stream-notation.ts';

const OPTIONS = { sizeS: 10, delayS: 2 };
const INPUT = 'a@1 b@2 a@3 b@4 c@5 a@6 a@30';
const stop = (atMs: number) => [{ type: 'stop-with-savepoint', when: { atMs } }] as const;

/** The counting job with a uid and a parallelism of its own. */
function job(uid: string, parallelism: number, maxParallelism = 128): Scenario {
  const base = countScenario([INPUT], OPTIONS);
  return {
    ...base,
    cluster: { taskManagers: 4, slotsPerTaskManager: 1 },
    job: (env) => {
      env.setParallelism(parallelism).setMaxParallelism(maxParallelism);
      base.job(env);
      for (const node of env.graph.nodes) if (node.name === 'window') node.uid = uid;
    },
  };
}

function savepointAt(atMs: number): Savepoint {
  const { savepoint } = simulate({ ...job('count', 2), operations: stop(atMs) });
  if (savepoint === undefined) throw new Error('the job was not stopped with a savepoint');
  return savepoint;
}

describe('a savepoint', () => {
  const expected = outputs(simulate(job('count', 2))).sort();

  test('lets another job go on where the first was stopped, at another parallelism', () => {
    for (let atMs = 1500; atMs < 7000; atMs += 500) {
      for (const parallelism of [1, 2, 3]) {
        const restoreFrom = savepointAt(atMs);
        const run = simulate({ ...job('count', parallelism), restoreFrom });
        expect([atMs, parallelism, ...outputs(run).sort()]).toEqual([
          atMs,
          parallelism,
          ...expected,
        ]);
      }
    }
  });

  test('is taken at a point in time: nothing fires for it', () => {
    const run = simulate({ ...job('count', 2), operations: stop(4500) });
    expect(outputs(run)).toEqual([]);
    expect(run.outcome).toBe('stopped');
  });

  test('refuses a job that has no operator for its state, unless told to leave it', () => {
    const restoreFrom = savepointAt(4500);
    const other = { ...job('renamed', 2), restoreFrom };
    expect(() => simulate(other)).toThrow(ConfigError);
    expect(() => simulate(other)).toThrow(/"window" \(count\).*allowNonRestoredState/);
    const run = simulate({ ...other, allowNonRestoredState: true });
    expect(outputs(run).sort()).toEqual(['[0,10) a=1', '[0,10) c=1']);
  });

  test('refuses another max parallelism', () => {
    const restoreFrom = savepointAt(4500);
    expect(() => simulate({ ...job('count', 2, 64), restoreFrom })).toThrow(
      /max parallelism mismatch between the savepoint \(128\).*got 64/,
    );
  });
});
