import { expect, test } from 'vitest';
import { checkRunInvariants, simulate } from '#engine';
import type { RunRule } from '#engine';
import { traceOf } from '../stream-notation.ts';
import { found, runSinking, sinkingScenario } from './sinking-job.ts';
import type { SinkingOptions } from './sinking-job.ts';

const OPTIONS: SinkingOptions = {
  partitions: ['a@1 b@1.2 a@1.4 b@3 a@5 c@6', 'a@1 c@1.1 b@2.5 a@4 b@7'],
  configuration: { 'execution.checkpointing.interval': 1000 },
};
const EVERY_ROW = 'a=1 a=2 a=3 a=4 a=5 b=1 b=2 b=3 b=4 c=1 c=2';
const RULES_OF_RESTORES: readonly RunRule[] = [
  'a restore takes the latest complete checkpoint',
  'a source goes on at its checkpointed offset',
];

test.each([1000, 1500, 2000, 2500, 3700, 5000])(
  'stopped with a savepoint at %i ms and started again, a job writes each row once',
  (atMs) => {
    const stop = { type: 'stop-with-savepoint', when: { atMs } } as const;
    const first = runSinking({ ...OPTIONS, operations: [stop] });
    expect(first.outcome).toBe('stopped');
    for (const parallelism of [1, 2, 4]) {
      const scenario = sinkingScenario({ ...OPTIONS, parallelism });
      const { savepoint } = first;
      if (savepoint === undefined) throw new Error('no savepoint');
      const second = simulate({ ...scenario, restoreFrom: savepoint });
      expect([parallelism, second.outcome]).toEqual([parallelism, 'finished']);
      // The rules know of restores within a run; this one begins with a savepoint.
      const broken = checkRunInvariants(traceOf(second)).map(({ rule }) => rule);
      const others = broken.filter((rule) => !RULES_OF_RESTORES.includes(rule));
      expect([parallelism, others]).toEqual([parallelism, []]);
      for (const sink of ['topic', 'files', 'lake', 'ledger']) {
        const rows = [first, second].flatMap((run) => found(run, sink).split(' '));
        const all = rows.filter((row) => row !== '').sort();
        expect([parallelism, sink, all.join(' ')]).toEqual([parallelism, sink, EVERY_ROW]);
      }
    }
  },
);
