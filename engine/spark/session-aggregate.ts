import { attributesOf, typeIn } from '../dataset/attributes.ts';
import { compile } from '../dataset/expression.ts';
import type { Evaluate } from '../dataset/expression.ts';
import type { LogicalPlan } from '../dataset/plan.ts';
import { keyText } from '../dataset/value.ts';
import type { Row, Value, WindowValue } from '../dataset/value.ts';
import type { ValueType } from '../dataset/value-type.ts';
import { Aggregates } from './aggregates.ts';
import type { Buffer } from './aggregates.ts';
import type { Batch, Partitions, PhysicalNode, StatefulTraits } from './batch.ts';
import { compileGap, sessionOf, windowIn } from './grouping.ts';
import { partitionOf } from './hash-partitioning.ts';
import { isOver } from './late-rows.ts';
import type { StateEntry, StateStore } from './state-store.ts';

type AggregatePlan = Extract<LogicalPlan, { type: 'aggregate' }>;

/** A session of a key, in the batch or in the state. */
interface Session {
  start: number;
  end: number;
  buffers: Buffer[];
}

/** The sessions that rows of a batch open, of one key. */
interface KeySessions {
  readonly key: readonly Value[];
  readonly byBounds: Map<string, Session>;
}

/**
 * Aggregates per session window. Models Spark 4.2.0 SessionWindowStateStoreRestoreExec,
 * MergingSessionsIterator and SessionWindowStateStoreSaveExec: each row opens its own session;
 * those that are over are late, one by one, before anything is merged (unlike in Flink); then
 * sessions of a key that overlap or touch become one, and all of a key are written anew. A session
 * is handed out (append) when its end is over.
 * Invariant: in the state, no two sessions of a key overlap or touch.
 */
export class SessionAggregate implements PhysicalNode {
  readonly children: readonly PhysicalNode[];
  readonly stateful: StatefulTraits;
  readonly #child: PhysicalNode;
  readonly #names: readonly string[];
  readonly #keys: readonly Evaluate[];
  readonly #types: readonly ValueType[];
  /** Place of the session among the columns. */
  readonly #place: number;
  readonly #time: Evaluate;
  readonly #gap: Evaluate;
  readonly #aggregates: Aggregates;
  readonly #hasEventTime: boolean;

