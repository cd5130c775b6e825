import { toJson } from '../core/clone.ts';
import type { Json } from '../core/clone.ts';
import { ConfigError } from '../core/errors.ts';

/**
 * Sinks are outside the job: what they received stays when the job fails.
 * `append` adds a row for every record, so a replay after a failure adds it again.
 * `upsert` keeps one row per key, the last written, so a replay of the same row changes nothing.
 */
export interface Sink<T> {
  readonly kind: 'append' | 'upsert';
  readonly name: string;
  readonly key: ((row: T) => Json) | undefined;
}

/** A plain table or topic that only grows. */
export function appendSink<T>(options: { readonly name: string }): Sink<T> {
  return { kind: 'append', name: checkName(options.name), key: undefined };
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
  return { kind: 'upsert', name: checkName(options.name), key: options.key };
}

function checkName(name: string): string {
  if (typeof name === 'string' && name !== '') return name;
  throw new ConfigError('a sink must have a name', name, "use for example name: 'board'");
}

/** One write that reached a sink. */
export interface SinkRow {
  readonly key: Json;
  readonly row: Json;
}

/** What a sink holds while the scenario runs: it outlives every attempt of the job. */
export class SinkStore {
  readonly name: string;
  readonly kind: 'append' | 'upsert';
  readonly #writes: SinkRow[] = [];

  constructor(name: string, kind: 'append' | 'upsert') {
    this.name = name;
    this.kind = kind;
  }

  get writeCount(): number {
    return this.#writes.length;
  }

  /** Every write, in order. */
  get writes(): readonly SinkRow[] {
    return this.#writes;
  }

  write(key: Json, row: unknown): SinkRow {
    const write = { key, row: toJson(row) };
    this.#writes.push(write);
    return write;
  }
}

/** What a reader of the table sees: the last write of each key, in the order of first writes. */
export function tableOf(writes: readonly SinkRow[]): readonly SinkRow[] {
  const table = new Map<string, SinkRow>();
  for (const write of writes) table.set(JSON.stringify(write.key), write);
  return [...table.values()];
}
