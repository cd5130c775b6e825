import { KIND } from '../trace/kinds.ts';
import type { Trace } from '../trace/trace.ts';
import type { AnomalyName, Finding } from './verdict.ts';

/** What an application says of each record that was in the log. */
export interface DeliveryPromise {
  /** `exactly-once` is judged by what it has written: processing may be repeated. */
  readonly guarantee: 'at-most-once' | 'at-least-once' | 'exactly-once';
  /** Whether records of a partition are first processed in their order. Share groups don't. */
  readonly isOrdered: boolean;
  /** The log that it writes to, in transactions. */
  readonly output?: string;
}

/**
 * Judges how an application of a log's own client has treated its records, from its trace alone:
 * what was committed without being processed, what was repeated, what came out of order, and a
 * child shard that was read before its parent.
 */
export function judgeDelivery(trace: Trace, promise: DeliveryPromise): Finding[] {
  const judge = new DeliveryJudge(trace, promise);
  for (let row = 0; row < trace.rowCount; row += 1) judge.see(row);
  return judge.finish();
}

interface PartitionJudge {
  /** Rows of the first processing of each offset. */
  readonly processed: Map<number, number>;
  /** Offsets that the log was given, with their rows. */
  readonly appended: Map<number, number>;
  committed: { readonly offset: number; readonly row: number };
  highest: number;
  startOffset: number;
  isFinished: boolean;
  parents: readonly number[];
}

/** A record that was read, as outputs name it. */
interface SourcePlace {
  readonly partition: string;
  readonly offset: number;
}

class DeliveryJudge {
  readonly #trace: Trace;
  readonly #promise: DeliveryPromise;
  readonly #partitions: readonly PartitionJudge[];
  readonly #findings: Finding[] = [];
  readonly #outputSplit: number;
  /** Outputs of open transactions by producer, and those that readers see. */
  readonly #open: { readonly place: string; readonly row: number }[] = [];
  readonly #visible = new Map<string, number>();

