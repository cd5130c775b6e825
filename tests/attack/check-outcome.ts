import { KIND, TraceReader } from '#engine';
import type { AttackedRun } from './attacked-run.ts';

/** A run finishes unless its restart strategy forbids it, its input is open, or it was stopped. */
export function checkOutcome(attacked: AttackedRun): string | undefined {
  const { run, plan } = attacked;
  switch (run.outcome) {
    case 'finished':
      return plan.isBounded ? undefined : 'finished although its input goes on';
    case 'stopped': {
      const isAsked = plan.operations.some(({ type }) => type === 'stop-with-savepoint');
      return !plan.isBounded || isAsked ? undefined : 'stopped before its input had ended';
    }
    case 'failed':
      return checkFailure(attacked);
  }
}

function checkFailure(attacked: AttackedRun): string | undefined {
  const { failure } = attacked.run;
  const isGivenUp = failure?.message.includes('the restart strategy allows no') === true;
  if (!isGivenUp) return `failed: ${failure?.message ?? 'nobody knows why'}`;
  return undefined;
}

/** As many restarts as the strategy allows, and no more; a failed job had used them up. */
export function checkRestarts(attacked: AttackedRun): string | undefined {
  const { failuresMs, run, plan, hasCheckpoints } = attacked;
  const { configuration } = plan;
  const isFailed = run.outcome === 'failed';
  const count = failuresMs.length;
  const type =
    configuration['restart-strategy.type'] ?? (hasCheckpoints ? 'exponential-delay' : 'none');
  switch (type) {
    case 'none':
      return count === 0 ? undefined : `${count} restarts, and none is allowed`;
    case 'exponential-delay':
      return isFailed ? 'failed, but exponential-delay never gives up' : undefined;
    case 'fixed-delay': {
      const attempts = configuration['restart-strategy.fixed-delay.attempts'] ?? 1;
      if (count > attempts) return `${count} restarts, and ${attempts} are allowed`;
      const isEarly = isFailed && count < attempts;
      return isEarly ? `gave up after ${count} restarts of ${attempts}` : undefined;
    }
    case 'failure-rate':
      return checkFailureRate(attacked);
  }
}

function checkFailureRate({ failuresMs, run, plan }: AttackedRun): string | undefined {
  const { configuration } = plan;
  const countMax = configuration['restart-strategy.failure-rate.max-failures-per-interval'] ?? 1;
  const intervalMs = configuration['restart-strategy.failure-rate.failure-rate-interval'] ?? 60_000;
  const isOver = (times: readonly number[]): boolean => {
    const nowMs = times.at(-1) ?? 0;
    return times.filter((atMs) => nowMs - atMs <= intervalMs).length > countMax;
  };
  const tooMany = failuresMs.findIndex((_, place) => isOver(failuresMs.slice(0, place + 1)));
  if (tooMany !== -1) return `restarted after failure ${tooMany + 1}, which came too soon`;
  if (run.outcome !== 'failed' || isOver([...failuresMs, run.endMs])) return undefined;
  return `gave up although ${countMax} failures in ${intervalMs} ms are allowed`;
}

/** While sources read, the next checkpoint is never further away than the interval asks for. */
export function checkCheckpointsGoOn(attacked: AttackedRun): string | undefined {
  const { trace, plan } = attacked;
  const { configuration } = plan;
  const intervalMs = configuration['execution.checkpointing.interval'];
  if (intervalMs === undefined) return undefined;
  const pauseMs = configuration['execution.checkpointing.min-pause'] ?? 0;
  const { kind, atMs, a } = trace.columns;
  const pending = new Set<number>();
  let downCount = 0;
  let sinceMs = atMs[0] ?? 0;
  for (let row = 0; row < trace.rowCount; row += 1) {
    const nowMs = atMs[row] as number;
    switch (kind[row]) {
      case KIND['checkpoint-triggered']:
        pending.add(a[row] as number);
        sinceMs = nowMs;
        break;
      case KIND['checkpoint-completed']:
      case KIND['checkpoint-aborted']:
        pending.delete(a[row] as number);
        sinceMs = nowMs;
        break;
      case KIND['job-restarting']:
        downCount += 1;
        break;
      case KIND['subtask-restored']:
        // A part that is down keeps the whole job from taking checkpoints.
        if (kind[row - 1] !== KIND['subtask-restored']) downCount -= 1;
        sinceMs = nowMs;
        break;
      case KIND['record-read']:
        if (downCount > 0 || pending.size > 0 || nowMs - sinceMs <= intervalMs + pauseMs) break;
        return `no checkpoint from ${sinceMs} to ${nowMs} ms, one is due every ${intervalMs} ms`;
      default:
    }
  }
  return undefined;
}

/** A machine that dies takes with it what runs on it, also when the job was rescaled before. */
export function checkMachines({ trace, run }: AttackedRun): string | undefined {
  const { columns, header, rowCount } = trace;
  let reader: TraceReader | undefined;
  for (let row = 0; row < rowCount; row += 1) {
    if (columns.kind[row] !== KIND['task-manager-failed']) continue;
    reader ??= new TraceReader(trace);
    const { subtasks } = reader.frameAt(row - 1);
    const victim = header.subtasks.findIndex(
      ({ taskManager }, id) => taskManager === columns.c[row] && subtasks[id]?.isAlive === true,
    );
    const restart = columns.cause.indexOf(row, row);
    const isGivenUp = run.outcome === 'failed' && columns.atMs[row] === run.endMs;
    if (victim === -1 || restart !== -1 || isGivenUp) continue;
    const name = `${header.subtasks[victim]?.operator}-${header.subtasks[victim]?.index}`;
    return `row ${row}: machine ${columns.c[row]} died, and ${name} lived on`;
  }
  return undefined;
}
