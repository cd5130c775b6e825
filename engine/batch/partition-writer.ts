import { cloneValue } from '../core/clone.ts';
import type { Key, KeyTable } from '../core/key-table.ts';
import { Random } from '../core/random.ts';
import { isConnected } from '../datastream/job-graph.ts';
import type { JobEdge } from '../datastream/job-graph.ts';
import type { Output } from '../operators/operator.ts';
import { keyGroupOf, subtaskOfKeyGroup } from '../state/key-groups.ts';
import { NONE } from '../trace/recorder.ts';
import { RecordColumns } from './record-columns.ts';

/** What a writer has to know of the job around it. */
export interface WriterSettings {
  readonly keys: KeyTable;
  readonly maxParallelism: number;
  /** Records are copied on their way, as by serialization. */
  readonly copies: boolean;
  readonly isTraced: boolean;
  /** For `shuffle()`: other numbers in every attempt. */
  readonly seed: number;
}

/**
 * What one attempt writes for the readers of one edge, kept until they have read it: a part for
 * each of them. Models a blocking result partition of Flink 2.3 (ResultPartitionType.BLOCKING,
 * which ALL_EXCHANGES_BLOCKING gives every edge between tasks) with its stream partitioners.
 * Simplified: in memory; nothing spills.
 * Invariant: a part has its records in the order in which they were written.
 */
export abstract class PartitionWriter implements Output {
  /** By index of the reader; undefined for one that this task is not connected to. */
  readonly parts: readonly (RecordColumns | undefined)[];
  protected readonly connected: readonly RecordColumns[];
  protected readonly copies: boolean;

  constructor(edge: JobEdge, fromIndex: number, { copies, isTraced }: WriterSettings) {
    this.copies = copies;
    this.parts = Array.from({ length: edge.toParallelism }, (_, toIndex) =>
      isConnected(edge, fromIndex, toIndex) ? new RecordColumns(isTraced) : undefined,
    );
    this.connected = this.parts.filter((part) => part !== undefined);
  }

  get recordCount(): number {
    return this.connected.reduce((sum, { count }) => sum + count, 0);
  }

  abstract emit(value: unknown, timestampMs: number, key: number, cause: number): void;
}

/** The writer of one subtask for one edge. */
export function createWriter(
  edge: JobEdge,
  fromIndex: number,
  settings: WriterSettings,
): PartitionWriter {
  switch (edge.partitioning.type) {
    case 'hash':
      return new HashWriter(edge, fromIndex, settings, edge.partitioning.keySelector);
    case 'shuffle':
      return new ShuffleWriter(edge, fromIndex, settings);
    case 'broadcast':
      return new BroadcastWriter(edge, fromIndex, settings);
    case 'global':
      return new GlobalWriter(edge, fromIndex, settings);
    default:
      return new DealingWriter(edge, fromIndex, settings);
  }
}

class HashWriter extends PartitionWriter {
  readonly #keySelector: (value: unknown) => Key;
  readonly #settings: WriterSettings;
  /** By key id. */
  readonly #partOfKey: RecordColumns[] = [];

  constructor(
    edge: JobEdge,
    fromIndex: number,
    settings: WriterSettings,
    keySelector: (value: unknown) => Key,
  ) {
    super(edge, fromIndex, settings);
    this.#keySelector = keySelector;
    this.#settings = settings;
  }

  override emit(value: unknown, timestampMs: number, _key: number, cause: number): void {
    const key = this.#settings.keys.intern(this.#keySelector(value));
    const part = this.#partOfKey[key] ?? this.#route(key);
    part.emit(this.copies ? cloneValue(value) : value, timestampMs, key, cause);
  }

  #route(key: number): RecordColumns {
    const { keys, maxParallelism } = this.#settings;
    const keyGroup = keyGroupOf(keys.valueOf(key), maxParallelism);
    const index = subtaskOfKeyGroup(keyGroup, maxParallelism, this.connected.length);
    const part = this.connected[index] as RecordColumns;
    this.#partOfKey[key] = part;
    return part;
  }
}

/** Deals records round-robin; with one reader, all go there. */
class DealingWriter extends PartitionWriter {
  #next = 0;

  override emit(value: unknown, timestampMs: number, _key: number, cause: number): void {
    const part = this.connected[this.#next] as RecordColumns;
    this.#next = (this.#next + 1) % this.connected.length;
    part.emit(this.copies ? cloneValue(value) : value, timestampMs, NONE, cause);
  }
}

class ShuffleWriter extends PartitionWriter {
  readonly #random: Random;

  constructor(edge: JobEdge, fromIndex: number, settings: WriterSettings) {
    super(edge, fromIndex, settings);
    this.#random = new Random(settings.seed);
  }

  override emit(value: unknown, timestampMs: number, _key: number, cause: number): void {
    const part = this.connected[this.#random.below(this.connected.length)] as RecordColumns;
    part.emit(this.copies ? cloneValue(value) : value, timestampMs, NONE, cause);
  }
}

class BroadcastWriter extends PartitionWriter {
  override emit(value: unknown, timestampMs: number, _key: number, cause: number): void {
    for (const part of this.connected) part.emit(cloneValue(value), timestampMs, NONE, cause);
  }
}

class GlobalWriter extends PartitionWriter {
  override emit(value: unknown, timestampMs: number, _key: number, cause: number): void {
    const part = this.connected[0] as RecordColumns;
    part.emit(this.copies ? cloneValue(value) : value, timestampMs, NONE, cause);
  }
}
