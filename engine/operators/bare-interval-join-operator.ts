import { cloneValue } from '../core/clone.ts';
import { NumberHeap } from '../core/number-heap.ts';
import { TIMER_BYTES, byteSize, entryBytes } from '../state/byte-size.ts';
import type { StateEntry, StateSnapshot } from '../state/state-table.ts';
import type { TimerEntry, TimerSnapshot } from '../state/timers.ts';
import { NONE } from '../trace/recorder.ts';
import { IntervalJoinOperator, LEFT_BUFFER, RIGHT_BUFFER } from './interval-join-operator.ts';
import type { IntervalJoinConfig } from './interval-join-operator.ts';
import type { ProcessJoinFunction } from './join-functions.ts';
import { JoinSide } from './join-side.ts';
import type { OperatorContext, OperatorSnapshot } from './operator.ts';

/** How coarsely what is over is swept out, in ms: until then it is passed over. */
const SWEEP_MS = 1_000;

/** What is kept of one key. */
interface Kept {
  left: JoinSide | undefined;
  right: JoinSide | undefined;
  sweptMs: number;
}

/**
 * Does what IntervalJoinOperator does, in runs without a trace that keep state on the heap: there,
 * nobody sees a timer that only clears a buffer. So none is set: a record's timestamp says when its
 * time is over, and what is over is swept out in bulk. A snapshot has the timers all the same.
 * Models Flink 2.3 IntervalJoinOperator.
 * Invariant: results, snapshots and sizes are those of IntervalJoinOperator.
 */
export class BareIntervalJoinOperator extends IntervalJoinOperator {
  /** Until when a record of either side is kept, from its timestamp. */
  readonly #leftMs: number;
  readonly #rightMs: number;
  readonly #kept: (Kept | undefined)[] = [];
  /** Which keys have something to sweep out, by its time in units of `SWEEP_MS`. */
  readonly #keysBySweep = new Map<number, number[]>();
  readonly #sweeps = new NumberHeap();
  #nextOrder = 0;
  /** What was there at the last watermark, and is not kept beyond it, is over. */
  #overMs = -Infinity;
  #overOrder = 0;
  /** It was restored from state that other bounds left behind: only timers tell what is over. */
  #needsTimers = false;

  constructor(
    context: OperatorContext,
    userFunction: ProcessJoinFunction<unknown, unknown, unknown>,
    config: IntervalJoinConfig,
  ) {
    super(context, userFunction, config);
    this.#leftMs = Math.max(config.upperBoundMs, 0);
    this.#rightMs = -Math.min(config.lowerBoundMs, 0);
  }

