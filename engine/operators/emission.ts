import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import type { OperatorContext } from './operator.ts';

/** Notes that an operator emitted a record, because of the running callback, and sends it on. */
export function emitRecord(context: OperatorContext, value: unknown, timestampMs: number): void {
  const row = context.recorder.isOn ? noteEmitted(context, value, timestampMs) : NONE;
  context.output.emit(value, timestampMs, context.currentKey, row);
}

function noteEmitted(context: OperatorContext, value: unknown, timestampMs: number): number {
  const { recorder, subtask, callbackRow, currentKey } = context;
  const kind = KIND['record-emitted'];
  const row = recorder.add(kind, subtask, callbackRow, currentKey, timestampMs, 0, 0, NONE);
  recorder.setValue(row, value);
  return row;
}
