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
  readonly #copies: boolean;
  readonly #keys: Json[] = [];
  readonly #rows: unknown[] = [];

  /** With `copies`, a row is copied when it is written, so that later changes don't show. */
  constructor(name: string, kind: 'append' | 'upsert', copies: boolean) {
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

  write(key: Json, row: unknown): void {
    if (this.kind === 'upsert') this.#keys.push(key);
    this.#rows.push(this.#copies ? toJson(row) : row);
  }
}

/** What a reader of the table sees: the last write of each key, in the order of first writes. */
export function tableOf(writes: readonly SinkRow[]): readonly SinkRow[] {
  const table = new Map<string, SinkRow>();
  for (const write of writes) table.set(JSON.stringify(write.key), write);
  return [...table.values()];
}
