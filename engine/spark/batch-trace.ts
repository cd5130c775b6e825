import { commitFact, fileFact } from '../connectors/lake/lake-facts.ts';
import type { LakeTable } from '../connectors/lake/lake-table.ts';
import { KeyTable } from '../core/key-table.ts';
import type { QuerySpec } from '../dataset/data-stream-writer.ts';
import { keyText } from '../dataset/value.ts';
import type { Value } from '../dataset/value.ts';
import { KIND } from '../trace/kinds.ts';
import type { TraceKind } from '../trace/kinds.ts';
import { NONE, Recorder } from '../trace/recorder.ts';
import { LogFactFeed } from '../logs/log-fact-feed.ts';
import type { SplitInfo, StateInfo, SubtaskInfo, Trace } from '../trace/trace.ts';
import type { Partitions, StateListener } from './batch.ts';
import type { BatchWrite } from './batch-sink.ts';
import type { OffsetLogEntry, Offsets } from './checkpoint.ts';
import type { LakeBatch } from './delta-sink.ts';
import type { PhysicalPlan } from './physical-plan.ts';
import type { MicroBatchScenario } from './scenario.ts';
import type { StateCommit } from './state-store.ts';

const DRIVER = 0;

/**
 * Writes what a query does into a trace. Subtask 0 is the driver; then come the partitions of each
 * stateful operator. What a batch does is caused by its `offsets-logged`.
 */
export class BatchTrace {
  readonly #recorder: Recorder;
  readonly #keys = new KeyTable();
  #batchRow = NONE;
  #atMs = 0;
  #feed: LogFactFeed | undefined;
  #partitionCount = 1;
  /** Where the partitions of each stream begin among the splits. */
  #firstSplit: readonly number[] = [];
  readonly #lastWrite = new Map<string, number>();
  #writtenCount = 0;
  /** The watermark that late rows are held to, and that of the next batch. */
  #lateMs = 0;
  #nextLateMs = 0;

  constructor(isOn: boolean) {
    this.#recorder = new Recorder(isOn);
  }

