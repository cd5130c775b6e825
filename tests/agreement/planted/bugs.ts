import type { TextChange } from '../../attack/planted/plant-bug.ts';

/** Each is one slip of the pen in the batch runtime; the seeds must notice every one of them. */
export const PLANTED_BUGS: readonly TextChange[] = [
  {
    name: 'input is not sorted by key',
    file: 'batch/record-order.ts',
    find: 'return byKey(keys, orderByTime(times, count), table);',
    replace:
      'return table.keys.length > 0 ? orderByTime(times, count) : byKey(keys, times, table);',
  },
  {
    name: 'input is not sorted by time',
    file: 'batch/record-order.ts',
    find: 'if (isOrdered(times, count)) return order;',
    replace: 'return order;',
  },
  {
    name: 'the watermark of a key that has ended is the next one’s, too',
    file: 'batch/task-chain.ts',
    find: 'context.currentWatermarkMs = WATERMARK_MIN;',
    replace: '',
  },
  {
    name: 'a watermark passes during the input',
    file: 'batch/task-attempt.ts',
    find: 'if (part.input === 0) operator.processRecord(',
    replace:
      'this.chain.head.context.currentWatermarkMs = timestampMs + 2000; ' +
      'if (part.input === 0) operator.processRecord(',
  },
  {
    name: 'a task that runs again reads behind what it has read before',
    file: 'batch/task-attempt.ts',
    find: 'this.#phases = arrangeInput(parts,',
    replace: 'this.#phases = arrangeInput(this.place.number > 0 ? [...parts, ...parts] : parts,',
  },
  {
    name: 'timers stay out of use after the first key',
    file: 'batch/task-chain.ts',
    find: 'context.ignoresTimers = false;',
    replace: '',
  },
  {
    name: 'a key is not forgotten when it ends',
    file: 'operators/user-function-operator.ts',
    find: 'this.state.keyed?.clearAll();',
    replace: '',
  },
  {
    name: 'what one of several tasks has written is read twice, another’s not at all',
    file: 'batch/task-input.ts',
    find: 'keys.set(records.keys.subarray(0, size), at);',
    replace: 'keys.set(records.keys.subarray(0, size), 0);',
  },
  {
    name: 'a stage begins when one task before it has finished',
    file: 'batch/batch-task.ts',
    find: '.index]!.every((task) => task.isFinished)',
    replace: '.index]!.some((task) => task.isFinished)',
  },
  {
    name: 'the transaction of every attempt that has finished is committed',
    file: 'batch/staged-transaction-writer.ts',
    find: 'this.store.prepare(this.transaction);',
    replace: 'this.store.prepare(this.transaction); this.store.commit(this.transaction, 0);',
  },
  {
    name: 'a task that runs again is taken for finished',
    file: 'batch/batch-execution.ts',
    find: 'task.winner = undefined;',
    replace: '',
  },
  {
    name: 'what is lost is not missed',
    file: 'batch/batch-task.ts',
    find: 'isLost || !isFinished);',
    replace: '!isFinished);',
  },
  {
    name: 'lost output is not made anew',
    file: 'batch/batch-task.ts',
    find: 'if (producer.isLost) found.add(producer);',
    replace: '',
  },
  {
    name: 'an attempt goes on after its machine has died',
    file: 'batch/batch-execution.ts',
    find: 'attempt.status = status;',
    replace: "attempt.status = status === 'failed' ? 'running' : status;",
  },
  {
    name: 'a record is written twice',
    file: 'batch/record-columns.ts',
    find: 'const at = this.values.length;',
    replace: 'const at = this.values.length; if (at === 2) this.values.push(value);',
  },
];
