import type { LogSource } from '../connectors/log-source.ts';
import { MAX_PARALLELISM_LIMIT, checkParallelism } from '../state/key-groups.ts';
import type { WatermarkStrategy } from '../time/watermark-strategy.ts';
import { DEFAULT_CONFIGURATION, checkConfiguration } from './configuration.ts';
import type { Configuration } from './configuration.ts';
import { SingleOutputStreamOperator } from './data-stream.ts';
import { StreamGraph } from './stream-graph.ts';

/**
 * Models Flink 2.x's StreamExecutionEnvironment: where a job is put together. The job runs when the
 * function that got the environment returns; there is no `execute()` to forget.
 */
export class StreamExecutionEnvironment {
  readonly graph = new StreamGraph();
  #configuration: Configuration = DEFAULT_CONFIGURATION;
  #parallelism = 1;
  #maxParallelism: number | undefined;
  #isChainingEnabled = true;

  get configuration(): Configuration {
    return this.#configuration;
  }

  get parallelism(): number {
    return this.#parallelism;
  }

  get isChainingEnabled(): boolean {
    return this.#isChainingEnabled;
  }

  get maxParallelism(): number | undefined {
    return this.#maxParallelism;
  }

  /** Reads a log of the scenario. Timestamps and watermarks are made per partition. */
  fromSource<T>(
    source: LogSource<T>,
    strategy: WatermarkStrategy<T>,
    name: string,
  ): SingleOutputStreamOperator<T> {
    const body = {
      type: 'source',
      log: source.log,
      reading: source.reading,
      strategy: strategy as WatermarkStrategy<unknown>,
    } as const;
    return new SingleOutputStreamOperator<T>(this.graph, this.graph.addNode(name, body));
  }

  /** Parallel subtasks of every operator that does not say otherwise. Default 1. */
  setParallelism(parallelism: number): this {
    checkParallelism('the job', parallelism, MAX_PARALLELISM_LIMIT);
    this.#parallelism = parallelism;
    return this;
  }

  /** Number of key groups: the upper limit of parallelism for the life of the state. */
  setMaxParallelism(maxParallelism: number): this {
    checkParallelism('the job', 1, maxParallelism);
    this.#maxParallelism = maxParallelism;
    return this;
  }

  /** Every operator gets tasks of its own, with channels between them. */
  disableOperatorChaining(): this {
    this.#isChainingEnabled = false;
    return this;
  }

  /** Takes an aligned, exactly-once checkpoint every `intervalMs`. */
  enableCheckpointing(intervalMs: number): this {
    return this.configure({ 'execution.checkpointing.interval': intervalMs });
  }

  /** Sets options by their Flink names. */
  configure(options: Partial<Configuration>): this {
    checkConfiguration(options);
    this.#configuration = { ...this.#configuration, ...options };
    return this;
  }
}