  /** For the stateful operators; undefined when nobody watches. */
  get listener(): StateListener | undefined {
    if (!this.#recorder.isOn) return undefined;
    return {
      updated: (operator, partition, key, value) => {
        this.#state(KIND['state-updated'], operator, partition, key, value);
      },
      removed: (operator, partition, key) => {
        this.#state(KIND['state-cleared'], operator, partition, key, undefined);
      },
      droppedLate: (operator, partition, row, timeMs) => {
        const subtask = this.#subtask(operator, partition);
        const kind = KIND['record-dropped-late'];
        const fact = this.#add(kind, subtask, this.#batchRow, NONE, timeMs, this.#lateMs, 0, NONE);
        this.#recorder.setValue(fact, row);
      },
    };
  }

  prepare(plan: PhysicalPlan, scenario: MicroBatchScenario, partitionCount: number): void {
    this.#partitionCount = partitionCount;
    const splits = splitsOf(plan, scenario);
    this.#feed = new LogFactFeed(scenario.logs, splits, this.#recorder, this.#keys);
    let first = 0;
    this.#firstSplit = plan.streams.map(({ log }) => {
      const own = first;
      first += scenario.logs[log]!.partitions.length;
      return own;
    });
  }

  started(atMs: number, batchId: number, watermarkMs: number): void {
    this.#moveTo(atMs);
    this.#add(KIND['query-started'], DRIVER, NONE, NONE, batchId, watermarkMs, 0, NONE);
  }

  planned(entry: OffsetLogEntry, start: Offsets): void {
    this.#moveTo(entry.batchTimestampMs);
    const { batchId, batchWatermarkMs, offsets } = entry;
    const kind = KIND['batch-planned'];
    const row = this.#add(kind, DRIVER, NONE, NONE, batchId, batchWatermarkMs, 0, NONE);
    this.#recorder.setValue(row, { start, end: offsets });
    this.#batchRow = row;
  }

  offsetsLogged({ batchId, batchWatermarkMs }: OffsetLogEntry): void {
    const kind = KIND['offsets-logged'];
    this.#batchRow = this.#add(
      kind,
      DRIVER,
      this.#batchRow,
      NONE,
      batchId,
      batchWatermarkMs,
      0,
      NONE,
    );
    this.#lateMs = this.#nextLateMs;
    this.#nextLateMs = batchWatermarkMs;
  }

  read(
    streams: PhysicalPlan['streams'],
    places: readonly (readonly (readonly number[])[])[],
    inputs: readonly Partitions[],
    atMs: number,
  ): void {
    this.#moveTo(atMs);
    if (!this.#recorder.isOn) return;
    for (const [stream] of streams.entries()) {
      for (const [partition, rows] of (inputs[stream] ?? []).entries()) {
        const split = (this.#firstSplit[stream] ?? 0) + partition;
        const offsets = places[stream]?.[partition] ?? [];
        for (const [at, value] of rows.entries()) {
          const kind = KIND['record-read'];
          const offset = offsets[at] as number;
          const row = this.#add(kind, DRIVER, this.#batchRow, NONE, atMs, offset, split, NONE);
          this.#recorder.setValue(row, value);
        }
      }
    }
  }

  stateCommitted(batchId: number, operator: number, partition: number, commit: StateCommit): void {
    if (!this.#recorder.isOn || commit.updatedCount + commit.removedCount === 0) return;
    const subtask = this.#subtask(operator, partition);
    const { version, rowCount, deltaBytes } = commit;
    const kind = KIND['state-committed'];
    const row = this.#add(kind, subtask, this.#batchRow, NONE, batchId, version, rowCount, NONE);
    this.#recorder.setValue(row, { bytes: deltaBytes });
  }

  sinkCommitted(
    batchId: number,
    partitions: Partitions,
    { isNew, lake }: BatchWrite,
    table: LakeTable | undefined,
  ): void {
    if (!this.#recorder.isOn) return;
    const rowCount = partitions.reduce((sum, rows) => sum + rows.length, 0);
    if (lake !== undefined && table !== undefined) this.#lakeCommitted(batchId, lake, table);
    else if (isNew) for (const written of partitions.flat()) this.#written(written, NONE);
    const kind = KIND['sink-batch-committed'];
    this.#add(kind, DRIVER, this.#batchRow, NONE, batchId, rowCount, isNew ? 0 : 1, NONE);
  }

  #written(row: unknown, file: number): void {
    const kind = KIND['sink-written'];
    const place = this.#writtenCount;
    const fact = this.#add(kind, DRIVER, this.#batchRow, NONE, 0, place, 0, file);
    this.#recorder.setValue(fact, { key: null, row });
    this.#writtenCount += 1;
  }

  #lakeCommitted(batchId: number, { files, result }: LakeBatch, table: LakeTable): void {
    const note = (kind: TraceKind, a: number, b: number, file: number): number =>
      this.#add(KIND[kind], DRIVER, this.#batchRow, NONE, a, b, 0, file);
    for (const file of files) {
      const { rows } = table.fileAt(file);
      this.#recorder.setValue(note('file-opened', 0, 0, file), fileFact(table, file));
      for (const row of rows) this.#written(row, file);
      note('file-closed', batchId, rows.length, file);
    }
    if (result.type === 'conflict') {
      const reason = `${result.error}: ${result.message}`;
      this.#recorder.setValue(note('table-commit-failed', 0, 0, NONE), reason);
      return;
    }
    const again = result.type === 'already-committed' ? 1 : 0;
    const fact = note('table-committed', result.version, again, NONE);
    this.#recorder.setValue(fact, commitFact(table, result.version));
  }

  watermarkMoved(beforeMs: number, nowMs: number): void {
    if (beforeMs === nowMs) return;
    this.#add(KIND['query-watermark'], DRIVER, this.#batchRow, NONE, nowMs, beforeMs, 0, NONE);
  }

  commitLogged(batchId: number, nextMs: number): void {
    this.#add(KIND['commit-logged'], DRIVER, this.#batchRow, NONE, batchId, nextMs, 0, NONE);
  }

  driverFailed(at: string): void {
    const row = this.#add(KIND['driver-failed'], DRIVER, NONE, NONE, 0, 0, 0, NONE);
    this.#recorder.setValue(row, at);
  }

  taskAgain(batchId: number, partition: number, reason: string, times: number): void {
    const kind = KIND['task-retried'];
    const row = this.#add(kind, DRIVER, this.#batchRow, NONE, batchId, times, partition, NONE);
    this.#recorder.setValue(row, reason);
  }

  finish(scenario: MicroBatchScenario, query: QuerySpec, plan: PhysicalPlan): Trace | undefined {
    if (!this.#recorder.isOn) return undefined;
    const subtasks: SubtaskInfo[] = [subtaskInfo('driver', 0, 'source')];
    const states: StateInfo[] = [];
    for (const { traits } of plan.operators) {
      states.push({ name: 'state', operator: traits.name, kind: 'value' });
      for (let partition = 0; partition < this.#partitionCount; partition += 1) {
        subtasks.push(subtaskInfo(traits.name, partition, 'operator'));
      }
    }
    const splits = splitsOf(plan, scenario);
    const header = {
      version: 1,
      engine: 'spark',
      job: scenario.name,
      subtasks,
      channels: [],
      splits,
      states,
      sinks: [{ name: query.sink.name, kind: query.sink.type === 'delta' ? 'lake' : 'append' }],
      outputTags: [],
      maxParallelism: this.#partitionCount,
      taskManagerCount: scenario.executorCount ?? 1,
    } as const;
    return this.#recorder.finish(header, this.#keys);
  }

  /** What has happened to the logs until then comes first. */
  #moveTo(atMs: number): void {
    this.#atMs = atMs;
    this.#feed?.advanceTo(atMs);
  }

  #state(
    kind: number,
    operator: number,
    partition: number,
    key: readonly Value[],
    value: unknown,
  ): void {
    const subtask = this.#subtask(operator, partition);
    const id = keyText(key);
    const place = `${operator} ${id}`;
    const before = this.#lastWrite.get(place) ?? NONE;
    const interned = this.#keys.intern(JSON.stringify(key));
    const row = this.#add(kind, subtask, this.#batchRow, interned, 0, NONE, operator, before);
    if (value !== undefined) this.#recorder.setValue(row, value);
    this.#lastWrite.set(place, row);
  }

  #subtask(operator: number, partition: number): number {
    return 1 + operator * this.#partitionCount + partition;
  }

  #add(
    kind: number,
    subtask: number,
    cause: number,
    key: number,
    a: number,
    b: number,
    c: number,
    d: number,
  ): number {
    this.#recorder.atMs = this.#atMs;
    return this.#recorder.add(kind, subtask, cause, key, a, b, c, d);
  }
}

function subtaskInfo(operator: string, index: number, kind: SubtaskInfo['kind']): SubtaskInfo {
  return { operator, index, task: operator, taskManager: 0, kind, epoch: 0 };
}

function splitsOf(plan: PhysicalPlan, scenario: MicroBatchScenario): SplitInfo[] {
  return plan.streams.flatMap(({ log }) =>
    scenario.logs[log]!.partitions.map((_, partition) => ({ log, partition, subtask: DRIVER })),
  );
}