  constructor(plan: AggregatePlan, child: PhysicalNode, operator: number, isComplete: boolean) {
    this.#child = child;
    this.children = [child];
    const attributes = attributesOf(plan);
    this.#names = attributes.map(({ name }) => name);
    this.#place = attributes.findIndex(({ isSessionWindow }) => isSessionWindow);
    this.#hasEventTime = attributes[this.#place]?.delayMs !== undefined;
    const session = windowIn(plan.keys[this.#place]!.expression);
    if (session?.type !== 'session_window') throw new Error('not a session window');
    this.#time = compile(session.time);
    this.#gap = compileGap(session.gap);
    const others = plan.keys.filter((_, place) => place !== this.#place);
    this.#keys = others.map(({ expression }) => compile(expression));
    const before = attributesOf(plan.child);
    this.#types = others.map(({ expression }) => typeIn(expression, before));
    this.#aggregates = new Aggregates(plan.aggregates.map(({ expression }) => expression));
    this.stateful = {
      operator,
      name: 'sessionWindowStateStoreSaveExec',
      shouldRunAnotherBatch: (nowMs, beforeMs) => !isComplete && nowMs > beforeMs,
      outputWatermarkMs: (inputMs) => inputMs,
      rowsOf: (value) => (value as readonly Session[]).length,
    };
  }

  execute(batch: Batch): Partitions {
    const { operator } = this.stateful;
    const shuffled = Array.from({ length: batch.shufflePartitions }, (): KeySessions[] => []);
    for (const rows of this.#child.execute(batch)) {
      // Partial aggregation: rows of an input partition with the same key and bounds are one.
      for (const sessions of this.#opened(rows).values()) {
        (shuffled[partitionOf(sessions.key, this.#types, shuffled.length)] as KeySessions[]).push(
          sessions,
        );
      }
    }
    return shuffled.map((sessions, partition) => {
      const store = batch.store(operator, partition);
      this.#update(batch, partition, store, sessions);
      return batch.outputMode === 'complete'
        ? this.#all(store)
        : this.#removeOver(batch, partition, store);
    });
  }

  #opened(rows: readonly Row[]): Map<string, KeySessions> {
    const byKey = new Map<string, KeySessions>();
    for (const row of rows) {
      const start = this.#time(row) as number | null;
      const gap = this.#gap(row) as number | null;
      if (start === null || gap === null || gap <= 0) continue;
      const key = this.#keys.map((column) => column(row));
      const id = keyText(key);
      let sessions = byKey.get(id);
      if (sessions === undefined) {
        sessions = { key, byBounds: new Map() };
        byKey.set(id, sessions);
      }
      const { end } = sessionOf(start, gap);
      const bounds = `${start} ${end}`;
      let session = sessions.byBounds.get(bounds);
      if (session === undefined) {
        session = { start, end, buffers: this.#aggregates.zero() };
        sessions.byBounds.set(bounds, session);
      }
      this.#aggregates.add(session.buffers, row);
    }
    return byKey;
  }

  #update(batch: Batch, partition: number, store: StateStore, all: readonly KeySessions[]): void {
    const { operator } = this.stateful;
    const metrics = batch.metrics(operator);
    const lateMs = batch.lateWatermarkMs(operator);
    const byKey = new Map<string, { key: readonly Value[]; sessions: Session[] }>();
    for (const { key, byBounds } of all) {
      for (const session of byBounds.values()) {
        if (this.#hasEventTime && isOver(session.end, lateMs)) {
          metrics.numRowsDroppedByWatermark += 1;
          const row = this.#rowOf(key, session);
          batch.listener?.droppedLate(operator, partition, row, session.end);
          continue;
        }
        const id = keyText(key);
        const held = byKey.get(id);
        if (held === undefined) byKey.set(id, { key, sessions: [session] });
        else held.sessions.push(session);
      }
    }
    for (const [id, { key, sessions }] of byKey) {
      const before = (store.get(id)?.value ?? []) as readonly Session[];
      const merged = this.#merged([...before, ...sessions]);
      store.put(id, { key, value: merged });
      // The state has a row per session, by its start: one that starts earlier now is another row.
      metrics.numRowsUpdated += merged.length;
      metrics.numRowsRemoved += before.filter(
        ({ start }) => !merged.some((session) => session.start === start),
      ).length;
      batch.listener?.updated(operator, partition, key, merged);
    }
  }

  /** Sorted by start; what touches the session before belongs to it. */
  #merged(sessions: readonly Session[]): Session[] {
    const sorted = [...sessions].sort((left, right) => left.start - right.start);
    const merged: Session[] = [];
    for (const session of sorted) {
      const last = merged.at(-1);
      if (last === undefined || session.start > last.end) {
        merged.push({ ...session });
        continue;
      }
      last.end = Math.max(last.end, session.end);
      last.buffers = this.#aggregates.merge(last.buffers, session.buffers);
    }
    return merged;
  }

  #removeOver(batch: Batch, partition: number, store: StateStore): Row[] {
    if (!this.#hasEventTime) return [];
    const { operator } = this.stateful;
    const metrics = batch.metrics(operator);
    const evictionMs = batch.evictionWatermarkMs(operator);
    const rows: Row[] = [];
    for (const [id, { key, value }] of [...store.entries()]) {
      const sessions = value as readonly Session[];
      const left = sessions.filter(({ end }) => !isOver(end, evictionMs));
      if (left.length === sessions.length) continue;
      const over = sessions.filter(({ end }) => isOver(end, evictionMs));
      for (const session of over) rows.push(this.#rowOf(key, session));
      metrics.numRowsRemoved += over.length;
      if (left.length === 0) {
        store.remove(id);
        batch.listener?.removed(operator, partition, key);
      } else {
        store.put(id, { key, value: left });
        batch.listener?.updated(operator, partition, key, left);
      }
    }
    return rows;
  }

  #all(store: StateStore): Row[] {
    const rows: Row[] = [];
    for (const [, { key, value }] of store.entries() as IterableIterator<[string, StateEntry]>) {
      for (const session of value as readonly Session[]) rows.push(this.#rowOf(key, session));
    }
    return rows;
  }

  #rowOf(key: readonly Value[], { start, end, buffers }: Session): Row {
    const window: WindowValue = { start, end };
    const keys = [...key.slice(0, this.#place), window, ...key.slice(this.#place)];
    const values = [...keys, ...this.#aggregates.results(buffers)];
    return Object.fromEntries(this.#names.map((name, at) => [name, values[at] ?? null]));
  }
}
