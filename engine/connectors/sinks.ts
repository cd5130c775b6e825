import { toJson } from '../core/clone.ts';
import type { Json } from '../core/clone.ts';
import { minutes } from '../core/durations.ts';
import { ConfigError } from '../core/errors.ts';
import type { TableDefinition } from '../trace/table-contents.ts';
import type { SinkInfo } from '../trace/trace.ts';
import { checkName, toColumns } from './external-store.ts';
import type { PlainTarget, SinkConnection, SinkRow, SinkTable } from './external-store.ts';
import { SinkWriter } from './sink-writer.ts';
import { TransactionalStore } from './transactional-store.ts';
import { TwoPhaseCommitWriter } from './two-phase-commit-writer.ts';

export type { SinkRow, SinkTable };

/**
 * Sinks are outside the job: what they received stays when the job fails.
 * `append` adds a row for every record, so a replay after a failure adds it again.
 * `upsert` keeps one row per key, the last written, so a replay of the same row changes nothing.
 * `increment` adds to a number per key, so a replay adds again.
 * `transactional` shows what it got once a checkpoint is complete: exactly once, and later.
 */
export interface Sink<T> {
  readonly kind: SinkKind;
  readonly name: string;
  readonly key: ((row: T) => Json) | undefined;
  /** What an incrementing sink adds. */
  readonly amount?: (row: T) => number;
  /** The table that it writes to, when that has a primary key. */
  readonly table?: TableDefinition;
  /**
   * Makes the system outside for one run. With `copies`, a row is copied when it is written, so
   * that later changes don't show.
   */
  readonly connect: (copies: boolean) => SinkConnection;
}

export type SinkKind = SinkInfo['kind'];

/** A plain table or topic that only grows. */
export function appendSink<T>(options: { readonly name: string }): Sink<T> {
  return plainSink({ kind: 'append', name: checkName(options.name), key: undefined });
}

/** A database table written by primary key. */
export function upsertSink<T>(options: {
  readonly name: string;
  readonly key: (row: T) => Json;
}): Sink<T> {
  if (typeof options.key !== 'function') {
    throw new ConfigError(
      'an upserting sink needs a key',
      options.key,
      'give for example key: (row) => [row.origin, row.startMs]',
    );
  }
  return plainSink({ kind: 'upsert', name: checkName(options.name), key: options.key });
}

/** A counter in a database: `UPDATE … SET n = n + amount WHERE key = …`. */
export function incrementSink<T>(options: {
  readonly name: string;
  readonly key: (row: T) => Json;
  readonly amount: (row: T) => number;
}): Sink<T> {
  const { key, amount } = options;
  return plainSink({ kind: 'increment', name: checkName(options.name), key, amount });
}

/**
 * A topic written in transactions, committed with the checkpoints. The timeout is that of the
 * broker, in ms. Kafka 4.x: `transaction.max.timeout.ms` is 15 min by default; Flink's KafkaSink
 * asks for an hour unless told otherwise.
 * @throws ConfigError when the timeout is not positive.
 */
export function transactionalSink<T>(options: {
  readonly name: string;
  readonly transactionTimeoutMs?: number;
}): Sink<T> {
  const { transactionTimeoutMs = minutes(15) } = options;
  if (!(transactionTimeoutMs > 0)) {
    throw new ConfigError(
      'a transaction timeout must be positive',
      transactionTimeoutMs,
      'use for example minutes(15)',
    );
  }
  const name = checkName(options.name);
  return {
    kind: 'transactional',
    name,
    key: undefined,
    connect: () => {
      const store = new TransactionalStore(name, transactionTimeoutMs);
      return {
        store,
        createWriter: (context, index) =>
          new TwoPhaseCommitWriter(context, { key: undefined }, store, index),
      };
    },
  };
}

type PlainKind = 'append' | 'upsert' | 'increment';

function plainSink<T>(sink: Omit<Sink<T>, 'connect'> & { readonly kind: PlainKind }): Sink<T> {
  return {
    ...sink,
    connect: (copies) => {
      const store = new SinkStore(sink.name, sink.kind, copies);
      const written = sink as Omit<Sink<unknown>, 'connect'>;
      return {
        store,
        createWriter: (context, index) => new SinkWriter(context, written, store, index),
      };
    },
  };
}

/** What a sink holds while the scenario runs: it outlives every attempt of the job. */
export class SinkStore implements PlainTarget {
  readonly name: string;
  readonly kind: PlainKind;
  readonly #copies: boolean;
  readonly #keys: Json[] = [];
  readonly #rows: unknown[] = [];

  /** With `copies`, a row is copied when it is written, so that later changes don't show. */
  constructor(name: string, kind: PlainKind, copies: boolean) {
    this.name = name;
    this.kind = kind;
    this.#copies = copies;
  }

  get writeCount(): number {
    return this.#rows.length;
  }

  /** Every write, in order. */
  writes(): readonly SinkRow[] {
    return this.#rows.map((row, place) => ({
      key: this.#keys[place] ?? null,
      row: this.#copies ? (row as Json) : toJson(row),
    }));
  }

  tables(): readonly SinkTable[] {
    const writes = this.writes();
    const { name, kind } = this;
    const rows =
      kind === 'increment'
        ? sumsOf(writes).map(({ key, row }) => ({ key, amount: row }))
        : (kind === 'upsert' ? tableOf(writes) : writes).map(({ row }) => toColumns(row));
    return [{ name, primaryKey: [], rows }];
  }

  write(key: Json, row: unknown): undefined {
    if (this.kind !== 'append') this.#keys.push(key);
    this.#rows.push(this.#copies ? toJson(row) : row);
  }
}

/** What a reader of the table sees: the last write of each key, in the order of first writes. */
export function tableOf(writes: readonly SinkRow[]): readonly SinkRow[] {
  const table = new Map<string, SinkRow>();
  for (const write of writes) table.set(JSON.stringify(write.key), write);
  return [...table.values()];
}

/** What a reader of counters sees: the sum of what was added by key, in order of first adds. */
export function sumsOf(writes: readonly SinkRow[]): readonly SinkRow[] {
  const sums = new Map<string, SinkRow>();
  for (const { key, row } of writes) {
    const id = JSON.stringify(key);
    const before = sums.get(id)?.row ?? 0;
    sums.set(id, { key, row: Number(before) + Number(row) });
  }
  return [...sums.values()];
}
