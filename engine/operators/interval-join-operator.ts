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
    this.#left = this.keyed.mapState(new MapStateDescriptor<number, unknown[]>('LEFT_BUFFER'));
    this.#right = this.keyed.mapState(new MapStateDescriptor<number, unknown[]>('RIGHT_BUFFER'));
    super.open();
  }

  override processRecord(value: unknown, timestampMs: number, key: number, cause: number): void {
    this.begin(timestampMs, key, cause);
    if (this.#isLate(value, this.#config.leftLateTagId)) return;
    const { lowerBoundMs, upperBoundMs } = this.#config;
    addToBuffer(this.#left, value, timestampMs);
    for (const otherMs of this.#right.keysUnread()) {
      if (otherMs < timestampMs + lowerBoundMs || otherMs > timestampMs + upperBoundMs) continue;
      this.#beginPair(timestampMs, otherMs, cause);
      for (const other of this.#right.get(otherMs) ?? []) this.#join(value, other);
    }
    this.context.callbackRow = cause;
    this.timerService.registerEventTimeTimer(timestampMs + Math.max(upperBoundMs, 0));
  }

  processRecord2(value: unknown, timestampMs: number, key: number, cause: number): void {
    this.begin(timestampMs, key, cause);
    if (this.#isLate(value, this.#config.rightLateTagId)) return;
    const { lowerBoundMs, upperBoundMs } = this.#config;
    addToBuffer(this.#right, value, timestampMs);
    for (const otherMs of this.#left.keysUnread()) {
      if (otherMs < timestampMs - upperBoundMs || otherMs > timestampMs - lowerBoundMs) continue;
      this.#beginPair(otherMs, timestampMs, cause);
      for (const other of this.#left.get(otherMs) ?? []) this.#join(other, value);
    }
    this.context.callbackRow = cause;
    this.timerService.registerEventTimeTimer(timestampMs - Math.min(lowerBoundMs, 0));
  }

  /** Clears the records of either side whose time has come. */
  protected override onTimer(timeMs: number): void {
    this.#left.remove(timeMs - Math.max(this.#config.upperBoundMs, 0));
    this.#right.remove(timeMs + Math.min(this.#config.lowerBoundMs, 0));
  }

  #beginPair(leftMs: number, rightMs: number, cause: number): void {
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

  #join(left: unknown, right: unknown): void {
    this.#function.processElement(left, right, this.#joinContext, this.out);
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
