import { checkRunInvariants, simulate, tableOf, traceHash, visibleWrites } from '#engine';
import type { Frame, Run, SinkInfo, SinkRow } from '#engine';
import type { AttackedRun } from './attacked-run.ts';
import { mustEqual } from './attacked-run.ts';
import { buildScenario } from './build-scenario.ts';
import { keepsRest } from './plan.ts';

/** What holds in every run, by its trace alone. */
export function checkInvariants({ trace, plan }: AttackedRun): string | undefined {
  const barriersMayOvertake =
    plan.configuration['execution.checkpointing.unaligned.enabled'] === true;
  const [first] = checkRunInvariants(trace, { barriersMayOvertake });
  return first === undefined ? undefined : `${first.rule}, row ${first.row}: ${first.text}`;
}

/** The same scenario gives the same run: byte for byte, and also when nobody watches. */
export function checkRepeats({ run, plan, trace }: AttackedRun): string | undefined {
  if (plan.seed % 4 === 0) {
    const again = simulate(buildScenario(plan)).trace;
    const isSame = again !== undefined && traceHash(again) === traceHash(trace);
    return isSame ? undefined : 'two runs have different traces';
  }
  const untraced = simulate(buildScenario(plan, 'none'));
  if (runText(untraced) === runText(run)) return undefined;
  return 'the run goes another way when it is not traced';
}

function runText({ outcome, stepCount, sinks, entriesLeft, endMs }: Run): string {
  return JSON.stringify({ outcome, stepCount, sinks, entriesLeft, endMs });
}

/** What frames say at the end is what the run reports. */
export function checkFrame(attacked: AttackedRun): string | undefined {
  const { run, trace, plan } = attacked;
  const frame = attacked.frame();
  // After a change of parallelism, triggers have state that the trace was not told again.
  const isRescaled = trace.header.subtasks.some(({ epoch }) => epoch > 0);
  const isUntold = isRescaled && plan.work.type === 'window' && plan.work.shape.kind === 'count';
  if (attacked.isFinished && !isUntold) {
    const entries = frame.subtasks.reduce(
      (sum, { windows, state, timers }) => sum + windows.size + state.size + timers.size,
      0,
    );
    if (entries !== run.entriesLeft) {
      return `the frame holds ${entries} entries, the run ${run.entriesLeft}`;
    }
  }
  for (const [index, info] of trace.header.sinks.entries()) {
    const { name, kind } = info;
    const shown = sinkTexts(frame, index, info);
    const problem = mustEqual(`the frame of sink ${name}`, shown, textsOf(run.sinks[name] ?? []));
    if (problem !== undefined) return problem;
    if (kind !== 'upsert') continue;
    const table = [...(frame.sinks[index]?.table.values() ?? [])].map(({ key, value }) =>
      JSON.stringify([key, value]),
    );
    const expected = textsOf(tableOf(run.sinks[name] ?? []));
    const wrong = mustEqual(`the frame's table of ${name}`, table, expected);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function sinkTexts(frame: Frame, index: number, info: SinkInfo): string[] {
  const sink = frame.sinks[index];
  if (sink === undefined) return [];
  const writes = visibleWrites(info, sink, 'read-committed');
  return writes.map(({ key, value }) => JSON.stringify([key, value]));
}

function textsOf(rows: readonly SinkRow[]): string[] {
  return rows.map(({ key, row }) => JSON.stringify([key, row]));
}

/** After a bounded input nothing is left in the operators but what the job means to keep. */
export function checkResidue(attacked: AttackedRun): string | undefined {
  const { plan, run, answer, isFinished } = attacked;
  const { work } = plan;
  const isMortal = work.type === 'count' && work.ttlMs !== undefined;
  if (!isFinished || keepsRest(plan) || isMortal) return undefined;
  const keys = new Set([...answer.itemOf.values()].map(({ key }) => key));
  const expected = plan.work.type === 'count' ? keys.size : 0;
  if (run.entriesLeft === expected) return undefined;
  return `${run.entriesLeft} entries are left, ${expected} are meant to be`;
}

/** A count, also when it is kept in an accumulator. */
function countIn(value: unknown): string {
  return String(typeof value === 'object' ? (value as { count?: number } | null)?.count : value);
}

/** Counts in the state are those of a batch. */
export function checkCounts(attacked: AttackedRun): string | undefined {
  const { plan, answer, run, isStateExact } = attacked;
  const isStoppedByHand = plan.operations.some(({ type }) => type === 'stop-with-savepoint');
  if (plan.work.type !== 'count' || plan.work.ttlMs !== undefined) return undefined;
  if (run.outcome === 'failed' || isStoppedByHand) return undefined;
  const counts = new Map<string, number>();
  for (const { key } of answer.itemOf.values()) counts.set(key, (counts.get(key) ?? 0) + 1);
  const expected = [...counts].map(([key, count]) => `${key}=${count}`);
  const actual = attacked
    .frame()
    .subtasks.flatMap(({ state }) => [...state.values()])
    .map(({ key, value }) => `${String(attacked.trace.keys[key])}=${countIn(value)}`);
  return isStateExact ? mustEqual('the state', actual, expected) : undefined;
}
