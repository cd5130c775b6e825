import { cloneValue } from '../core/clone.ts';
import { TIMER_BYTES, byteSize, entryBytes } from '../state/byte-size.ts';
import { TimerHeap } from '../state/timer-heap.ts';
import { checkTimerTime } from '../state/window-timers.ts';
import { NONE } from '../trace/recorder.ts';
import type { ProcessWindowFunction } from './functions.ts';
import type { Operator, OperatorContext, OperatorSnapshot } from './operator.ts';
import { contentsIn } from './window-contents.ts';
import type { WindowContents } from './window-contents.ts';
import { WindowEmitter } from './window-emitter.ts';
import { checkMerging } from './window-snapshot.ts';

/** Sessions of event time with a fixed gap, the default trigger and no allowed lateness. */
export interface SessionWindowConfig {
  readonly gapMs: number;
  readonly lateTagId: string | undefined;
  readonly contents: WindowContents;
  readonly windowFunction: ProcessWindowFunction<unknown, unknown, unknown> | undefined;
}

interface Session {
  readonly key: number;
  startMs: number;
  endMs: number;
  /** The window under which Flink keeps the contents: what the session was at first. */
  readonly stateStartMs: number;
  readonly stateEndMs: number;
  contents: unknown;
  /** Grows whenever its timer is set anew: timers of one time fire in this order. */
  order: number;
  isOver: boolean;
  /** The next session of the key, by start. */
  next: Session | undefined;
}

/**
 * Does what TriggeredWindowOperator does with the commonest sessions, in runs without a trace: a
 * session that grows only changes its bounds, and its timer is moved when it comes up too early.
 * Models Flink 2.3.0 WindowOperator with EventTimeSessionWindows.
 * Invariant: results, snapshots and sizes are those of TriggeredWindowOperator.
 */
export class SessionWindowOperator implements Operator {
  readonly neverPlans = true;
  readonly #context: OperatorContext;
  readonly #config: SessionWindowConfig;
  readonly #contents: WindowContents;
  readonly #emitter: WindowEmitter;
  /** The first session of each key, by key id. */
  readonly #firsts: (Session | undefined)[] = [];
  readonly #heap = new TimerHeap();
  readonly #slots: Session[] = [];
  /** By slot, the order that the heap knows: another one when the session has changed since. */
  readonly #pushedOrders: number[] = [];
  readonly #freeSlots: number[] = [];
  #nextOrder = 0;
  #sessionCount = 0;
  #keyCount = 0;

  constructor(context: OperatorContext, config: SessionWindowConfig) {
    this.#context = context;
    this.#config = config;
    this.#contents = contentsIn(context.backendType, config.contents);
    this.#emitter = new WindowEmitter(context, config.windowFunction, true);
    context.registerState('window-contents', 'window');
  }

  open(): void {
    this.#emitter.open();
  }

  processRecord(value: unknown, timestampMs: number, key: number, cause: number): void {
    const context = this.#context;
    context.currentKey = key;
    context.callbackRow = cause;
    const endMs = timestampMs + this.#config.gapMs;
    const session = this.#sessionFor(key, timestampMs, endMs);
    if (session === undefined) {
      this.#dropLate(value, timestampMs);
      return;
    }
    session.contents = this.#contents.add(session.contents, value, timestampMs);
  }

