import { sumsOf, tableOf } from '#engine';
import type { AttackedRun } from './attacked-run.ts';
import { difference, mustBeWithin, mustCover, mustEqual } from './attacked-run.ts';
import { batchAnswer, twinAnswer } from './batch-answer.ts';
import { rowText } from './plan.ts';
import type { Plan, ResultRow } from './plan.ts';

/** Committed rows are those of a batch over what the latest checkpoint holds. */
export function checkCommitted(attacked: AttackedRun): string | undefined {
  const { answer, plan, run, isFinished, isCommitExact } = attacked;
  const what = 'the transactional sink';
  const committed = attacked.texts('transactional');
  const { bound } = answer;
  if (bound !== undefined && isCommitExact) {
    const stranger = mustBeWithin(what, committed, bound);
    if (stranger !== undefined) return stranger;
  }
  if (answer.rows === undefined) return undefined;
  const { type } = plan.work;
  const growsByRecord = type === 'stateless' || type === 'count';
  if (!isCommitExact) return isFinished ? checkLoose(attacked, what, committed) : undefined;
  if (isFinished) return mustEqual(what, committed, answer.rows);
  const { configuration } = plan;
  const isAtLeastOnce = configuration['execution.checkpointing.mode'] === 'AT_LEAST_ONCE';
  // What a checkpoint holds in flight, or asked a service, is committed with the next one.
  const isUnaligned = configuration['execution.checkpointing.unaligned.enabled'] === true;
  const isAsked = plan.stages.some((stage) => stage.endsWith('Wait'));
  const isHeldBack = isUnaligned || isAsked || isAtLeastOnce;
  if (!growsByRecord || run.outcome === 'failed' || isHeldBack) {
    return mustBeWithin(what, committed, answer.rows);
  }
  const covered = batchAnswer(plan, attacked.coveredOffsets()).rows ?? [];
  return mustEqual(`${what} at its last checkpoint`, committed, covered);
}

/** With at-least-once nothing is lost; rows of windows may hold a record twice. */
function checkLoose(
  { answer, plan }: AttackedRun,
  what: string,
  texts: readonly string[],
): string | undefined {
  const { type } = plan.work;
  if (type === 'stateless' || type === 'count') return mustCover(what, texts, answer.rows ?? []);
  return undefined;
}

/** The second pipeline shares nothing with the first but the job's fate. */
export function checkTwin(attacked: AttackedRun): string | undefined {
  const { twin } = attacked.plan;
  if (twin === undefined) return undefined;
  const expected = twinAnswer(twin);
  const rows = attacked.texts('twin-out');
  const what = "the second pipeline's sink";
  if (!attacked.isFinished) {
    return attacked.isCommitExact ? mustBeWithin(what, rows, expected) : undefined;
  }
  // It has no channel to align: it is exact even with at-least-once.
  const isExact = attacked.hasCheckpoints || !attacked.hasRestarted;
  return isExact ? mustEqual(what, rows, expected) : mustCover(what, rows, expected);
}

/** An appending sink has every row, and with failures some of them twice. */
export function checkAppended(attacked: AttackedRun): string | undefined {
  const { answer, isFinished, hasRestarted, isStateExact } = attacked;
  if (answer.rows === undefined) return undefined;
  const what = 'the appending sink';
  const rows = attacked.texts('append');
  if (!hasRestarted) {
    return isFinished ? mustEqual(what, rows, answer.rows) : mustBeWithin(what, rows, answer.rows);
  }
  if (isStateExact) {
    const stranger = difference([...new Set(rows)], answer.rows).extra;
    if (stranger !== undefined) return `${what} has ${stranger}, which no batch gives`;
    return isFinished ? mustCover(what, rows, answer.rows) : undefined;
  }
  return isFinished ? checkLoose(attacked, what, rows) : undefined;
}

/** An upserting sink ends with the right table, whatever was written twice. */
export function checkUpserted(attacked: AttackedRun): string | undefined {
  const { answer, isFinished, isStateExact, plan } = attacked;
  if (answer.rows === undefined || !isFinished || !isStateExact) return undefined;
  // Rows of a key reach the table in order only when one writer gets them all.
  const { work, sinks } = plan.parallelism;
  const isChained = sinks === work && plan.work.type !== 'stateless';
  const isOrdered = isChained || sinks === 1;
  if (plan.work.type === 'count' && !isOrdered) return undefined;
  const table = tableOf(attacked.run.sinks['upsert'] ?? []).map(({ row }) =>
    rowText(row as unknown as ResultRow),
  );
  return mustEqual('the table', table, newestRows(plan, answer.rows));
}

function newestRows(plan: Plan, rows: readonly string[]): readonly string[] {
  if (plan.work.type !== 'count') return rows;
  const newest = new Map<string, number>();
  for (const text of rows) {
    const [key = '', count = ''] = text.split(' ');
    newest.set(key, Math.max(newest.get(key) ?? 0, Number(count)));
  }
  return [...newest].map(([key, count]) =>
    rowText({ key, startMs: null, endMs: null, count, ids: [] }),
  );
}

/** A counter gets every amount, and with failures some of them twice. */
export function checkIncremented(attacked: AttackedRun): string | undefined {
  const { answer, isFinished, hasRestarted, isStateExact } = attacked;
  if (answer.rows === undefined || !isFinished || !isStateExact) return undefined;
  const sums = sumsOf(attacked.run.sinks['increment'] ?? []);
  const actual = new Map(sums.map(({ key, row }) => [String(key), Number(row)]));
  const expected = new Map<string, number>();
  for (const { key, ids } of attacked.rows('append')) {
    expected.set(key, (expected.get(key) ?? 0) + ids.length + 1);
  }
  for (const [key, amount] of expected) {
    const sum = actual.get(key) ?? 0;
    const isRight = hasRestarted ? sum > 0 : sum === amount;
    if (!isRight) return `the counter of ${key} is ${sum}, the rows add up to ${amount}`;
  }
  return undefined;
}
