import { ListStateDescriptor } from '#engine';
import type { Collector, ListState } from '#engine';
import type {
  CheckpointedFunction,
  FunctionInitializationContext,
} from '../../../engine/operators/functions.ts';
import type { Operator, OperatorContext } from '../../../engine/operators/operator.ts';
import { ProcessFunction } from '../../../engine/operators/process-functions.ts';
import type { NonKeyedContext } from '../../../engine/operators/process-functions.ts';
import { ProcessOperator } from '../../../engine/operators/process-operator.ts';
import type { Item } from './item.ts';
import type { OperatorStateWork } from './scenario.ts';

/** The engine's operator around a function with state of its subtask. */
export function operatorStateOperator(
  work: OperatorStateWork,
): (context: OperatorContext) => Operator {
  return (context) => new ProcessOperator(context, new Buffering(work) as never);
}

/**
 * Which of the old subtasks a list's elements come from first is open in Flink
 * (RoundRobinOperatorStateRepartitioner collects them in a hash map), so lists are kept in the
 * order of their numbers.
 */
class Buffering extends ProcessFunction<Item, string> implements CheckpointedFunction {
  readonly #work: OperatorStateWork;
  #buffer: number[] = [];
  #split!: ListState<number>;
  #union!: ListState<number>;
  #isRestored = false;

  constructor(work: OperatorStateWork) {
    super();
    this.#work = work;
  }

  initializeState(context: FunctionInitializationContext): void {
    const store = context.getOperatorStateStore();
    this.#split = store.getListState(new ListStateDescriptor<number>('split'));
    this.#union = store.getUnionListState(new ListStateDescriptor<number>('union'));
    this.#buffer = inOrder(this.#split.get());
    this.#isRestored = context.isRestored();
  }

  snapshotState(): void {
    this.#split.update(inOrder(this.#buffer));
  }

  override processElement({ n }: Item, _context: NonKeyedContext, out: Collector<string>): void {
    const { first } = this.#work;
    for (const action of first[n % first.length] ?? []) this.#run(action, n, out);
  }

  #run(action: string, n: number, out: Collector<string>): void {
    if (action === 'buffer.add') this.#buffer.push(n);
    else if (action === 'buffer.clear') this.#buffer = [];
    else if (action === 'buffer.read') out.collect(`buffer=${this.#buffer.join(' ')}`);
    else if (action === 'union.add') this.#union.add(n);
    else if (action === 'union.update') this.#union.update([n, n + 1]);
    else if (action === 'union.clear') this.#union.clear();
    else if (action === 'union.read') out.collect(`union=${inOrder(this.#union.get()).join(' ')}`);
    else {
      const { getIndexOfThisSubtask, getNumberOfParallelSubtasks } =
        this.getRuntimeContext().getTaskInfo();
      const which = `${getIndexOfThisSubtask()} of ${getNumberOfParallelSubtasks()}`;
      out.collect(`${which}${this.#isRestored ? ' restored' : ''}`);
    }
  }
}

function inOrder(numbers: readonly number[]): number[] {
  return [...numbers].sort((left, right) => left - right);
}
