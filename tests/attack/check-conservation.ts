import type { AttackedRun } from './attacked-run.ts';
import { keepsRest } from './plan.ts';
import type { Plan, ResultRow } from './plan.ts';

/**
 * Each record is in one place: in committed rows, in the late output, or still in the state. It
 * holds for every job that keeps ids, also when which records are late depends on the course.
 */
export function checkConservation(attacked: AttackedRun): string | undefined {
  const { plan, isFinished, isCommitExact } = attacked;
  if (!['bucket', 'flush', 'window'].includes(plan.work.type)) return undefined;
  const fired = attacked.rows('transactional');
  const late = attacked.rows('late').flatMap(({ ids }) => ids);
  const problem = fired.map((row) => rowProblem(attacked, row)).find((text) => text !== undefined);
  if (problem !== undefined) return problem;
  const isAlone = plan.work.type !== 'window' || plan.work.shape.kind !== 'sliding';
  if (isCommitExact && isAlone) {
    const twice = repeated(late) ?? clash(plan, fired, late);
    if (twice !== undefined) return twice;
  }
  return isFinished ? missing(attacked, fired, late) : undefined;
}

/** A row is made of records of its key and window, and counts them. */
function rowProblem(attacked: AttackedRun, row: ResultRow): string | undefined {
  const { answer, isStateExact, plan } = attacked;
  const { key, startMs, endMs, ids, count } = row;
  const isTimed = startMs !== null && !keepsRest(plan);
  if (count !== ids.length || count === 0) return `a row of ${key} counts ${count}: ${ids.join()}`;
  if (isStateExact && new Set(ids).size !== ids.length) return `a row has one twice: ${ids.join()}`;
  const stranger = ids.find((id) => {
    const item = answer.itemOf.get(id);
    if (item?.key !== key) return true;
    return isTimed && (item.atMs < startMs || item.atMs >= (endMs as number));
  });
  return stranger === undefined ? undefined : `record ${stranger} is in a row of ${key} ${startMs}`;
}

function repeated(ids: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) return `record ${id} was late twice`;
    seen.add(id);
  }
  return undefined;
}

/** Rows of one window grow, or begin anew: two of them are nested or have nothing in common. */
function clash(
  plan: Plan,
  fired: readonly ResultRow[],
  late: readonly string[],
): string | undefined {
  const isLate = new Set(late);
  const mayGrow = plan.work.type === 'window' && plan.work.latenessMs > 0;
  const rowsWith = new Map<string, Set<string>[]>();
  for (const { ids } of fired) {
    const row = new Set(ids);
    for (const id of ids) {
      if (isLate.has(id)) return `record ${id} was late, and counted`;
      const others = rowsWith.get(id) ?? [];
      const other = others.find((each) => !mayGrow || !isNested(each, row));
      if (other !== undefined) return `record ${id} is in two committed rows`;
      rowsWith.set(id, [...others, row]);
    }
  }
  return undefined;
}

function isNested(left: ReadonlySet<string>, right: ReadonlySet<string>): boolean {
  const [small, large] = left.size < right.size ? [left, right] : [right, left];
  return [...small].every((id) => large.has(id));
}

function missing(
  attacked: AttackedRun,
  fired: readonly ResultRow[],
  late: readonly string[],
): string | undefined {
  const { plan, answer } = attacked;
  const dropsLate = plan.work.type === 'window' && !plan.work.hasLateOutput;
  if (dropsLate && answer.rows === undefined) return undefined;
  const kept = new Set([...fired.flatMap(({ ids }) => ids), ...late]);
  if (keepsRest(plan)) {
    for (const id of idsInState(attacked)) {
      if (kept.has(id) && attacked.isCommitExact) return `record ${id} was let out, and is kept`;
      kept.add(id);
    }
  }
  const lost = [...answer.ids].find((id) => !kept.has(id));
  return lost === undefined ? undefined : `record ${lost} is nowhere`;
}

/** What still waits to be let out, by the trace. */
function idsInState(attacked: AttackedRun): string[] {
  return attacked
    .frame()
    .subtasks.flatMap(({ state, windows }) => [...state.values(), ...windows.values()])
    .flatMap(({ value }) => textsIn(value))
    .flatMap((text) => text.split(' '));
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
