import { cloneValue } from '../core/clone.ts';
import { InputWatermarks } from '../time/input-watermarks.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import { BarrierHandler } from './barrier-handler.ts';
import type { BarrierMode, BarrierStep } from './barrier-handler.ts';
import { ELEMENT } from './channel.ts';
import type { Channel, ChannelTarget, InFlightElement, UrgentBarrier } from './channel.ts';
import type { ChainLink, OperatorChain } from './operator-chain.ts';
import { OutputCredits } from './output-credits.ts';
import type { TaskRuntime, TaskSnapshot } from './task-runtime.ts';
import type { TaskWork } from './task-work.ts';

/** Elements a task handles before it lets others have a turn. */
const TURN_ELEMENTS = 64;

/** How a task works, apart from what its operators do. */
export interface TaskSettings {
  readonly barrierMode: BarrierMode;
  /** Alignment that lasts longer goes on unaligned, in ms from the trigger. 0: never. */
  readonly alignedTimeoutMs: number;
  readonly work: TaskWork;
}

interface UnalignedSnapshot {
  readonly checkpointId: number;
  readonly operators: TaskSnapshot['operators'];
  readonly inFlight: Map<number, InFlightElement[]>;
}

/**
 * Models a non-source StreamTask of Flink 2.x: takes elements from its input channels in turn and
 * runs them through its chain; merges watermarks; handles barriers; waits while it serves a record
 * or while one of its outputs is full.
 * Simplified: it takes one element of each channel in turn.
 * Invariant: a channel that delivered an aligned barrier is not read before all others did.
 */
export class OperatorTask implements ChannelTarget {
  readonly isSource = false;
  readonly inputs: Channel[] = [];
  readonly credits: OutputCredits;
  isFinished = false;
  lastSnapshotId = 0;
  isDead = false;
  isQueued = false;
  #chain!: OperatorChain;
  #head!: ChainLink;
  #watermarks!: InputWatermarks;
  /** The input of the head operator, 0 or 1, that each channel belongs to. */
  readonly #inputOfChannel: number[] = [];
  #barriers!: BarrierHandler;
  #nextInput = 0;
  #urgentCount = 0;
  #endedCount = 0;
  #isServing = false;
  #overdueAlignment: number | undefined;
  #unaligned: UnalignedSnapshot | undefined;
  readonly #settings: TaskSettings;
  readonly #work: TaskWork;
  readonly #runtime: TaskRuntime;