  processWatermark(watermarkMs: number, cause: number): void {
    const heap = this.#heap;
    while (heap.size > 0 && heap.firstTimeMs() <= watermarkMs) {
      const slot = heap.firstSlot();
      const session = this.#slots[slot] as Session;
      heap.pop();
      if (session.isOver) this.#freeSlots.push(slot);
      else if (session.order !== this.#pushedOrders[slot]) this.#push(session, slot);
      else this.#fire(session, slot, cause);
    }
  }

  onProcessingTime(_cause: number): void {}

  endKey(cause: number): void {
    this.#context.callbackRow = cause;
    this.#emitter.clearState();
  }

  snapshot(): OperatorSnapshot {
    const sessions = this.#sessions();
    const inOrder = [...sessions].sort((left, right) => left.order - right.order);
    return {
      keyed: this.#emitter.snapshotGlobalState(),
      windows: {
        format: 'triggered',
        merges: true,
        entries: sessions.map(({ stateStartMs, key, contents, stateEndMs }) => {
          return [stateStartMs, key, cloneValue(contents), NONE, false, stateEndMs];
        }),
        states: this.#emitter.windowState.snapshot(),
        timers: {
          eventTime: inOrder.map(({ endMs, key, startMs }) => {
            return [endMs - 1, key, NONE, startMs, endMs];
          }),
          processingTime: [],
        },
        mergingSets: sessions.map(({ key, startMs, endMs, stateStartMs, stateEndMs }) => {
          return [key, startMs, endMs, stateStartMs, stateEndMs];
        }),
      },
    };
  }

  restore({ keyed, windows }: OperatorSnapshot): void {
    this.#emitter.restoreGlobalState(keyed);
    if (windows === undefined) return;
    checkMerging(windows, true);
    this.#emitter.windowState.restore(windows.states);
    const contentsOf = new Map<string, unknown>();
    for (const [startMs, key, contents, , , endMs] of windows.entries) {
      contentsOf.set(`${key}/${startMs}/${endMs}`, contents);
    }
    const restored = new Map<string, Session>();
    for (const [key, startMs, endMs, stateStartMs, stateEndMs] of windows.mergingSets) {
      const contents = cloneValue(contentsOf.get(`${key}/${stateStartMs}/${stateEndMs}`));
      const bounds = { key, startMs, endMs, stateStartMs, stateEndMs, contents };
      const session: Session = { ...bounds, order: 0, isOver: false, next: undefined };
      this.#link(session);
      restored.set(`${key}/${startMs}/${endMs}`, session);
    }
    for (const [, key, , startMs, endMs] of windows.timers.eventTime) {
      const session = restored.get(`${key}/${startMs}/${endMs}`);
      if (session !== undefined) this.#setTimer(session);
    }
  }

  entryCount(): number {
    // The contents, the timer and, for each key, the set of windows in flight.
    return this.#emitter.entryCount() + 2 * this.#sessionCount + this.#keyCount;
  }

  byteCount(): number {
    const perSession = entryBytes(this.#context.backendType) + 16 + TIMER_BYTES + 16;
    let bytes = this.#emitter.byteCount();
    for (const { contents } of this.#sessions()) bytes += perSession + byteSize(contents);
    return bytes;
  }

  /** The session that a record is part of from now on; undefined when it is late. */
  #sessionFor(key: number, startMs: number, endMs: number): Session | undefined {
    let before: Session | undefined;
    let session = key < this.#firsts.length ? this.#firsts[key] : undefined;
    while (session !== undefined && session.endMs < startMs) {
      before = session;
      session = session.next;
    }
    if (session === undefined || session.startMs > endMs) {
      if (endMs - 1 <= this.#context.watermarkMs()) return undefined;
      return this.#begin(key, startMs, endMs, before);
    }
    if (session.startMs <= startMs && session.endMs >= endMs) return session;
    this.#grow(session, startMs, endMs);
    return session;
  }

  #begin(key: number, startMs: number, endMs: number, before: Session | undefined): Session {
    checkTimerTime(endMs - 1);
    const session: Session = {
      key,
      startMs,
      endMs,
      stateStartMs: startMs,
      stateEndMs: endMs,
      contents: this.#contents.create(),
      order: 0,
      isOver: false,
      next: undefined,
    };
    if (before === undefined) this.#linkFirst(session);
    else this.#linkAfter(before, session);
    this.#setTimer(session);
    return session;
  }

  /** Takes in a record's window, and the sessions after it that this one now reaches. */
  #grow(session: Session, startMs: number, endMs: number): void {
    session.startMs = Math.min(session.startMs, startMs);
    session.endMs = Math.max(session.endMs, endMs);
    checkTimerTime(session.endMs - 1);
    session.order = this.#nextOrder;
    this.#nextOrder += 1;
    let moved: Session | undefined;
    for (let { next } = session; next !== undefined; next = next.next) {
      if (next.startMs > session.endMs) break;
      session.endMs = Math.max(session.endMs, next.endMs);
      // As in Flink, the moved contents first become one, then join the kept ones.
      if (moved === undefined) moved = next;
      else moved.contents = this.#contents.merge(moved.contents, next.contents);
      next.isOver = true;
      session.next = next.next;
      this.#sessionCount -= 1;
    }
    if (moved === undefined) return;
    session.contents = this.#contents.merge(session.contents, moved.contents);
  }

  #fire(session: Session, slot: number, cause: number): void {
    this.#freeSlots.push(slot);
    const context = this.#context;
    context.currentKey = session.key;
    context.callbackRow = cause;
    this.#emitter.emit(session, this.#contents.elements(session.contents));
    this.#emitter.clear(session);
    this.#unlink(session);
  }

  #setTimer(session: Session): void {
    session.order = this.#nextOrder;
    this.#nextOrder += 1;
    const slot = this.#freeSlots.pop() ?? this.#slots.length;
    this.#slots[slot] = session;
    this.#push(session, slot);
  }

  #push({ endMs, order }: Session, slot: number): void {
    this.#pushedOrders[slot] = order;
    this.#heap.push(endMs - 1, order, slot);
  }

  #linkFirst(session: Session): void {
    const { key } = session;
    const firsts = this.#firsts;
    while (firsts.length <= key) firsts.push(undefined);
    if (firsts[key] === undefined) this.#keyCount += 1;
    session.next = firsts[key];
    firsts[key] = session;
    this.#sessionCount += 1;
  }

  #linkAfter(before: Session, session: Session): void {
    session.next = before.next;
    before.next = session;
    this.#sessionCount += 1;
  }

  /** Puts a session where its start belongs. */
  #link(session: Session): void {
    let before: Session | undefined;
    let at = this.#firsts[session.key];
    while (at !== undefined && at.startMs < session.startMs) {
      before = at;
      at = at.next;
    }
    if (before === undefined) this.#linkFirst(session);
    else this.#linkAfter(before, session);
  }

  #unlink(session: Session): void {
    session.isOver = true;
    this.#sessionCount -= 1;
    const first = this.#firsts[session.key] as Session;
    if (first === session) {
      this.#firsts[session.key] = session.next;
      if (session.next === undefined) this.#keyCount -= 1;
      return;
    }
    let before = first;
    while (before.next !== session) before = before.next as Session;
    before.next = session.next;
  }

  #sessions(): Session[] {
    const sessions: Session[] = [];
    for (const first of this.#firsts) {
      for (let at = first; at !== undefined; at = at.next) sessions.push(at);
    }
    return sessions;
  }

  #dropLate(value: unknown, timestampMs: number): void {
    const { lateTagId } = this.#config;
    if (lateTagId !== undefined) this.#context.emitSideOutput(lateTagId, value, timestampMs);
  }
}