  protected override keepAndJoin(isLeft: boolean, value: unknown, timestampMs: number): void {
    if (this.#needsTimers) {
      super.keepAndJoin(isLeft, value, timestampMs);
      return;
    }
    const key = this.context.currentKey;
    let kept = this.#kept[key];
    if (kept === undefined) {
      kept = { left: undefined, right: undefined, sweptMs: -Infinity };
      this.#kept[key] = kept;
    }
    const isNew = this.#keep(isLeft, kept, value, timestampMs);
    const others = isLeft ? kept.right : kept.left;
    if (others !== undefined) this.#joinWith(isLeft, others, value, timestampMs);
    const overMs = timestampMs + (isLeft ? this.#leftMs : this.#rightMs);
    // Refuses times that are not whole.
    if (!Number.isInteger(overMs)) this.timerService.registerEventTimeTimer(overMs);
    if (isNew) this.#planSweep(key, overMs);
  }

  override processWatermark(watermarkMs: number, cause: number): void {
    if (this.#needsTimers) {
      super.processWatermark(watermarkMs, cause);
      return;
    }
    this.#overMs = watermarkMs;
    this.#overOrder = this.#nextOrder;
    const sweeps = this.#sweeps;
    while ((sweeps.peek() + 1) * SWEEP_MS <= watermarkMs) {
      const sweep = sweeps.pop();
      const keys = this.#keysBySweep.get(sweep) as number[];
      this.#keysBySweep.delete(sweep);
      for (const key of keys) this.#sweepKey(key);
    }
  }

  override snapshot(checkpointId: number): OperatorSnapshot {
    const snapshot = super.snapshot(checkpointId);
    if (this.#needsTimers) return snapshot;
    const left = this.#entriesOf(true);
    const right = this.#entriesOf(false);
    const keyed = (snapshot.keyed ?? []).map((state): StateSnapshot => {
      if (state.name === LEFT_BUFFER) return { ...state, entries: left };
      return state.name === RIGHT_BUFFER ? { ...state, entries: right } : state;
    });
    return { ...snapshot, keyed, eventTimers: { entries: this.#timers() } };
  }

  override restore(snapshot: OperatorSnapshot): void {
    const { keyed = [], eventTimers = { entries: [] } } = snapshot;
    const left = keyed.find(({ name }) => name === LEFT_BUFFER)?.entries ?? [];
    const right = keyed.find(({ name }) => name === RIGHT_BUFFER)?.entries ?? [];
    const orders = ordersOf(eventTimers);
    const nameOf = (isLeft: boolean, [key, mapKey]: StateEntry): string =>
      timerName(key, Number(mapKey) + (isLeft ? this.#leftMs : this.#rightMs));
    const names = new Set([
      ...left.map((entry) => nameOf(true, entry)),
      ...right.map((entry) => nameOf(false, entry)),
    ]);
    this.#needsTimers = names.size !== orders.size || ![...names].every((name) => orders.has(name));
    if (this.#needsTimers) {
      super.restore(snapshot);
      return;
    }
    const emptied = keyed.map((state) =>
      state.name === LEFT_BUFFER || state.name === RIGHT_BUFFER ? { ...state, entries: [] } : state,
    );
    super.restore({ ...snapshot, keyed: emptied, eventTimers: { entries: [] } });
    for (const entry of left) this.#takeOver(true, entry, orders.get(nameOf(true, entry)));
    for (const entry of right) this.#takeOver(false, entry, orders.get(nameOf(false, entry)));
    this.#nextOrder = orders.size;
  }

  override entryCount(): number {
    return super.entryCount() + this.#bufferCount() + this.#timers().length;
  }

  override byteCount(): number {
    const { keys, backendType } = this.context;
    let bytes = super.byteCount() + this.#timers().length * TIMER_BYTES;
    this.#forEachLive((key, _isLeft, timeMs, _order, records) => {
      const ofKeys = byteSize(keys.valueOf(key)) + byteSize(timeMs);
      bytes += entryBytes(backendType) + ofKeys + byteSize(records);
    });
    return bytes;
  }

  /** Returns whether its timestamp is new for the key. */
  #keep(isLeft: boolean, kept: Kept, value: unknown, timestampMs: number): boolean {
    let side = isLeft ? kept.left : kept.right;
    if (side === undefined) {
      side = new JoinSide();
      if (isLeft) kept.left = side;
      else kept.right = side;
    }
    const place = side.find(timestampMs);
    if (place >= 0 && !this.#isOver(isLeft, timestampMs, side.orders[place] as number)) {
      (side.records[place] as unknown[]).push(value);
      return false;
    }
    side.add(timestampMs, this.#nextOrder, [value]);
    this.#nextOrder += 1;
    return true;
  }

  #joinWith(isLeft: boolean, others: JoinSide, value: unknown, timestampMs: number): void {
    const { times, orders, records } = others;
    for (let place = 0; place < times.length; place += 1) {
      const otherMs = times[place] as number;
      if (!this.isWithin(isLeft, timestampMs, otherMs)) continue;
      if (this.#isOver(!isLeft, otherMs, orders[place] as number)) continue;
      this.beginPair(isLeft, timestampMs, otherMs, NONE);
      this.joinWithAll(isLeft, value, records[place] as unknown[]);
    }
  }

  #isOver(isLeft: boolean, timestampMs: number, order: number): boolean {
    const overMs = timestampMs + (isLeft ? this.#leftMs : this.#rightMs);
    return overMs <= this.#overMs && order < this.#overOrder;
  }

  #planSweep(key: number, overMs: number): void {
    const sweep = Math.floor(overMs / SWEEP_MS);
    const keys = this.#keysBySweep.get(sweep);
    if (keys !== undefined) {
      keys.push(key);
      return;
    }
    this.#keysBySweep.set(sweep, [key]);
    this.#sweeps.push(sweep);
  }

  #sweepKey(key: number): void {
    const kept = this.#kept[key];
    if (kept === undefined || kept.sweptMs === this.#overMs) return;
    kept.sweptMs = this.#overMs;
    const { left, right } = kept;
    const isLeftEmpty = left?.sweep((timeMs, order) => this.#isOver(true, timeMs, order)) ?? true;
    const isRightEmpty =
      right?.sweep((timeMs, order) => this.#isOver(false, timeMs, order)) ?? true;
    if (isLeftEmpty && isRightEmpty) this.#kept[key] = undefined;
  }

  #takeOver(isLeft: boolean, [key, mapKey, saved]: StateEntry, order = 0): void {
    const kept = this.#kept[key] ?? { left: undefined, right: undefined, sweptMs: -Infinity };
    this.#kept[key] = kept;
    const side = (isLeft ? kept.left : kept.right) ?? new JoinSide();
    if (isLeft) kept.left = side;
    else kept.right = side;
    const timeMs = Number(mapKey);
    side.add(timeMs, order, cloneValue(saved) as unknown[]);
    this.#planSweep(key, timeMs + (isLeft ? this.#leftMs : this.#rightMs));
  }

  /** The timers that IntervalJoinOperator would have, in the order of their registration. */
  #timers(): TimerEntry[] {
    const timers = new Map<string, { timeMs: number; key: number; order: number }>();
    this.#forEachLive((key, isLeft, timestampMs, order) => {
      const timeMs = timestampMs + (isLeft ? this.#leftMs : this.#rightMs);
      const name = timerName(key, timeMs);
      const known = timers.get(name);
      if (known === undefined) timers.set(name, { timeMs, key, order });
      else known.order = Math.min(known.order, order);
    });
    const inOrder = [...timers.values()].sort((left, right) => left.order - right.order);
    return inOrder.map(({ timeMs, key }) => [timeMs, key, NONE]);
  }

  #entriesOf(isLeftWanted: boolean): StateEntry[] {
    const entries: StateEntry[] = [];
    this.#forEachLive((key, isLeft, timeMs, _order, records) => {
      if (isLeft === isLeftWanted) entries.push([key, timeMs, cloneValue(records), NONE, 0]);
    });
    return entries;
  }

  #bufferCount(): number {
    let count = 0;
    this.#forEachLive(() => {
      count += 1;
    });
    return count;
  }

  #forEachLive(
    visit: (
      key: number,
      isLeft: boolean,
      timeMs: number,
      order: number,
      records: unknown[],
    ) => void,
  ): void {
    const visitSide = (key: number, isLeft: boolean, side: JoinSide | undefined): void => {
      side?.times.forEach((timeMs, place) => {
        const order = side.orders[place] as number;
        if (this.#isOver(isLeft, timeMs, order)) return;
        visit(key, isLeft, timeMs, order, side.records[place] as unknown[]);
      });
    };
    this.#kept.forEach((kept, key) => {
      visitSide(key, true, kept?.left);
      visitSide(key, false, kept?.right);
    });
  }
}

function timerName(key: number, timeMs: number): string {
  return `${key} ${timeMs}`;
}

function ordersOf({ entries }: TimerSnapshot): Map<string, number> {
  return new Map(entries.map(([timeMs, key], order) => [timerName(key, timeMs), order]));
}