  constructor(runtime: TaskRuntime, settings: TaskSettings) {
    this.#runtime = runtime;
    this.#settings = settings;
    this.#work = settings.work;
    this.credits = new OutputCredits((isBlocked) => this.#onCredits(isBlocked));
  }

  get chain(): OperatorChain {
    return this.#chain;
  }

  get watermarkMs(): number {
    return this.#watermarks.watermarkMs;
  }

  get work(): TaskWork {
    return this.#work;
  }

  /** Adds a channel to one input of the head operator: 0, or 1 for the second of two. */
  connect(channel: Channel, input: number): void {
    this.inputs.push(channel);
    this.#inputOfChannel.push(input);
  }

  /** Second phase of building: all channels and operators are known now. */
  start(chain: OperatorChain): void {
    this.#chain = chain;
    this.#head = chain.links[0] as ChainLink;
    this.#watermarks = new InputWatermarks(this.#inputOfChannel, {
      onWatermark: (watermarkMs, beforeMs, cause) => this.#advance(watermarkMs, beforeMs, cause),
      onStatus: (isIdle, cause) => this.#chain.sendStatus(isIdle, cause),
    });
    const { subtask } = this.#head.context;
    const { barrierMode } = this.#settings;
    const { recorder } = this.#runtime;
    this.#barriers = new BarrierHandler(this.inputs.length, barrierMode, subtask, recorder);
  }

  onInput(): void {
    if (this.isQueued) return;
    this.isQueued = true;
    this.#runtime.enqueue(this);
  }

  onInputLater(atMs: number, isBarrier: boolean): void {
    const call = (): void => this.onInput();
    if (isBarrier) this.#runtime.planForCheckpoint(this, atMs, call);
    else this.#runtime.plan(this, atMs, call);
  }

  onUrgent(): void {
    this.#urgentCount += 1;
    this.onInput();
  }

  get #isAligning(): boolean {
    return this.#barriers.checkpointId !== undefined;
  }

  /** Whether an element could be handled at once, had it no channel to wait in. */
  get isOpen(): boolean {
    if (this.isQueued || this.credits.isBlocked || this.#isAligning) return false;
    return this.#unaligned === undefined && this.#work.isOpenAt(this.#runtime.nowMs);
  }

  receiveRecord(channel: number, value: unknown, time: number, key: number): void {
    this.#passTurn(channel);
    const runtime = this.#runtime;
    const before = runtime.runningTask;
    runtime.runningTask = this;
    const { operator } = this.#head;
    if (this.#inputOfChannel[channel] === 0) operator.processRecord(value, time, key, NONE);
    else operator.processRecord2?.(value, time, key, NONE);
    runtime.countStep();
    runtime.runningTask = before;
  }

  receiveWatermark(channel: number, watermarkMs: number): void {
    this.#passTurn(channel);
    const runtime = this.#runtime;
    const before = runtime.runningTask;
    runtime.runningTask = this;
    this.#watermarks.inputWatermark(channel, watermarkMs, NONE);
    runtime.countStep();
    runtime.runningTask = before;
  }

  /** Handles waiting elements; stops at the end of the turn or when a fault strikes. */
  runTurn(): void {
    this.isQueued = false;
    if (this.#work.isBusy || this.#work.waitIfStalled(this, this.#runtime)) return;
    for (let count = 0; count < TURN_ELEMENTS; count += 1) {
      if (this.#overdueAlignment !== undefined) {
        this.#stopAligning(this.#overdueAlignment);
      } else if (this.#urgentCount > 0) {
        this.#handleUrgent();
      } else {
        if (this.credits.isBlocked) return;
        const channel = this.#takeNext();
        if (channel === undefined) return;
        this.#handle(channel);
        // A record that takes time is a step when it has been served.
        if (this.#isServing) return;
      }
      if (this.#runtime.countStep() || this.#work.isBusy) return;
    }
    this.onInput();
  }

  wakeOperator(place: number): void {
    this.#chain.wakeOperator(place);
  }

  notifyCheckpointComplete(checkpointId: number, cause: number): void {
    this.#chain.notifyCheckpointComplete(checkpointId, cause);
  }

  notifyCheckpointAborted(checkpointId: number): void {
    this.#barriers.abort(checkpointId);
    if (this.#unaligned?.checkpointId === checkpointId) this.#unaligned = undefined;
    this.onInput();
  }

  /** Puts back what was under way when the checkpoint was taken. */
  restoreInFlight(inFlight: TaskSnapshot['inFlight']): void {
    for (const [index, elements] of inFlight) {
      const channel = this.inputs[index] as Channel;
      for (const { kind, time, value, key, cause } of elements) {
        channel.push(kind, time, cloneValue(value), key, cause);
      }
    }
  }

  #onCredits(isBlocked: boolean): void {
    const { recorder } = this.#runtime;
    const kind = KIND[isBlocked ? 'output-blocked' : 'output-unblocked'];
    recorder.add(kind, this.#head.context.subtask, NONE, NONE, 0, 0, 0, NONE);
    if (!isBlocked) this.onInput();
  }

  /** The channel has had its turn: the next one comes first. */
  #passTurn(channel: number): void {
    this.#nextInput = channel + 1 === this.inputs.length ? 0 : channel + 1;
  }

  #takeNext(): Channel | undefined {
    const { inputs } = this;
    if (inputs.length === 1) {
      const channel = inputs[0] as Channel;
      if (!channel.isReady() || this.#barriers.isBlocked(0)) return undefined;
      channel.take();
      return channel;
    }
    for (let tried = 0; tried < inputs.length; tried += 1) {
      const index = this.#nextInput;
      this.#passTurn(index);
      const channel = inputs[index] as Channel;
      if (!channel.isReady() || this.#barriers.isBlocked(index)) continue;
      channel.take();
      return channel;
    }
    return undefined;
  }

  #handle(channel: Channel): void {
    if (this.#unaligned !== undefined && this.#barriers.isCapturing(channel.index)) {
      this.#capture(channel);
    }
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
      case ELEMENT.nothing:
        return;
      default:
        this.#handleEnd(channel);
    }
  }

  #handleRecord(channel: Channel): void {
    const { recorder } = this.#runtime;
    const { context, operator } = this.#head;
    const { time, key, cause, value } = channel;
    const kind = KIND['record-received'];
    const row = recorder.isOn
      ? recorder.add(kind, context.subtask, cause, key, time, 0, channel.index, NONE)
      : NONE;
    const isFirstInput = this.#inputOfChannel[channel.index] === 0;
    if (this.#work.isFree) {
      if (isFirstInput) operator.processRecord(value, time, key, row);
      else operator.processRecord2?.(value, time, key, row);
      return;
    }
    this.#serve(() => {
      if (isFirstInput) operator.processRecord(value, time, key, row);
      else operator.processRecord2?.(value, time, key, row);
    });
  }

  /** Keeps the task busy for a record's service time; what it does then is one step. */
  #serve(act: () => void): void {
    this.#work.hold();
    this.#isServing = true;
    this.#runtime.plan(this, this.#runtime.nowMs + this.#work.serviceMs, () => {
      this.#work.release();
      this.#isServing = false;
      act();
      if (!this.#runtime.countStep()) this.onInput();
    });
  }

  #handleWatermark(channel: Channel): void {
    const { recorder } = this.#runtime;
    const { subtask } = this.#head.context;
    const { time, index, cause } = channel;
    const kind = KIND['watermark-received'];
    const row = recorder.add(kind, subtask, cause, NONE, time, 0, index, NONE);
    this.#watermarks.inputWatermark(index, time, row);
  }

  #advance(watermarkMs: number, beforeMs: number, cause: number): void {
    const { recorder } = this.#runtime;
    const { subtask } = this.#head.context;
    const kind = KIND['watermark-advanced'];
    const row = recorder.add(kind, subtask, cause, NONE, watermarkMs, beforeMs, 0, NONE);
    this.#chain.advanceWatermark(watermarkMs, row);
  }

  #handleStatus(channel: Channel): void {
    const isIdle = channel.kind === ELEMENT.idle;
    this.#watermarks.inputStatus(channel.index, isIdle, channel.cause);
  }

  #handleBarrier({ index, time, cause }: Channel): void {
    const wasAligning = this.#barriers.checkpointId === time;
    const step = this.#barriers.receive(index, time, cause, false);
    if (step === 'wait' && !wasAligning) this.#planAlignmentTimeout(time);
    this.#doStep(step, time);
  }

  #handleUrgent(): void {
    for (const channel of this.inputs) {
      const urgent = channel.takeUrgent();
      if (urgent === undefined) continue;
      this.#urgentCount -= 1;
      // Another input of this checkpoint may still be aligning: it goes on unaligned from here.
      if (this.#barriers.timeOut(urgent.checkpointId)) this.#beginUnaligned(urgent.checkpointId);
      this.#receiveUrgent(channel, urgent);
      return;
    }
  }

  #receiveUrgent(channel: Channel, urgent: UrgentBarrier): void {
    const { checkpointId, cause, overtakenCount } = urgent;
    const step = this.#barriers.receive(channel.index, checkpointId, cause, true);
    if (step === 'snapshot' || step === 'snapshot-and-finish') this.#beginUnaligned(checkpointId);
    if (this.#unaligned?.checkpointId === checkpointId) {
      const overtaken = channel.waiting(overtakenCount);
      const held = this.#unaligned.inFlight.get(channel.index) ?? [];
      this.#unaligned.inFlight.set(channel.index, [...held, ...overtaken]);
      const kind = KIND['barrier-overtook'];
      const { subtask } = this.#head.context;
      const { recorder } = this.#runtime;
      const count = overtaken.length;
      recorder.add(kind, subtask, cause, NONE, checkpointId, count, channel.index, NONE);
    }
    if (step === 'finish' || step === 'snapshot-and-finish') this.#finishUnaligned();
  }

  #planAlignmentTimeout(checkpointId: number): void {
    const { alignedTimeoutMs } = this.#settings;
    const triggeredMs = this.#runtime.triggeredAtMs(checkpointId);
    if (alignedTimeoutMs === 0 || triggeredMs === undefined) return;
    const atMs = Math.max(triggeredMs + alignedTimeoutMs, this.#runtime.nowMs);
    this.#runtime.planForCheckpoint(this, atMs, () => {
      this.#overdueAlignment = checkpointId;
      this.onInput();
    });
  }

  /** Alignment has lasted too long: goes on unaligned, between two records. */
  #stopAligning(checkpointId: number): void {
    this.#overdueAlignment = undefined;
    if (!this.#barriers.timeOut(checkpointId)) return;
    this.#beginUnaligned(checkpointId);
    for (const channel of this.inputs) {
      const waiting = channel.expedite(checkpointId);
      if (waiting !== undefined) this.#receiveUrgent(channel, waiting);
    }
  }

  #doStep(step: BarrierStep, checkpointId: number): void {
    if (step === 'finish') this.#finishUnaligned();
    if (step !== 'snapshot-and-finish') return;
    const cause = this.#barriers.lastRow;
    this.#chain.sendBarrier(checkpointId, cause);
    const operators = this.#chain.snapshot(checkpointId, cause);
    this.lastSnapshotId = checkpointId;
    this.#acknowledge(checkpointId, operators, [], cause);
  }

  #beginUnaligned(checkpointId: number): void {
    const cause = this.#barriers.lastRow;
    this.#chain.sendUrgentBarrier(checkpointId, cause);
    const operators = this.#chain.snapshot(checkpointId, cause);
    this.lastSnapshotId = checkpointId;
    this.#unaligned = { checkpointId, operators, inFlight: new Map() };
  }

  #capture(channel: Channel): void {
    if (channel.kind !== ELEMENT.record && channel.kind !== ELEMENT.watermark) return;
    const { inFlight } = this.#unaligned as UnalignedSnapshot;
    const held = inFlight.get(channel.index) ?? [];
    const { kind, time, value, key, cause } = channel;
    held.push({ kind, time, value: cloneValue(value), key, cause });
    inFlight.set(channel.index, held);
  }

  #finishUnaligned(): void {
    const unaligned = this.#unaligned;
    if (unaligned === undefined) return;
    this.#unaligned = undefined;
    const { checkpointId, operators, inFlight } = unaligned;
    this.#acknowledge(checkpointId, operators, [...inFlight], this.#barriers.lastRow);
  }

  #acknowledge(
    checkpointId: number,
    operators: TaskSnapshot['operators'],
    inFlight: TaskSnapshot['inFlight'],
    cause: number,
  ): void {
    const bytes = this.#chain.byteCount();
    const snapshot = { operators, offsets: [], inFlight, bytes };
    this.#work.acknowledge(this, this.#runtime, checkpointId, snapshot, cause);
    this.onInput();
  }

  #handleEnd(channel: Channel): void {
    // Several checkpoints may have waited for this channel: the oldest comes first.
    for (;;) {
      const oldestId = this.#barriers.oldestId;
      const step = this.#barriers.end(channel.index);
      if (oldestId === undefined || step === 'wait') break;
      this.#doStep(step, oldestId);
    }
    this.#endedCount += 1;
    if (this.#endedCount < this.inputs.length) return;
    this.#chain.finish(channel.cause, () => this.#finish());
  }

  #finish(): void {
    this.isFinished = true;
    const operators = this.#chain.finalSnapshot(this.lastSnapshotId);
    const bytes = this.#chain.byteCount();
    this.#runtime.taskFinished(this, { operators, offsets: [], inFlight: [], bytes });
  }
}
