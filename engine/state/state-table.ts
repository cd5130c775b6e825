import { ConfigError } from '../core/errors.ts';
import { NONE } from '../trace/recorder.ts';
import type { KeyedStateKind, MapKey } from './descriptors.ts';
import { KeySlots } from './key-slots.ts';
import { StateFacts } from './state-context.ts';
import type { KeyContext, StateBackendType } from './state-context.ts';
import type { StateTtl } from './state-ttl.ts';

/** One entry of a map, or one element of a list. */
export interface StateCell {
  value: unknown;
  /** The fact that wrote it, or NONE. */
  row: number;
  /** When it was written, in ms; counts only if it can expire. */
  writtenMs: number;
}

/** All cells of a map by their key. */
export type MapCells = Map<MapKey, StateCell>;

/**
 * The elements of a list. An element keeps its label, which is how the trace calls it, when those
 * before it expire: the first has label `firstLabel`.
 */
export interface ListCells {
  cells: StateCell[];
  firstLabel: number;
}

/** One entry of a snapshot. `mapKey` is the label of an element in a list. */
export type StateEntry = readonly [
  key: number,
  mapKey: MapKey | null,
  value: unknown,
  row: number,
  writtenMs: number,
];

/** One named state as a checkpoint has it. */
export interface StateSnapshot {
  readonly name: string;
  readonly kind: KeyedStateKind;
  /** Whether it could expire, so that `writtenMs` counts. */
  readonly hasTtl: boolean;
  readonly entries: readonly StateEntry[];
  /** What was left out because it had expired, so that a restore can say so. */
  readonly leftOut: readonly (readonly [key: number, mapKey: MapKey | null, row: number])[];
}

/** What a table is for. */
export interface StateTableSettings {
  readonly name: string;
  readonly kind: KeyedStateKind;
  readonly stateIndex: number;
  readonly type: StateBackendType;
  readonly ttl: StateTtl | undefined;
}

/**
 * One named state of all keys, in columns: its content by place, and for single values the fact
 * that wrote them and when.
 */
export class StateTable {
  readonly name: string;
  readonly kind: KeyedStateKind;
  readonly type: StateBackendType;
  /** Whether values are copied when read and written. */
  readonly isCopying: boolean;
  readonly ttl: StateTtl | undefined;
  readonly facts: StateFacts;
  readonly isTraced: boolean;
  readonly slots = new KeySlots();
  /** By place: a value, a `MapCells` or a `ListCells`. */
  readonly contents: unknown[] = [];
  /** By place, for single values when traced. */
  readonly rows: number[] = [];
  /** By place, for single values that can expire. */
  readonly writtenMs: number[] = [];
  readonly #context: KeyContext;
  /** Where the background clean-up goes on. */
  #cleanupPlace = 0;

  constructor(settings: StateTableSettings, context: KeyContext) {
    this.name = settings.name;
    this.kind = settings.kind;
    this.type = settings.type;
    this.isCopying = settings.type === 'rocksdb';
    this.ttl = settings.ttl;
    this.#context = context;
    this.facts = new StateFacts(context, settings.stateIndex);
    this.isTraced = context.recorder.isOn;
  }

  /** @throws ConfigError outside of a keyed callback. */
  currentKey(): number {
    const key = this.#context.currentKey;
    if (key === NONE) throw noKey(this.name);
    return key;
  }

  /** Where the current key's content is, or -1. */
  currentPlace(): number {
    return this.slots.find(this.currentKey());
  }

  nowMs(): number {
    return this.ttl === undefined ? 0 : this.ttl.nowMs();
  }

  add(key: number, content: unknown): number {
    const place = this.slots.add(key);
    this.contents.push(content);
    if (this.kind === 'map' || this.kind === 'list') return place;
    if (this.isTraced) this.rows.push(NONE);
    if (this.ttl !== undefined) this.writtenMs.push(0);
    return place;
  }

  removeAt(place: number): void {
    this.slots.removeAt(place);
    moveLast(this.contents, place);
    if (this.kind === 'map' || this.kind === 'list') return;
    if (this.isTraced) moveLast(this.rows, place);
    if (this.ttl !== undefined) moveLast(this.writtenMs, place);
  }

  /** Sets a single value of the current key. */
  write(key: number, place: number, value: unknown): void {
    let at = place;
    if (at < 0) at = this.add(key, value);
    else this.contents[at] = value;
    if (this.isTraced) {
      const previous = this.rows[at] as number;
      this.rows[at] = this.facts.written(key, null, previous, value);
    }
    if (this.ttl !== undefined) this.writtenMs[at] = this.ttl.nowMs();
  }

  /** The single value of the current key, or undefined: noted as read, and gone if it expired. */
  readCurrent(): unknown {
    const place = this.currentPlace();
    if (this.isTraced) this.noteRead(place);
    if (place < 0) return undefined;
    const value = this.contents[place];
    const { ttl } = this;
    if (ttl === undefined) return value;
    if (ttl.isExpired(this.writtenMs[place] as number)) {
      this.expireAt(place);
      return ttl.returnsExpired ? value : undefined;
    }
    if (ttl.refreshesOnRead) this.writtenMs[place] = ttl.nowMs();
    return value;
  }

