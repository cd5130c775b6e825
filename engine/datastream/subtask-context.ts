import type { KeyTable } from '../core/key-table.ts';
import { WATERMARK_MIN } from '../core/time.ts';
import type { TaskInfo } from '../operators/functions.ts';
import { SILENT_OUTPUT } from '../operators/chained-outputs.ts';
import type { OperatorCall, OperatorContext, Output } from '../operators/operator.ts';
import type { StateBackendType } from '../state/keyed-state-backend.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import type { Recorder } from '../trace/recorder.ts';
import type { StateInfo } from '../trace/trace.ts';
import type { TraceNames } from './trace-names.ts';

/** What one operator subtask sees of the world. */
export interface SubtaskSettings {
  readonly recorder: Recorder;
  readonly keys: KeyTable;
  readonly subtask: number;
  readonly operator: string;
  readonly taskInfo: TaskInfo;
  readonly backendType: StateBackendType;
  readonly hasCheckpoints: boolean;
  readonly names: TraceNames;
  readonly nowMs: () => number;
  readonly wakeAt: (atMs: number) => void;
  readonly planCall: (atMs: number, call: () => void) => OperatorCall;
  readonly cancelCall: (call: OperatorCall) => void;
  /** Keeps the task from taking input, or lets it go on. */
  readonly holdInput: (isHeld: boolean) => void;
}

/** The context of one operator subtask during one attempt. */
export class SubtaskContext implements OperatorContext {
  readonly recorder: Recorder;
  readonly keys: KeyTable;
  readonly subtask: number;
  readonly taskInfo: TaskInfo;
  readonly backendType: StateBackendType;
  readonly hasCheckpoints: boolean;
  readonly nowMs: () => number;
  readonly wakeAt: (atMs: number) => void;
  readonly planCall: (atMs: number, call: () => void) => OperatorCall;
  readonly cancelCall: (call: OperatorCall) => void;
  readonly holdInput: (isHeld: boolean) => void;
  /** The last watermark that reached this operator; the chain sets it. */
  currentWatermarkMs = WATERMARK_MIN;
  /** Set by the chain. */
  forwardWatermark: (watermarkMs: number, cause: number) => void = () => undefined;
  currentKey = NONE;
  ignoresTimers = false;
  callbackRow = NONE;
  output: Output = SILENT_OUTPUT;
  /** Side outputs by tag. */
  readonly sideOutputs = new Map<string, Output>();
  readonly operator: string;
  readonly #names: TraceNames;

  constructor(settings: SubtaskSettings) {
    this.recorder = settings.recorder;
    this.keys = settings.keys;
    this.subtask = settings.subtask;
    this.taskInfo = settings.taskInfo;
    this.backendType = settings.backendType;
    this.hasCheckpoints = settings.hasCheckpoints;
    this.nowMs = settings.nowMs;
    this.wakeAt = settings.wakeAt;
    this.planCall = settings.planCall;
    this.cancelCall = settings.cancelCall;
    this.holdInput = settings.holdInput;
    this.operator = settings.operator;
    this.#names = settings.names;
  }

  watermarkMs(): number {
    return this.currentWatermarkMs;
  }

  registerState(name: string, kind: StateInfo['kind']): number {
    return this.#names.stateIndex(this.operator, name, kind);
  }

  emitSideOutput(tagId: string, value: unknown, timestampMs: number): void {
    const { recorder, subtask, callbackRow, currentKey } = this;
    let row = NONE;
    if (recorder.isOn) {
      const tag = this.#names.tagIndex(tagId);
      const kind = KIND['side-output'];
      row = recorder.add(kind, subtask, callbackRow, currentKey, timestampMs, 0, tag, NONE);
      recorder.setValue(row, value);
    }
    this.sideOutputs.get(tagId)?.emit(value, timestampMs, currentKey, row);
  }
}
