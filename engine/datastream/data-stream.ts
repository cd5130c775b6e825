import { ConfigError } from '../core/errors.ts';
import type { Key } from '../core/key-table.ts';
import type { Sink } from '../connectors/sinks.ts';
import type {
  FilterFunction,
  FlatMapFunction,
  KeySelector,
  MapFunction,
  OutputTag,
} from '../operators/functions.ts';
import { KeyedProcessFunction } from '../operators/functions.ts';
import { KeyedProcessOperator } from '../operators/keyed-process-operator.ts';
import type { Operator, OperatorContext } from '../operators/operator.ts';
import { ProcessFunction } from '../operators/process-functions.ts';
import { ProcessOperator } from '../operators/process-operator.ts';
import { FilterOperator, FlatMapOperator, MapOperator } from '../operators/stateless.ts';
import { GlobalWindows } from '../windows/assigners.ts';
import type { WindowAssigner } from '../windows/window-assigner.ts';
import { BroadcastConnectedStream, BroadcastStream } from './broadcast-stream.ts';
import type { BroadcastDescriptor } from './broadcast-stream.ts';
import { ConnectedStreams } from './connected-streams.ts';
import { copyFunction } from './function-copy.ts';
import { IntervalJoin } from './interval-join.ts';
import { CoGroupedStreams, JoinedStreams } from './joined-streams.ts';
import type { Partitioning, StreamGraph, StreamInput, StreamNode } from './stream-graph.ts';
import { AllWindowedStream, WindowedStream } from './windowed-stream.ts';
import type { AddWindow } from './windowed-stream.ts';
import { countWindowOf } from './window-operator-builder.ts';

/**
 * Models Flink 2.x's DataStream and KeyedStream: names, order of calls and errors.
 * Each call adds to the job's graph; nothing runs until the job is built.
 */
export class DataStream<T> {
  protected readonly graph: StreamGraph;
  /** Several when streams were united. */
  protected readonly inputs: readonly StreamInput[];
  declare readonly recordType?: T;

  constructor(graph: StreamGraph, inputs: readonly StreamInput[]) {
    this.graph = graph;
    this.inputs = inputs;
  }

  /** Whether records are partitioned by key. */
  get isKeyed(): boolean {
    return false;
  }

  map<O>(map: MapFunction<T, O>): SingleOutputStreamOperator<O> {
    const body = map as MapFunction<unknown, unknown>;
    return this.transform<O>('Map', (context) => new MapOperator(context, body));
  }

  filter(filter: FilterFunction<T>): SingleOutputStreamOperator<T> {
    const body = filter as FilterFunction<unknown>;
    return this.transform<T>('Filter', (context) => new FilterOperator(context, body));
  }

  flatMap<O>(flatMap: FlatMapFunction<T, O>): SingleOutputStreamOperator<O> {
    const body = flatMap as FlatMapFunction<unknown, unknown>;
    return this.transform<O>('Flat Map', (context) => new FlatMapOperator(context, body));
  }

  /** Handles each record by a function that sees time, but has no timers and no keyed state. */
  process<O>(userFunction: ProcessFunction<T, O>): SingleOutputStreamOperator<O> {
    checkProcessFunction(userFunction);
    const original = userFunction as ProcessFunction<unknown, unknown>;
    return this.transform<O>(
      'Process',
      (context) => new ProcessOperator(context, copyFunction(original)),
    );
  }

  /** Records of one key go to one subtask, found by Flink's key groups. */
  keyBy<K extends Key>(keySelector: KeySelector<T, K>): KeyedStream<T, K> {
    const selector = keySelector as (value: unknown) => Key;
    return new KeyedStream<T, K>(this.graph, this.inputs, selector);
  }

  /** One stream of the records of all, in the order in which they arrive. */
  union(...streams: readonly DataStream<T>[]): DataStream<T> {
    const inputs = [...this.inputs, ...streams.flatMap((stream) => stream.inputs)];
    return new DataStream<T>(this.graph, inputs);
  }

  /** Goes on with two streams, of different types, in one operator. */
  connect<U>(other: DataStream<U>): ConnectedStreams<T, U>;
  connect<U>(other: BroadcastStream<U>): BroadcastConnectedStream<T, U>;
  connect<U>(
    other: DataStream<U> | BroadcastStream<U>,
  ): ConnectedStreams<T, U> | BroadcastConnectedStream<T, U> {
    if (other instanceof BroadcastStream) return new BroadcastConnectedStream<T, U>(this, other);
    return new ConnectedStreams<T, U>(this, other);
  }

