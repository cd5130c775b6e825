import { KIND, type Trace } from '#engine';

/** Kinds that only an operator with keyed state, windows or timers records. */
const TELLING_KINDS: ReadonlySet<number> = new Set([
  KIND['window-updated'],
  KIND['window-fired'],
  KIND['record-dropped-late'],
  KIND['timer-set'],
  KIND['state-updated'],
]);

/**
 * The operator a figure is about: the first one that keeps something per key, else the first one
 * that receives records. Returns the indexes of its subtasks; empty when the run got nowhere.
 */
export function focalSubtasks(trace: Trace): readonly number[] {
  const { kind, subtask } = trace.columns;
  let receiving = -1;
  for (let row = 0; row < trace.rowCount; row += 1) {
    if (TELLING_KINDS.has(kind[row])) return siblings(trace, subtask[row]);
    if (receiving < 0 && kind[row] === KIND['record-received']) receiving = subtask[row];
  }
  return receiving < 0 ? [] : siblings(trace, receiving);
}

function siblings(trace: Trace, subtask: number): readonly number[] {
  const { operator } = trace.header.subtasks[subtask];
  return trace.header.subtasks.flatMap((info, index) =>
    info.operator === operator ? [index] : [],
  );
}
