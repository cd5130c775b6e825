import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import type { OperatorContext } from './operator.ts';

/** Notes that an operator emitted a record, because of the running callback, and sends it on. */
export function emitRecord(context: OperatorContext, value: unknown, timestampMs: number): void {
  const { recorder, subtask, callbackRow, currentKey } = context;
  let row = NONE;
  if (recorder.isOn) {
    const kind = KIND['record-emitted'];
    row = recorder.add(kind, subtask, callbackRow, currentKey, timestampMs, 0, 0, NONE);
    recorder.setValue(row, value);
  }
  context.output.emit(value, timestampMs, currentKey, row);
}
