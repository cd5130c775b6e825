import { KIND } from '#engine';
import type { AttackedRun } from './attacked-run.ts';
import type { ResultRow } from './plan.ts';

interface Counted {
  readonly count: number;
  readonly writtenMs: number;
}

/**
 * Counts beside each subtask whose state does not live for ever: a count begins anew once as much
 * time has passed since its last write, also when the job was down in between.
 */
export function checkTimeToLive({ plan, trace }: AttackedRun): string | undefined {
  const { work } = plan;
  // A change of parallelism moves keys: which subtask has which is another check's business.
  const isRescaled = trace.header.subtasks.some(({ epoch }) => epoch > 0);
  if (work.type !== 'count' || work.ttlMs === undefined || isRescaled) return undefined;
  const { kind, subtask, a, atMs, value } = trace.columns;
  const held = new Map<number, Map<string, Counted>>();
  const snapshots = new Map<string, Map<string, Counted>>();
  for (let row = 0; row < trace.rowCount; row += 1) {
    const id = subtask[row] as number;
    if (trace.header.subtasks[id]?.operator !== 'work') continue;
    const counts = held.get(id) ?? new Map<string, Counted>();
    held.set(id, counts);
    const name = `${id} ${a[row]}`;
    if (kind[row] === KIND['snapshot-taken']) snapshots.set(name, new Map(counts));
    if (kind[row] === KIND['subtask-restored']) held.set(id, new Map(snapshots.get(name)));
    if (kind[row] !== KIND['record-emitted']) continue;
    const { key, count } = trace.values[value[row] as number] as unknown as ResultRow;
    const nowMs = atMs[row] as number;
    const before = counts.get(key);
    const isAlive = before !== undefined && before.writtenMs + work.ttlMs > nowMs;
    const expected = isAlive ? before.count + 1 : 1;
    if (count !== expected) return `row ${row}: ${key} counts ${count}, not ${expected}`;
    counts.set(key, { count, writtenMs: nowMs });
  }
  return undefined;
}
