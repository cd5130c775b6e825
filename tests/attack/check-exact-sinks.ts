import { judgeSink, visibleRows } from '#engine';
import { mustBeWithin, mustEqual } from './attacked-run.ts';
import type { AttackedRun } from './attacked-run.ts';
import { hasExactSinks } from './build-scenario.ts';

const EXACT_SINKS = ['files', 'lake', 'topic'] as const;

/** Every sink that takes rows exactly once ends with the same rows as the transactional one. */
export function checkExactSinks(attacked: AttackedRun): string | undefined {
  const { plan, isFinished, isCommitExact } = attacked;
  if (!hasExactSinks(plan) || !isCommitExact) return undefined;
  const expected = attacked.texts('transactional');
  const { bound } = attacked.answer;
  for (const sink of EXACT_SINKS) {
    const rows = attacked.texts(sink);
    const problem = isFinished
      ? mustEqual(`the ${sink} sink`, rows, expected)
      : bound && mustBeWithin(`the ${sink} sink`, rows, bound);
    if (problem !== undefined) return problem;
  }
  return isFinished ? checkLedger(attacked) : undefined;
}

/** Amounts that were added in one transaction with the ledger are added once. */
function checkLedger(attacked: AttackedRun): string | undefined {
  const sums = new Map<string, number>();
  for (const { key, ids } of attacked.rows('transactional')) {
    sums.set(key, (sums.get(key) ?? 0) + ids.length + 1);
  }
  const table = attacked.run.stores['ledger']?.tables()[0]?.rows ?? [];
  return mustEqual(
    'the table with a ledger',
    table.map(({ key, amount }) => `${String(key)}=${String(amount)}`),
    [...sums].map(([key, amount]) => `${key}=${amount}`),
  );
}

/** The table that the frame shows to a reader is the one that the database holds. */
export function checkVisibleTable(attacked: AttackedRun): string | undefined {
  const { trace, run } = attacked;
  const index = trace.header.sinks.findIndex(({ name }) => name === 'ledger');
  const info = trace.header.sinks[index];
  const sink = attacked.frame().sinks[index];
  if (info === undefined || sink === undefined) return undefined;
  return mustEqual(
    "the frame's table with a ledger",
    visibleRows(info, sink, 'read-committed').map((row) => JSON.stringify(row)),
    (run.stores['ledger']?.tables()[0]?.rows ?? []).map((row) => JSON.stringify(row)),
  );
}

/**
 * No reader of an exact sink is told of something that is there twice; nor of something that is
 * not there, unless a replay may find other records late.
 */
export function checkJudgedSinks(attacked: AttackedRun): string | undefined {
  const { plan, trace, isCommitExact, answer } = attacked;
  if (!hasExactSinks(plan) || !isCommitExact) return undefined;
  for (const sink of ['transactional', ...EXACT_SINKS]) {
    const finding = judgeSink(trace, sink).find(
      ({ name }) => name === 'output repeated' || answer.rows !== undefined,
    );
    if (finding !== undefined) return `${sink}, row ${finding.row}: ${finding.text}`;
  }
  return undefined;
}
