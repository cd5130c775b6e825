import { KIND, PANE_TIMINGS, WATERMARK_MIN, type Trace } from '#engine';

/**
 * How late a record was: `counted` came behind the watermark and still changed a result,
 * `dropped` came too late for every window it belonged to.
 */
export type Lateness = 'none' | 'counted' | 'dropped';

/** One reading of one record. A record read again after a failure is a second fact. */
export interface RecordFact {
  /** The `record-read` row. */
  readonly row: number;
  /** Processing time of the reading. */
  readonly atMs: number;
  readonly eventMs: number;
  /** Index into the trace's keys, or -1. */
  readonly key: number;
  readonly split: number;
  readonly offset: number;
  readonly isReplay: boolean;
  readonly lateness: Lateness;
}

type Draft = { -readonly [field in keyof RecordFact]: RecordFact[field] };

/**
 * Every `record-read` of the run in order, with the key and the lateness it turned out to have
 * further down. `focal` are the subtasks of the operator the figure is about.
 */
export function collectRecords(trace: Trace, focal: readonly number[]): readonly RecordFact[] {
  const { kind, cause, key, subtask, a } = trace.columns;
  const drafts = readings(trace);
  const byRow = new Map(drafts.map((draft) => [draft.row, draft]));
  const root = rootReadings(trace);
  const watermarkMs = new Map(focal.map((index) => [index, WATERMARK_MIN]));
  const hasWindows = kind.includes(KIND['window-updated']);
  for (let row = 0; row < trace.rowCount; row += 1) {
    if (kind[row] === KIND['task-manager-failed'] || kind[row] === KIND['function-failed']) {
      for (const index of focal) watermarkMs.set(index, WATERMARK_MIN);
    }
    const watermark = watermarkMs.get(subtask[row]);
    if (watermark === undefined) continue;
    if (kind[row] === KIND['watermark-advanced']) watermarkMs.set(subtask[row], a[row]);
    const draft = byRow.get(root[row]);
    if (draft === undefined) continue;
    if (kind[row] === KIND['record-received']) {
      if (draft.key < 0) draft.key = key[row];
      if (!hasWindows && a[row] <= watermark) draft.lateness = 'counted';
    } else if (kind[row] === KIND['record-dropped-late']) {
      draft.lateness = 'dropped';
    } else if (isLateFiring(trace, row) && kind[cause[row]] === KIND['record-received']) {
      draft.lateness = 'counted';
    }
  }
  return drafts;
}

function readings(trace: Trace): readonly Draft[] {
  const { kind, atMs, key, a, b, c } = trace.columns;
  const seen = new Set<string>();
  const drafts: Draft[] = [];
  for (let row = 0; row < trace.rowCount; row += 1) {
    if (kind[row] !== KIND['record-read']) continue;
    const place = `${c[row]}:${b[row]}`;
    drafts.push({
      row,
      atMs: atMs[row],
      eventMs: a[row],
      key: key[row],
      split: c[row],
      offset: b[row],
      isReplay: seen.has(place),
      lateness: 'none',
    });
    seen.add(place);
  }
  return drafts;
}

/** For each row, the reading it descends from by causes, or -1. */
export function rootReadings(trace: Trace): Int32Array {
  const { kind, cause } = trace.columns;
  const root = new Int32Array(trace.rowCount).fill(-1);
  for (let row = 0; row < trace.rowCount; row += 1) {
    if (kind[row] === KIND['record-read']) root[row] = row;
    else if (cause[row] >= 0) root[row] = root[cause[row]];
  }
  return root;
}

function isLateFiring(trace: Trace, row: number): boolean {
  const { kind, c } = trace.columns;
  return kind[row] === KIND['window-fired'] && PANE_TIMINGS[c[row]] === 'late';
}