  /** Joins records of one key that fall into the same window. */
  join<U>(other: DataStream<U>): JoinedStreams<T, U> {
    return new JoinedStreams<T, U>(this, other);
  }

  /** Brings records of one key and window together, also when one side has none. */
  coGroup<U>(other: DataStream<U>): CoGroupedStreams<T, U> {
    return new CoGroupedStreams<T, U>(this, other);
  }

  /** Deals records round-robin to all subtasks of the next operator. */
  rebalance(): DataStream<T> {
    return this.partitionBy({ type: 'rebalance' });
  }

  /** Deals records round-robin to the neighbouring subtasks of the next operator only. */
  rescale(): DataStream<T> {
    return this.partitionBy({ type: 'rescale' });
  }

  /** Sends each record to a random subtask of the next operator; the scenario's seed decides. */
  shuffle(): DataStream<T> {
    return this.partitionBy({ type: 'shuffle' });
  }

  /** Keeps each record in the subtask of the same index. Needs the same parallelism. */
  forward(): DataStream<T> {
    return this.partitionBy({ type: 'forward' });
  }

  /** Sends all records to the first subtask of the next operator. */
  global(): DataStream<T> {
    return this.partitionBy({ type: 'global' });
  }

  /** Sends each record to every subtask; with descriptors, for broadcast state made of them. */
  broadcast(): DataStream<T>;
  broadcast(...descriptors: readonly BroadcastDescriptor[]): BroadcastStream<T>;
  broadcast(...descriptors: readonly BroadcastDescriptor[]): DataStream<T> | BroadcastStream<T> {
    const stream = this.partitionBy({ type: 'broadcast' });
    return descriptors.length === 0 ? stream : new BroadcastStream<T>(stream, descriptors);
  }

  /** Cuts the whole stream into windows, in one subtask. */
  windowAll(assigner: WindowAssigner<T>): AllWindowedStream<T> {
    const keyed = this.keyBy(() => 0);
    const add: AddWindow = <O>(name: string, create: (context: OperatorContext) => Operator) =>
      keyed.transform<O>(name, create, true).setParallelism(1);
    return new AllWindowedStream<T>(assigner, add);
  }

  /** Windows of `size` records, or of the last `size` records at every `slide`-th one. */
  countWindowAll(size: number, slide?: number): AllWindowedStream<T> {
    return countWindowOf(this.windowAll(GlobalWindows.create()), size, slide);
  }

  sinkTo(sink: Sink<T>): DataStreamSink {
    const body = { type: 'sink', sink: sink as Sink<unknown> } as const;
    const node = this.graph.addNode(`${sink.name}: Writer`, body);
    this.graph.addEdges(this.inputs, node);
    return new DataStreamSink(node);
  }

  /** Adds an operator; `create` is called once per subtask and attempt. */
  transform<O>(
    name: string,
    create: (context: OperatorContext) => Operator,
    isKeyed = false,
  ): SingleOutputStreamOperator<O> {
    const node = this.graph.addNode(name, { type: 'operator', create, isKeyed });
    this.graph.addEdges(this.inputs, node);
    return new SingleOutputStreamOperator<O>(this.graph, node);
  }

  /** Adds an operator that takes this stream as its first input and another as its second. */
  transformWith<O>(
    second: DataStream<unknown>,
    name: string,
    create: (context: OperatorContext) => Operator,
  ): SingleOutputStreamOperator<O> {
    const isKeyed = this.isKeyed && second.isKeyed;
    const node = this.graph.addNode(name, { type: 'operator', create, isKeyed });
    this.graph.addEdges(this.inputs, node, 0);
    this.graph.addEdges(second.inputs, node, 1);
    return new SingleOutputStreamOperator<O>(this.graph, node);
  }

  /** What operators get that tag the records of a stream: its own parallelism. */
  parallelismOfInput(): number | undefined {
    return this.inputs[0]?.node.parallelism;
  }

  protected partitionBy(partitioning: Partitioning): DataStream<T> {
    const inputs = this.inputs.map((input) => ({ ...input, partitioning }));
    return new DataStream<T>(this.graph, inputs);
  }
}

/** The stream that one operator emits; the operator can be named and given a parallelism. */
export class SingleOutputStreamOperator<T> extends DataStream<T> {
  readonly #node: StreamNode;

