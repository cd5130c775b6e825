import { toJson } from '../core/clone.ts';
import { StatelessOperator } from '../operators/operator.ts';
import type { OperatorContext } from '../operators/operator.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import type { PlainTarget } from './external-store.ts';
import type { Sink } from './sinks.ts';

/** Writes each record to its store at once: what is written before a failure stays written. */
export class SinkWriter extends StatelessOperator {
  readonly #context: OperatorContext;
  readonly #sink: Pick<Sink<unknown>, 'key' | 'amount'>;
  readonly #store: PlainTarget;
  readonly #sinkIndex: number;

  constructor(
    context: OperatorContext,
    sink: Pick<Sink<unknown>, 'key' | 'amount'>,
    store: PlainTarget,
    sinkIndex: number,
  ) {
    super();
    this.#context = context;
    this.#sink = sink;
    this.#store = store;
    this.#sinkIndex = sinkIndex;
  }

  override processRecord(value: unknown, timestampMs: number, key: number, cause: number): void {
    const sinkKey = this.#sink.key === undefined ? null : toJson(this.#sink.key(value));
    const place = this.#store.writeCount;
    const written = this.#sink.amount === undefined ? value : this.#sink.amount(value);
    const outcome = this.#store.write(sinkKey, written, this.#context.nowMs());
    const { recorder, subtask } = this.#context;
    if (!recorder.isOn) return;
    const kind = KIND['sink-written'];
    const index = this.#sinkIndex;
    const row = recorder.add(kind, subtask, cause, key, timestampMs, place, index, NONE);
    recorder.setValue(row, { key: sinkKey, row: written, ...outcome });
  }
}