  constructor(trace: Trace, promise: DeliveryPromise) {
    this.#trace = trace;
    this.#promise = promise;
    const { splits } = trace.header;
    this.#partitions = splits.map(() => ({
      processed: new Map(),
      appended: new Map(),
      committed: { offset: 0, row: -1 },
      highest: -1,
      startOffset: 0,
      isFinished: false,
      parents: [],
    }));
    this.#outputSplit = splits.findIndex(({ log }) => log === promise.output);
  }

  see(row: number): void {
    const { kind, b, c } = this.#trace.columns;
    const partition = this.#partitions[c[row] as number];
    if (partition === undefined) return;
    const offset = b[row] as number;
    switch (kind[row]) {
      case KIND['record-appended']:
        if (c[row] === this.#outputSplit) this.#seeOutput(row);
        else partition.appended.set(offset, row);
        return;
      case KIND['log-transaction-marked']:
        if (c[row] === this.#outputSplit) this.#endOutput(row);
        return;
      case KIND['partition-opened']:
        partition.parents = this.#valueOf(row) as number[];
        return;
      case KIND['log-start-moved']:
        partition.startOffset = offset;
        return;
      case KIND['position-reset']:
        this.#seeReset(row);
        return;
      case KIND['record-processed']:
        this.#seeProcessed(row, partition, offset);
        return;
      case KIND['split-finished']:
        partition.isFinished = true;
        return;
      case KIND['offset-committed']:
        if (offset > partition.committed.offset) partition.committed = { offset, row };
        return;
      default:
    }
  }

  finish(): Finding[] {
    const { guarantee } = this.#promise;
    this.#partitions.forEach((partition, split) => {
      if (split === this.#outputSplit) return;
      for (const offset of partition.appended.keys()) {
        const isPassed = offset < partition.committed.offset;
        if (!isPassed || guarantee === 'at-most-once') continue;
        if (guarantee === 'exactly-once') this.#checkOutput(split, offset);
        else if (!partition.processed.has(offset))
          this.#report('record lost', partition.committed.row, split, offset);
      }
    });
    return this.#findings;
  }

  #seeProcessed(row: number, partition: PartitionJudge, offset: number): void {
    const split = this.#trace.columns.c[row] as number;
    const isNew = !partition.processed.has(offset);
    if (!isNew) {
      if (this.#promise.guarantee === 'at-most-once') {
        this.#report('record repeated', row, split, offset);
      }
      return;
    }
    partition.processed.set(offset, row);
    if (this.#promise.isOrdered && offset < partition.highest) {
      this.#report('records out of order', row, split, offset);
    }
    partition.highest = Math.max(partition.highest, offset);
    const unread = partition.parents.find((parent) => !this.#isRead(parent));
    if (unread !== undefined) this.#report('child before parent', row, split, offset);
  }

  /** Whether all that a parent was given has been processed. */
  #isRead(split: number): boolean {
    const parent = this.#partitions[split] as PartitionJudge;
    return [...parent.appended.keys()].every(
      (offset) => offset < parent.startOffset || parent.processed.has(offset),
    );
  }

  #seeReset(row: number): void {
    const { missed } = this.#valueOf(row) as { missed: number };
    if (missed === 0) return;
    const { a, c } = this.#trace.columns;
    this.#report('record missed', row, c[row] as number, a[row] as number);
  }

  #seeOutput(row: number): void {
    const { partition, offset } = this.#valueOf(row) as unknown as SourcePlace;
    this.#open.push({ place: `${partition}@${offset}`, row });
  }

  /** Simplified: the transactions of different producers are told apart by their rows' causes. */
  #endOutput(row: number): void {
    const { d, subtask, cause } = this.#trace.columns;
    const opened = cause[row] as number;
    const isCommit = this.#valueOf(row) === 'commit';
    const who = subtask[opened];
    for (let place = this.#open.length - 1; place >= 0; place -= 1) {
      const output = this.#open[place] as { place: string; row: number };
      if (output.row < opened || subtask[output.row] !== who || d[opened] !== d[row]) continue;
      this.#open.splice(place, 1);
      if (!isCommit) continue;
      if (this.#visible.has(output.place)) this.#reportOutput('output repeated', row, output.place);
      this.#visible.set(output.place, output.row);
    }
  }

  #checkOutput(split: number, offset: number): void {
    const { log, partition } = this.#trace.header.splits[split] as {
      log: string;
      partition: number;
    };
    const place = `${log}-${partition}@${offset}`;
    const { row } = (this.#partitions[split] as PartitionJudge).committed;
    if (!this.#visible.has(place)) this.#reportOutput('output missing', row, place);
  }

  #report(name: AnomalyName, row: number, split: number, offset: number): void {
    const info = this.#trace.header.splits[split];
    const place = `offset ${offset} of ${info?.log ?? ''}-${info?.partition ?? split}`;
    this.#findings.push({ name, text: TEXTS.get(name)?.(place) ?? `${name}: ${place}`, row });
  }

  #reportOutput(name: AnomalyName, row: number, place: string): void {
    this.#findings.push({ name, text: TEXTS.get(name)?.(place) ?? `${name}: ${place}`, row });
  }

  #valueOf(row: number): unknown {
    return this.#trace.values[this.#trace.columns.value[row] as number] ?? null;
  }
}

const TEXTS = new Map<AnomalyName, (place: string) => string>([
  ['record lost', (place) => `${place} was committed and never processed`],
  ['record missed', (place) => `from ${place} on, records left the log before they were read`],
  ['record repeated', (place) => `${place} was processed more than once`],
  ['records out of order', (place) => `${place} was first processed behind a later one`],
  ['child before parent', (place) => `${place} was processed before all of its parent shards`],
  ['output missing', (place) => `what ${place} gave is not visible, and its offset is committed`],
  ['output repeated', (place) => `what ${place} gave is visible more than once`],
]);