  constructor(graph: StreamGraph, node: StreamNode) {
    super(graph, [{ node, partitioning: { type: 'default' }, tagId: undefined }]);
    this.#node = node;
  }

  name(name: string): this {
    this.#node.name = name;
    return this;
  }

  /** A stable identity: a checkpoint's state is found by it. */
  uid(uid: string): this {
    this.#node.uid = uid;
    return this;
  }

  setParallelism(parallelism: number): this {
    this.#node.parallelism = parallelism;
    return this;
  }

  getSideOutput<X>(tag: OutputTag<X>): DataStream<X> {
    const input = { node: this.#node, partitioning: { type: 'default' }, tagId: tag.id } as const;
    return new DataStream<X>(this.graph, [input]);
  }

  /** The operator gets a task of its own. */
  disableChaining(): this {
    this.#node.chaining = 'never';
    return this;
  }

  /** The operator begins a chain: it is not joined to what comes before. */
  startNewChain(): this {
    this.#node.chaining = 'head';
    return this;
  }
}

/** A stream partitioned by key: what follows has state and timers of one key at a time. */
export class KeyedStream<T, K extends Key> extends DataStream<T> {
  declare readonly keyType?: K;

  constructor(
    graph: StreamGraph,
    inputs: readonly StreamInput[],
    keySelector: (value: unknown) => Key,
  ) {
    const partitioning = { type: 'hash', keySelector } as const;
    super(
      graph,
      inputs.map((input) => ({ ...input, partitioning })),
    );
  }

  override get isKeyed(): boolean {
    return true;
  }

  override process<O>(
    userFunction: KeyedProcessFunction<K, T, O> | ProcessFunction<T, O>,
  ): SingleOutputStreamOperator<O> {
    if (userFunction instanceof ProcessFunction) return super.process(userFunction);
    if (typeof userFunction?.processElement !== 'function') {
      throw new ConfigError(
        'process() on a keyed stream needs a KeyedProcessFunction',
        userFunction,
        'pass an instance: .process(new MyFunction())',
      );
    }
    const original = userFunction as KeyedProcessFunction<unknown, unknown, unknown>;
    return this.transform<O>(
      'KeyedProcess',
      (context) => new KeyedProcessOperator(context, copyFunction(original)),
      true,
    );
  }

  window(assigner: WindowAssigner<T>): WindowedStream<T, K> {
    return new WindowedStream<T, K>(assigner, (name, create) => this.transform(name, create, true));
  }

  /** Windows of `size` records of a key, or of the last `size` of them at every `slide`-th one. */
  countWindow(size: number, slide?: number): WindowedStream<T, K> {
    return countWindowOf(this.window(GlobalWindows.create()), size, slide);
  }

  /** Joins with the records of the other stream whose times are near, by key. */
  intervalJoin<U>(other: KeyedStream<U, K>): IntervalJoin<T, U> {
    return new IntervalJoin<T, U>(this, other);
  }

  protected override partitionBy(partitioning: Partitioning): DataStream<T> {
    throw new ConfigError(
      'cannot override partitioning for KeyedStream',
      `${partitioning.type}()`,
      'what follows keyBy() goes by key; partition before it, or after the next operator',
    );
  }
}

function checkProcessFunction(userFunction: unknown): void {
  if (userFunction instanceof KeyedProcessFunction) {
    throw new ConfigError(
      'a KeyedProcessFunction can only be used on a keyed stream',
      'process() on a stream without keys',
      'call .keyBy(…) first, or extend ProcessFunction',
    );
  }
  const { processElement } = (userFunction ?? {}) as Partial<ProcessFunction<unknown, unknown>>;
  if (typeof processElement === 'function') return;
  throw new ConfigError(
    'process() needs a ProcessFunction',
    userFunction,
    'pass an instance: .process(new MyFunction())',
  );
}

/** The end of a stream. */
export class DataStreamSink {
  readonly #node: StreamNode;

  constructor(node: StreamNode) {
    this.#node = node;
  }

  name(name: string): this {
    this.#node.name = name;
    return this;
  }

  uid(uid: string): this {
    this.#node.uid = uid;
    return this;
  }

  /** The sink gets a task of its own. */
  disableChaining(): this {
    this.#node.chaining = 'never';
    return this;
  }

  setParallelism(parallelism: number): this {
    this.#node.parallelism = parallelism;
    return this;
  }
}
