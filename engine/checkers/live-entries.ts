import { KIND, TIME_DOMAINS } from '../trace/kinds.ts';
import type { TimeDomain } from '../trace/kinds.ts';
import type { Trace } from '../trace/trace.ts';

/** Something that a subtask keeps for a key. */
export interface LiveEntry {
  readonly key: number;
  /** The row that wrote the state or set the timer. */
  readonly row: number;
}

export interface LiveState extends LiveEntry {
  readonly state: number;
  /** Index in the trace's `keys`, or -1 when the state is not a map. */
  readonly mapKey: number;
}

export interface LiveTimer extends LiveEntry {
  readonly timeMs: number;
  readonly domain: TimeDomain;
}

export interface LiveSnapshot {
  readonly states: ReadonlyMap<string, LiveState>;
  readonly timers: ReadonlyMap<string, LiveTimer>;
}

/** Follows, row by row, which entries of state and which timers one subtask holds. */
export class LiveEntries {
  readonly #trace: Trace;
  #states = new Map<string, LiveState>();
  #timers = new Map<string, LiveTimer>();

  constructor(trace: Trace) {
    this.#trace = trace;
  }

  get states(): readonly LiveState[] {
    return [...this.#states.values()];
  }

  get timers(): readonly LiveTimer[] {
    return [...this.#timers.values()];
  }

  holdsStateOf(key: number): boolean {
    return this.states.some((entry) => entry.key === key);
  }

  /** Takes in a row of this subtask; rows of other kinds change nothing. */
  apply(row: number): void {
    const { columns } = this.#trace;
    const key = columns.key[row] as number;
    switch (columns.kind[row]) {
      case KIND['state-updated']: {
        const state = columns.c[row] as number;
        const mapKey = columns.b[row] as number;
        this.#states.set(`${state}/${key}/${mapKey}`, { key, row, state, mapKey });
        return;
      }
      case KIND['state-cleared']:
        this.#clear(columns.c[row] as number, key, columns.b[row] as number);
        return;
      case KIND['timer-set']: {
        const timeMs = columns.a[row] as number;
        const domain = TIME_DOMAINS[columns.c[row] as number] ?? 'event-time';
        this.#timers.set(`${domain}/${key}/${timeMs}`, { key, row, timeMs, domain });
        return;
      }
      case KIND['timer-deleted']:
      case KIND['timer-fired']: {
        const domain = TIME_DOMAINS[columns.c[row] as number] ?? 'event-time';
        this.#timers.delete(`${domain}/${key}/${columns.a[row] as number}`);
        return;
      }
      default:
    }
  }

  snapshot(): LiveSnapshot {
    return { states: new Map(this.#states), timers: new Map(this.#timers) };
  }

  restore(snapshot: LiveSnapshot | undefined): void {
    this.#states = new Map(snapshot?.states);
    this.#timers = new Map(snapshot?.timers);
  }

  /** Clearing a map as a whole has no map key, and takes all its entries. */
  #clear(state: number, key: number, mapKey: number): void {
    for (const [id, entry] of this.#states) {
      const isHit = mapKey === -1 || entry.mapKey === mapKey;
      if (entry.state === state && entry.key === key && isHit) this.#states.delete(id);
    }
  }
}
