import { KIND } from '../trace/kinds.ts';
import type { Trace } from '../trace/trace.ts';
import { emissionFinding, missingFinding } from './emission-findings.ts';
import { leakFindings } from './find-leaks.ts';
import type { DueResult, WindowResult, WindowSpec } from './judge-windows.ts';
import { LiveEntries } from './live-entries.ts';
import type { LiveSnapshot } from './live-entries.ts';
import type { Finding } from './verdict.ts';
import { WindowOracle, windowId } from './window-oracle.ts';
import type { OracleSnapshot, OracleWindow } from './window-oracle.ts';

/** What is known of a window whose result has not come yet. */
export interface Awaited {
  readonly window: OracleWindow;
  /** The watermark with which it fell due. */
  readonly watermarkMs: number;
  /** What was last emitted of it while it was open. */
  readonly earlyCount: number | undefined;
  /** The row after which the result came too late; undefined while its step still runs. */
  readonly overdueRow: number | undefined;
}

/** The restore that an attempt began with. */
export interface Restore {
  /** -1: there was no checkpoint. */
  readonly checkpointId: number;
  /** Keys with open windows at that checkpoint, of which the operator held no state. */
  readonly keysWithoutState: ReadonlySet<number>;
  readonly countsAtCheckpoint: ReadonlyMap<string, number>;
}

interface Snapshot {
  readonly oracle: OracleSnapshot;
  readonly live: LiveSnapshot;
  readonly awaited: ReadonlyMap<string, Awaited>;
  readonly earlyCounts: ReadonlyMap<string, number>;
}

/**
 * Follows one subtask through a trace, with the oracle beside it. A step is an element and all
 * that follows from it: a result has to come in the step in which the watermark passes.
 */
export class SubtaskJudge {
  readonly findings: Finding[] = [];
  /** By window id; a window that is over twice, because of a replay, is due once. */
  readonly dueResults = new Map<string, DueResult>();
  lateCount = 0;
  readonly #trace: Trace;
  readonly #spec: WindowSpec;
  readonly #subtask: number;
  readonly #oracle: WindowOracle;
  readonly #live: LiveEntries;
  readonly #keyIndexes: ReadonlyMap<string, number>;
  readonly #snapshots = new Map<number, Snapshot>();
  /** The first late record of each window of this attempt. */
  readonly #lateRows = new Map<string, number>();
  #awaited = new Map<string, Awaited>();
  #dueInStep: OracleWindow[] = [];
  /** What was last emitted of windows that were still open. */
  #earlyCounts = new Map<string, number>();
  #restore: Restore | undefined;
  #lastRow = 0;

  constructor(trace: Trace, spec: WindowSpec, subtask: number) {
    this.#trace = trace;
    this.#spec = spec;
    this.#subtask = subtask;
    this.#oracle = new WindowOracle(spec.sizeMs);
    this.#live = new LiveEntries(trace);
    this.#keyIndexes = new Map(trace.keys.map((key, index) => [JSON.stringify(key), index]));
  }

  /** Takes in the next row of this subtask, or of one that is chained to it. */
  apply(row: number, subtask: number): void {
    const { columns } = this.#trace;
    if (subtask !== this.#subtask) {
      if (columns.kind[row] === KIND['sink-written']) this.#lastRow = row;
      return;
    }
    switch (columns.kind[row]) {
      case KIND['record-received']:
        this.#endStep();
        this.#receive(row);
        break;
      case KIND['watermark-advanced']:
        this.#endStep();
        this.#advance(row);
        break;
      case KIND['record-emitted']:
        this.#judgeEmission(row);
        break;
      case KIND['snapshot-taken']:
        this.#endStep();
        this.#snapshots.set(columns.a[row] as number, {
          oracle: this.#oracle.snapshot(),
          live: this.#live.snapshot(),
          awaited: new Map(this.#awaited),
          earlyCounts: new Map(this.#earlyCounts),
        });
        break;
      case KIND['subtask-finished']:
        this.#endStep();
        break;
      case KIND['subtask-restored']:
        this.#goBackTo(columns.a[row] as number);
        break;
      default:
        this.#live.apply(row);
    }
    this.#lastRow = row;
  }

