import { KIND, TraceReader } from '#engine';
import type { Frame, Run, Trace } from '#engine';
import { batchAnswer } from './batch-answer.ts';
import type { BatchAnswer } from './batch-answer.ts';
import { rowText } from './plan.ts';
import type { Plan, ResultRow } from './plan.ts';

/** What a check says of a run: undefined when all is well, else what is wrong. */
export type RunCheck = (attacked: AttackedRun) => string | undefined;

/** A run together with its plan, and what several checks ask for. */
export class AttackedRun {
  readonly plan: Plan;
  readonly run: Run;
  readonly trace: Trace;
  readonly answer: BatchAnswer;
  /** Times of the failures after which the job was to restart. */
  readonly failuresMs: readonly number[];
  /** Whether a part of the job began anew: after a failure, or at another parallelism. */
  readonly hasRestarted: boolean;
  #frame: Frame | undefined;

  constructor(plan: Plan, run: Run) {
    this.plan = plan;
    this.run = run;
    if (run.trace === undefined) throw new Error('an attacked run is traced');
    this.trace = run.trace;
    this.answer = batchAnswer(plan);
    this.failuresMs = this.#findFailures();
    this.hasRestarted = this.trace.columns.kind.includes(KIND['job-restarting']);
  }

  #findFailures(): number[] {
    const { columns, rowCount } = this.trace;
    const times: number[] = [];
    for (let row = 0; row < rowCount; row += 1) {
      if (columns.kind[row] !== KIND['job-restarting']) continue;
      // A savepoint that is complete is the reason to go on at another parallelism.
      const isRescale = columns.kind[columns.cause[row] as number] === KIND['checkpoint-completed'];
      if (!isRescale) times.push(columns.atMs[row] as number);
    }
    return times;
  }

  get isFinished(): boolean {
    return this.run.outcome === 'finished';
  }

  get hasCheckpoints(): boolean {
    return this.plan.configuration['execution.checkpointing.interval'] !== undefined;
  }

  /** Whether every record counts once in the operators' state. */
  get isStateExact(): boolean {
    const mode = this.plan.configuration['execution.checkpointing.mode'];
    return !this.hasRestarted || mode !== 'AT_LEAST_ONCE';
  }

  /**
   * Whether what is committed is exact too. Without checkpoints, a part of the job that has ended
   * and committed runs again when another part fails.
   */
  get isCommitExact(): boolean {
    return this.isStateExact && (this.hasCheckpoints || !this.hasRestarted);
  }

  /** The picture after the last row. */
  frame(): Frame {
    this.#frame ??= new TraceReader(this.trace).frameAt(this.trace.rowCount - 1);
    return this.#frame;
  }

  /** What a reader of a sink finds, in order. */
  rows(sink: string): readonly ResultRow[] {
    return (this.run.sinks[sink] ?? []).map(({ row }) => row as unknown as ResultRow);
  }

  texts(sink: string): string[] {
    return this.rows(sink).map(rowText);
  }

  /** Offsets of both inputs that the latest complete checkpoint holds, by partition. */
  coveredOffsets(): number[] {
    const { columns, header, rowCount } = this.trace;
    const offsets = header.splits.map(() => 0);
    const readers = header.splits.map(({ subtask }) => subtask);
    const taken = new Map<number, Map<number, number>>();
    let covered: readonly number[] = header.splits.map(() => 0);
    for (let row = 0; row < rowCount; row += 1) {
      const kind = columns.kind[row];
      const a = columns.a[row] as number;
      const b = columns.b[row] as number;
      const c = columns.c[row] as number;
      if (kind === KIND['record-read']) offsets[c] = b + 1;
      else if (kind === KIND['split-rewound']) {
        offsets[c] = b;
        readers[c] = columns.subtask[row] as number;
      } else if (kind === KIND['snapshot-taken']) {
        const held = taken.get(a) ?? new Map<number, number>();
        readers.forEach((reader, split) => {
          if (reader === columns.subtask[row]) held.set(split, offsets[split] as number);
        });
        taken.set(a, held);
      } else if (kind === KIND['checkpoint-completed'] && c === 0) {
        covered = offsets.map((offset, split) => taken.get(a)?.get(split) ?? offset);
      }
    }
    return covered.filter((_, split) => header.splits[split]?.log !== 'twin');
  }
}

/** The first way in which two lists differ as multisets. */
export function difference(
  actual: readonly string[],
  expected: readonly string[],
): { readonly missing: string | undefined; readonly extra: string | undefined } {
  const left = new Map<string, number>();
  for (const text of expected) left.set(text, (left.get(text) ?? 0) + 1);
  let extra: string | undefined;
  for (const text of actual) {
    const count = left.get(text) ?? 0;
    if (count > 0) left.set(text, count - 1);
    else extra ??= text;
  }
  const missing = [...left].find(([, count]) => count > 0)?.[0];
  return { missing, extra };
}

/** Says how a list differs from what it must be; undefined when it does not. */
export function mustEqual(
  what: string,
  actual: readonly string[],
  expected: readonly string[],
): string | undefined {
  const { missing, extra } = difference(actual, expected);
  return missing !== undefined ? `${what} lacks ${missing}` : mustNotHave(what, extra);
}

/** Says what a list has too much of, compared to what it may have. */
export function mustBeWithin(
  what: string,
  actual: readonly string[],
  allowed: readonly string[],
): string | undefined {
  return mustNotHave(what, difference(actual, allowed).extra);
}

/** Says what a list lacks, however often it has the rest. */
export function mustCover(
  what: string,
  actual: readonly string[],
  expected: readonly string[],
): string | undefined {
  const has = new Set(actual);
  const missing = expected.find((text) => !has.has(text));
  return missing === undefined ? undefined : `${what} lacks ${missing}`;
}

function mustNotHave(what: string, extra: string | undefined): string | undefined {
  return extra === undefined ? undefined : `${what} has ${extra}, once too often`;
}