  /** What a new value is folded into, or undefined: the value unless it may not be seen. */
  readForFold(place: number): unknown {
    if (this.isTraced) this.noteRead(place);
    if (place < 0) return undefined;
    const { ttl } = this;
    const isHidden =
      ttl !== undefined && !ttl.returnsExpired && ttl.isExpired(this.writtenMs[place] as number);
    return isHidden ? undefined : this.contents[place];
  }

  noteRead(place: number): void {
    const row = place < 0 ? NONE : (this.rows[place] as number);
    this.facts.read(this.#context.currentKey, null, row);
  }

  /** Removes what the current key holds. */
  clearCurrent(): void {
    const key = this.currentKey();
    const place = this.slots.find(key);
    if (place < 0) return;
    const row = this.rows[place] ?? NONE;
    this.removeAt(place);
    this.facts.cleared(key, null, row);
  }

  /** Removes what any key holds. */
  clearAll(): void {
    for (let place = this.slots.size - 1; place >= 0; place -= 1) {
      const key = this.slots.keys[place] as number;
      const row = this.rows[place] ?? NONE;
      this.removeAt(place);
      this.facts.cleared(key, null, row);
    }
  }

  /** Removes a single value because its time is over. */
  expireAt(place: number): void {
    const key = this.slots.keys[place] as number;
    const row = this.rows[place] ?? NONE;
    const atMs = (this.ttl as StateTtl).expiryMs(this.writtenMs[place] as number);
    this.removeAt(place);
    this.facts.expired(key, null, row, atMs);
  }

  /** Writes every entry into the trace: it was restored where no snapshot of the trace says so. */
  noteRestored(): void {
    for (let place = 0; place < this.slots.size; place += 1) {
      const key = this.slots.keys[place] as number;
      const content = this.contents[place];
      if (this.kind === 'map') {
        for (const [mapKey, cell] of content as MapCells) this.#noteCell(key, mapKey, cell);
      } else if (this.kind === 'list') {
        const { cells, firstLabel } = content as ListCells;
        cells.forEach((cell, index) => this.#noteCell(key, firstLabel + index, cell));
      } else if (this.isTraced) {
        this.rows[place] = this.facts.written(key, null, this.rows[place] ?? NONE, content);
      }
    }
  }

  #noteCell(key: number, mapKey: MapKey, cell: StateCell): void {
    cell.row = this.facts.written(key, mapKey, cell.row, cell.value);
  }

  /** After an access: the background clean-up looks at some more entries. */
  cleanUp(): void {
    const { ttl } = this;
    if (ttl === undefined) return;
    for (let count = 0; count < ttl.cleanupSize; count += 1) {
      if (this.#cleanupPlace >= this.slots.size) {
        this.#cleanupPlace = 0;
        return;
      }
      if (!this.expireContents(this.#cleanupPlace)) this.#cleanupPlace += 1;
    }
  }

  /** Removes what has expired of the content at `place`; returns whether nothing is left. */
  expireContents(place: number): boolean {
    const ttl = this.ttl as StateTtl;
    if (this.kind === 'map') return this.#expireMap(place, ttl);
    if (this.kind === 'list') return this.#expireList(place, ttl);
    if (!ttl.isExpired(this.writtenMs[place] as number)) return false;
    this.expireAt(place);
    return true;
  }

  #expireMap(place: number, ttl: StateTtl): boolean {
    const key = this.slots.keys[place] as number;
    const cells = this.contents[place] as MapCells;
    for (const [mapKey, cell] of cells) {
      if (!ttl.isExpired(cell.writtenMs)) continue;
      cells.delete(mapKey);
      this.facts.expired(key, mapKey, cell.row, ttl.expiryMs(cell.writtenMs));
    }
    if (cells.size > 0) return false;
    this.removeAt(place);
    return true;
  }

  #expireList(place: number, ttl: StateTtl): boolean {
    const key = this.slots.keys[place] as number;
    const list = this.contents[place] as ListCells;
    let expiredCount = 0;
    // Elements are written in order, so those that have expired are the first ones.
    for (const cell of list.cells) {
      if (!ttl.isExpired(cell.writtenMs)) break;
      const label = list.firstLabel + expiredCount;
      this.facts.expired(key, label, cell.row, ttl.expiryMs(cell.writtenMs));
      expiredCount += 1;
    }
    if (expiredCount > 0) {
      list.cells = list.cells.slice(expiredCount);
      list.firstLabel += expiredCount;
    }
    if (list.cells.length > 0) return false;
    this.removeAt(place);
    return true;
  }
}

/** Fills the place of what was removed with the last one. */
function moveLast<T>(column: T[], place: number): void {
  const last = column.pop() as T;
  if (place < column.length) column[place] = last;
}

function noKey(name: string): ConfigError {
  return new ConfigError(
    'no key is set: keyed state can only be used while a record or timer of a key is handled',
    `state "${name}" outside of such a call`,
    'use the state in processElement or onTimer, not in open() or the constructor',
  );
}
