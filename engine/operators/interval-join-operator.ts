import { ConfigError } from '../core/errors.ts';
import { MapStateDescriptor } from '../state/descriptors.ts';
import type { KeyedMapState } from '../state/map-state.ts';
import { NO_TIMESTAMP } from '../time/watermark-strategy.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import type { ProcessJoinContext, ProcessJoinFunction } from './join-functions.ts';
import type { OperatorContext } from './operator.ts';
import { TimedOperator } from './timed-operator.ts';

export interface IntervalJoinConfig {
  /** Both bounds included: pairs with lower ≤ right − left ≤ upper. */
  readonly lowerBoundMs: number;
  readonly upperBoundMs: number;
  readonly leftLateTagId: string | undefined;
  readonly rightLateTagId: string | undefined;
}

/** The names that Flink gives to the two sides. */
export const LEFT_BUFFER = 'LEFT_BUFFER';
export const RIGHT_BUFFER = 'RIGHT_BUFFER';

/** Records of one side, by timestamp. */
type JoinBuffer = KeyedMapState<number, unknown[]>;

/**
 * Models Flink 2.3 IntervalJoinOperator: each side is kept until the watermark says that no partner
 * can come any more; a record behind the watermark is late and joins nothing; a result has the
 * later timestamp of the two.
 * Simplified: one timer clears both sides at a time (Flink has one per side); partners come in the
 * order in which their timestamps were first seen (Flink's heap leaves it open).
 * Invariant: a buffered record is cleared at left + max(upper, 0), or right − min(lower, 0).
 */
export class IntervalJoinOperator extends TimedOperator {
  readonly #function: ProcessJoinFunction<unknown, unknown, unknown>;
  readonly #config: IntervalJoinConfig;
  #left!: JoinBuffer;
  #right!: JoinBuffer;
  readonly #joinContext: ProcessJoinContext;
  #leftMs = NO_TIMESTAMP;
  #rightMs = NO_TIMESTAMP;

  constructor(
    context: OperatorContext,
    userFunction: ProcessJoinFunction<unknown, unknown, unknown>,
    config: IntervalJoinConfig,
  ) {
    super(context, userFunction);
    this.#function = userFunction;
    this.#config = config;
    this.#joinContext = {
      getLeftTimestamp: () => this.#leftMs,
      getRightTimestamp: () => this.#rightMs,
      getTimestamp: () => this.timestampMs,
      output: (tag, record) => context.emitSideOutput(tag.id, record, this.timestampMs),
    };
  }

  override open(): void {
    // Only now: state that is asked for before the restore would stay empty.
    this.#left = this.keyed.mapState(new MapStateDescriptor<number, unknown[]>(LEFT_BUFFER));
    this.#right = this.keyed.mapState(new MapStateDescriptor<number, unknown[]>(RIGHT_BUFFER));
    super.open();
  }

  override processRecord(value: unknown, timestampMs: number, key: number, cause: number): void {
    this.begin(timestampMs, key, cause);
    if (this.#isLate(value, this.#config.leftLateTagId)) return;
    this.keepAndJoin(true, value, timestampMs);
  }

  processRecord2(value: unknown, timestampMs: number, key: number, cause: number): void {
    this.begin(timestampMs, key, cause);
    if (this.#isLate(value, this.#config.rightLateTagId)) return;
    this.keepAndJoin(false, value, timestampMs);
  }

  /** Keeps a record of the current key, joins it, and sees to it that it is cleared. */
  protected keepAndJoin(isLeft: boolean, value: unknown, timestampMs: number): void {
    const { lowerBoundMs, upperBoundMs } = this.#config;
    const cause = this.context.callbackRow;
    const others = isLeft ? this.#right : this.#left;
    addToBuffer(isLeft ? this.#left : this.#right, value, timestampMs);
    for (const otherMs of others.keysUnread()) {
      if (!this.isWithin(isLeft, timestampMs, otherMs)) continue;
      this.beginPair(isLeft, timestampMs, otherMs, cause);
      this.joinWithAll(isLeft, value, others.get(otherMs) ?? []);
    }
    this.context.callbackRow = cause;
    const overMs = isLeft ? Math.max(upperBoundMs, 0) : -Math.min(lowerBoundMs, 0);
    this.timerService.registerEventTimeTimer(timestampMs + overMs);
  }

  /** Whether a record pairs with those of the other side at `otherMs`. */
  protected isWithin(isLeft: boolean, timestampMs: number, otherMs: number): boolean {
    const { lowerBoundMs, upperBoundMs } = this.#config;
    const distanceMs = isLeft ? otherMs - timestampMs : timestampMs - otherMs;
    return distanceMs >= lowerBoundMs && distanceMs <= upperBoundMs;
  }

  /** Clears the records of either side whose time has come. */
  protected override onTimer(timeMs: number): void {
    this.#left.remove(timeMs - Math.max(this.#config.upperBoundMs, 0));
    this.#right.remove(timeMs + Math.min(this.#config.lowerBoundMs, 0));
  }

  protected beginPair(isLeft: boolean, ownMs: number, otherMs: number, cause: number): void {
    const leftMs = isLeft ? ownMs : otherMs;
    const rightMs = isLeft ? otherMs : ownMs;
    this.#leftMs = leftMs;
    this.#rightMs = rightMs;
    this.timestampMs = Math.max(leftMs, rightMs);
    const { recorder, subtask, currentKey } = this.context;
    if (!recorder.isOn) return;
    const kind = KIND['records-joined'];
    this.context.callbackRow = recorder.add(
      kind,
      subtask,
      cause,
      currentKey,
      leftMs,
      rightMs,
      0,
      NONE,
    );
  }

  protected joinWithAll(isLeft: boolean, value: unknown, others: readonly unknown[]): void {
    for (const other of others) {
      if (isLeft) this.#function.processElement(value, other, this.#joinContext, this.out);
      else this.#function.processElement(other, value, this.#joinContext, this.out);
    }
  }

  #isLate(value: unknown, lateTagId: string | undefined): boolean {
    const { context, timestampMs } = this;
    if (timestampMs === NO_TIMESTAMP) throw missingTimestamp(value);
    const watermarkMs = context.watermarkMs();
    if (timestampMs >= watermarkMs) return false;
    if (lateTagId !== undefined) {
      context.emitSideOutput(lateTagId, value, timestampMs);
      return true;
    }
    const { recorder, subtask, callbackRow, currentKey } = context;
    const kind = KIND['record-dropped-late'];
    recorder.add(kind, subtask, callbackRow, currentKey, timestampMs, watermarkMs, 0, NONE);
    return true;
  }
}

function addToBuffer(buffer: JoinBuffer, value: unknown, timestampMs: number): void {
  const bucket = buffer.get(timestampMs) ?? [];
  bucket.push(value);
  buffer.put(timestampMs, bucket);
}

function missingTimestamp(value: unknown): ConfigError {
  return new ConfigError(
    'records of an interval join need timestamps',
    value,
    'give the source a WatermarkStrategy with a timestamp assigner, or timestamps in the log',
  );
}
