import { StatusWatermarkValve } from '../time/status-watermark-valve.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import { BarrierAlignment } from './barrier-alignment.ts';
import { ELEMENT } from './channel.ts';
import type { Channel } from './channel.ts';
import type { ChainLink, OperatorChain } from './operator-chain.ts';
import type { TaskRuntime } from './task-runtime.ts';

/** Elements a task handles before it lets others have a turn. */
const TURN_ELEMENTS = 64;

/**
 * Models a non-source StreamTask of Flink 2.x: takes elements from its input channels in turn and
 * runs them through its chain; merges watermarks; aligns barriers.
 * Invariant: a channel that delivered a barrier is not read before all others delivered it.
 */
export class OperatorTask {
  readonly isSource = false;
  readonly inputs: Channel[] = [];
  isFinished = false;
  isQueued = false;
  #chain!: OperatorChain;
  #head!: ChainLink;
  #valve = new StatusWatermarkValve(0);
  #alignment!: BarrierAlignment;
  #nextInput = 0;
  #endedCount = 0;
  readonly #runtime: TaskRuntime;

  constructor(runtime: TaskRuntime) {
    this.#runtime = runtime;
  }

  get chain(): OperatorChain {
    return this.#chain;
  }

  get watermarkMs(): number {
    return this.#valve.watermarkMs;
  }

  /** Second phase of building: all channels and operators are known now. */
  start(chain: OperatorChain): void {
    this.#chain = chain;
    this.#head = chain.links[0] as ChainLink;
    this.#valve = new StatusWatermarkValve(this.inputs.length);
    const { subtask } = this.#head.context;
    this.#alignment = new BarrierAlignment(this.inputs.length, subtask, this.#runtime.recorder);
  }

  onInput(): void {
    if (this.isQueued) return;
    this.isQueued = true;
    this.#runtime.enqueue(this);
  }

  /** Handles waiting elements; stops at the end of the turn or when a fault strikes. */
  runTurn(): void {
    this.isQueued = false;
    for (let count = 0; count < TURN_ELEMENTS; count += 1) {
      const channel = this.#takeNext();
      if (channel === undefined) return;
      this.#handle(channel);
      if (this.#runtime.countStep()) return;
    }
    this.onInput();
  }

  wakeOperator(place: number): void {
    (this.#chain.links[place] as ChainLink).operator.onProcessingTime(NONE);
  }

  #takeNext(): Channel | undefined {
    const { inputs } = this;
    for (let tried = 0; tried < inputs.length; tried += 1) {
      const index = this.#nextInput;
      this.#nextInput = index + 1 === inputs.length ? 0 : index + 1;
      const channel = inputs[index] as Channel;
      if (channel.size === 0 || this.#alignment.isBlocked(index)) continue;
      channel.take();
      return channel;
    }
    return undefined;
  }

  #handle(channel: Channel): void {
    switch (channel.kind) {
      case ELEMENT.record:
        this.#handleRecord(channel);
        return;
      case ELEMENT.watermark:
        this.#handleWatermark(channel);
        return;
      case ELEMENT.barrier:
        this.#handleBarrier(channel);
        return;
      case ELEMENT.idle:
      case ELEMENT.active:
        this.#handleStatus(channel);
        return;
      default:
        this.#handleEnd(channel);
    }
  }

  #handleRecord(channel: Channel): void {
    const { recorder } = this.#runtime;
    const { context, operator } = this.#head;
    const { time, key, cause } = channel;
    const kind = KIND['record-received'];
    const row = recorder.isOn
      ? recorder.add(kind, context.subtask, cause, key, time, 0, channel.index, NONE)
      : NONE;
    operator.processRecord(channel.value, time, key, row);
  }

  #handleWatermark(channel: Channel): void {
    const { recorder } = this.#runtime;
    const { subtask } = this.#head.context;
    const { time, index, cause } = channel;
    const kind = KIND['watermark-received'];
    const row = recorder.add(kind, subtask, cause, NONE, time, 0, index, NONE);
    const beforeMs = this.#valve.watermarkMs;
    if (this.#valve.inputWatermark(index, time)) this.#advance(beforeMs, row);
  }

  #advance(beforeMs: number, cause: number): void {
    const { recorder } = this.#runtime;
    const { subtask } = this.#head.context;
    const { watermarkMs } = this.#valve;
    const kind = KIND['watermark-advanced'];
    const row = recorder.add(kind, subtask, cause, NONE, watermarkMs, beforeMs, 0, NONE);
    this.#chain.advanceWatermark(watermarkMs, row);
  }

  #handleStatus(channel: Channel): void {
    const wasIdle = this.#valve.isIdle;
    const beforeMs = this.#valve.watermarkMs;
    if (channel.kind === ELEMENT.idle) {
      if (this.#valve.inputIdle(channel.index)) this.#advance(beforeMs, channel.cause);
    } else {
      this.#valve.inputActive(channel.index);
    }
    if (this.#valve.isIdle !== wasIdle) this.#chain.sendStatus(!wasIdle, channel.cause);
  }

  #handleBarrier(channel: Channel): void {
    const cause = this.#alignment.receive(channel.index, channel.time, channel.cause);
    if (cause !== undefined) this.#checkpoint(channel.time, cause);
  }

  #checkpoint(checkpointId: number, cause: number): void {
    this.#chain.sendBarrier(checkpointId, cause);
    const operators = this.#chain.snapshot(checkpointId, cause);
    this.#runtime.acknowledge(this, checkpointId, { operators, offsets: [] }, cause);
    this.onInput();
  }

  #handleEnd(channel: Channel): void {
    const pendingId = this.#alignment.checkpointId;
    const cause = this.#alignment.end(channel.index);
    if (cause !== undefined && pendingId !== undefined) this.#checkpoint(pendingId, cause);
    this.#endedCount += 1;
    if (this.#endedCount < this.inputs.length) return;
    this.isFinished = true;
    const kind = KIND['subtask-finished'];
    for (const { context } of this.#chain.links) {
      this.#runtime.recorder.add(kind, context.subtask, channel.cause, NONE, 0, 0, 0, NONE);
    }
    this.#chain.sendEnd(channel.cause);
    const operators = this.#chain.links.map(
      ({ operator, context }) => [context.subtask, operator.snapshot()] as const,
    );
    this.#runtime.taskFinished(this, { operators, offsets: [] });
  }
}