  /** The attempt is over. What was due in the step before it must have come by now. */
  crash(): void {
    this.#endStep();
  }

  /** The trace is over; `isWhole` when nothing kept the run from its end. */
  end(isWhole: boolean): void {
    this.#endStep();
    if (!isWhole) return;
    for (const awaited of this.#awaited.values()) {
      const row = awaited.overdueRow ?? this.#lastRow;
      this.findings.push(missingFinding(this.#trace, awaited, row, this.#restore));
    }
  }

  openIds(): IterableIterator<string> {
    return new Map(this.#oracle.open).keys();
  }

  leaks(): Finding[] {
    return leakFindings(this.#trace, this.#live, this.#oracle, this.dueResults);
  }

  #receive(row: number): void {
    const { key, a } = this.#trace.columns;
    const { id, isLate } = this.#oracle.add(key[row] as number, a[row] as number);
    if (!isLate) return;
    this.lateCount += 1;
    if (!this.#lateRows.has(id)) this.#lateRows.set(id, row);
  }

  #advance(row: number): void {
    const watermarkMs = this.#trace.columns.a[row] as number;
    for (const window of this.#oracle.advanceTo(watermarkMs)) {
      this.#dueInStep.push(window);
      // A result that came too early is an anomaly of its own; it is not missing as well.
      const earlyCount = this.#earlyCounts.get(window.id);
      if (earlyCount === window.count) continue;
      this.#awaited.set(window.id, { window, watermarkMs, earlyCount, overdueRow: undefined });
    }
  }

  /** What should have come in the step that ends now is overdue. */
  #endStep(): void {
    const row = this.#lastRow;
    for (const window of this.#dueInStep) {
      this.dueResults.set(window.id, { window, row });
      const awaited = this.#awaited.get(window.id);
      if (awaited !== undefined) this.#awaited.set(window.id, { ...awaited, overdueRow: row });
    }
    this.#dueInStep = [];
  }

  #judgeEmission(row: number): void {
    const { value } = this.#trace.columns;
    const result = this.#spec.readResult(this.#trace.values[value[row] as number] ?? null);
    if (result === undefined) return;
    const id = this.#idOf(result);
    const awaited = this.#awaited.get(id);
    this.#awaited.delete(id);
    const open = this.#oracle.open.get(id);
    if (open !== undefined) this.#earlyCounts.set(id, result.count);
    const finding = emissionFinding(this.#trace, {
      row: writtenRow(this.#trace, row),
      result,
      awaited,
      sizeMs: this.#spec.sizeMs,
      open,
      closed: this.#oracle.closed.get(id),
      lateRow: this.#lateRows.get(id),
      watermarkMs: this.#oracle.watermarkMs,
      restore: this.#restore,
    });
    if (finding !== undefined) this.findings.push(finding);
  }

  #idOf(result: WindowResult): string {
    const key = this.#keyIndexes.get(JSON.stringify(result.key));
    return key === undefined ? JSON.stringify(result) : windowId(key, result.endMs);
  }

  #goBackTo(checkpointId: number): void {
    const snapshot = this.#snapshots.get(checkpointId);
    const open = [...(snapshot?.oracle.open.values() ?? [])];
    this.#oracle.restore(snapshot?.oracle);
    this.#live.restore(snapshot?.live);
    this.#awaited = new Map(snapshot?.awaited);
    this.#earlyCounts = new Map(snapshot?.earlyCounts);
    this.#lateRows.clear();
    this.#restore = {
      checkpointId,
      keysWithoutState: new Set(
        open.map(({ key }) => key).filter((key) => !this.#live.holdsStateOf(key)),
      ),
      countsAtCheckpoint: new Map(open.map(({ id, count }) => [id, count])),
    };
  }
}

/** Where an emitted record reached a sink in the same step, so that it can be seen there. */
function writtenRow(trace: Trace, emittedRow: number): number {
  const { kind, cause } = trace.columns;
  const next = emittedRow + 1;
  const isWritten = kind[next] === KIND['sink-written'] && cause[next] === emittedRow;
  return isWritten ? next : emittedRow;
}
