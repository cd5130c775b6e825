import { expect, test } from 'vitest';
import { judgeDelivery, simulateGroup, traceGroup } from '#engine';
import type { CommitMode, DeliveryPromise, GroupScenario, LogInput } from '#engine';

/** Assignors of the classic protocol, and the newer one, in which the brokers assign. */
const PROTOCOLS: readonly (GroupScenario['assignor'] | 'consumer')[] = [
  'range',
  'roundrobin',
  'sticky',
  'cooperative-sticky',
  'consumer',
];

const MODES: readonly [CommitMode, DeliveryPromise][] = [
  [{ type: 'before-processing' }, { guarantee: 'at-most-once', isOrdered: false }],
  [{ type: 'after-processing' }, { guarantee: 'at-least-once', isOrdered: true }],
  [
    { type: 'auto', intervalMs: 300 },
    { guarantee: 'at-least-once', isOrdered: true },
  ],
  [
    { type: 'transactional', output: 'out' },
    { guarantee: 'exactly-once', isOrdered: true, output: 'out' },
  ],
];

/** Two partitions of six records each, and the facts that say so. */
const LOG: LogInput = {
  partitions: [0, 1].map(() =>
    Array.from({ length: 6 }, (_, offset) => ({ value: offset, arrivalMs: 0 })),
  ),
  facts: [0, 1].flatMap((partition) =>
    Array.from({ length: 6 }, (_, offset) => {
      const what = { offset, key: null, value: offset, timestampMs: 0 };
      return { type: 'record-appended' as const, atMs: 0, partition, ...what };
    }),
  ),
};

const CASES = PROTOCOLS.flatMap((protocol) =>
  MODES.map(([commit, promise]) => ({ protocol, commit, promise })),
);

test.each(CASES)(
  'a member joins, and another leaves, at every step: $protocol, $commit.type',
  ({ protocol, commit, promise }) => {
    for (let joinMs = 0; joinMs <= 3000; joinMs += 100) {
      const plan = { topics: ['t'], processMs: 200 };
      const scenario: GroupScenario = {
        topics: { t: LOG },
        consumers: [
          { ...plan, memberId: 'A', joinMs: 0, leaveMs: joinMs + 1150 },
          { ...plan, memberId: 'B', joinMs },
        ],
        assignor: protocol === 'consumer' ? 'range' : protocol,
        protocol: protocol === 'consumer' ? 'consumer' : 'classic',
        commit,
        offsetReset: 'earliest',
        maxPollRecords: 3,
        heartbeatIntervalMs: 300,
        sessionTimeoutMs: 6000,
        maxPollIntervalMs: 10_000,
        initialRebalanceDelayMs: 0,
        untilMs: 40_000,
      };
      const run = simulateGroup(scenario);
      const findings = judgeDelivery(traceGroup(scenario, run.facts), promise);
      // What a consumer has committed and not processed when it leaves is lost; and a commit that
      // a rebalance has refused protects from nothing.
      const isRefused = run.facts.some(({ type }) => type === 'commit-failed');
      const isKept = commit.type !== 'before-processing' || !isRefused;
      if (isKept) expect(findings, `join at ${joinMs} ms`).toEqual([]);
      expect([...run.lag.values()], `join at ${joinMs} ms`).toEqual([0, 0]);
      if (commit.type === 'transactional') expect(run.outputs).toHaveLength(12);
    }
  },
);
