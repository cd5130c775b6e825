import { ConfigError } from '../core/errors.ts';
import type { Key } from '../core/key-table.ts';
import type { Sink } from '../connectors/sinks.ts';
import type {
  FilterFunction,
  FlatMapFunction,
  KeyedProcessFunction,
  KeySelector,
  MapFunction,
  OutputTag,
} from '../operators/functions.ts';
import { KeyedProcessOperator } from '../operators/keyed-process-operator.ts';
import type { Operator, OperatorContext } from '../operators/operator.ts';
import { FilterOperator, FlatMapOperator, MapOperator } from '../operators/stateless.ts';
import type { WindowAssigner } from '../windows/assigners.ts';
import { copyFunction } from './function-copy.ts';
import type { Partitioning, StreamGraph, StreamNode } from './stream-graph.ts';
import { AllWindowedStream, WindowedStream } from './windowed-stream.ts';
import type { AddWindow } from './windowed-stream.ts';

/**
 * Models Flink 2.x's DataStream and KeyedStream: names, order of calls and errors.
 * Each call adds to the job's graph; nothing runs until the job is built.
 */
export class DataStream<T> {
  protected readonly graph: StreamGraph;
  protected readonly node: StreamNode;
  protected readonly partitioning: Partitioning;
  protected readonly tagId: string | undefined;
  declare readonly recordType?: T;

  constructor(
    graph: StreamGraph,
    node: StreamNode,
    partitioning: Partitioning = { type: 'forward' },
    tagId?: string,
  ) {
    this.graph = graph;
    this.node = node;
    this.partitioning = partitioning;
    this.tagId = tagId;
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

  /** Records of one key go to one subtask, found by Flink's key groups. */
  keyBy<K extends Key>(keySelector: KeySelector<T, K>): KeyedStream<T, K> {
    const selector = keySelector as (value: unknown) => Key;
    return new KeyedStream<T, K>(this.graph, this.node, selector, this.tagId);
  }

  /** Deals records round-robin to all subtasks of the next operator. */
  rebalance(): DataStream<T> {
    return new DataStream<T>(this.graph, this.node, { type: 'rebalance' }, this.tagId);
  }

  /** Cuts the whole stream into windows, in one subtask. */
  windowAll(assigner: WindowAssigner): AllWindowedStream<T> {
    const keyed = this.keyBy(() => 0);
    const add: AddWindow = <O>(name: string, create: (context: OperatorContext) => Operator) =>
      keyed.transform<O>(name, create, true).setParallelism(1);
    return new AllWindowedStream<T>(assigner, add);
  }

  sinkTo(sink: Sink<T>): DataStreamSink {
    const body = { type: 'sink', sink: sink as Sink<unknown> } as const;
    const node = this.graph.addNode(`${sink.name}: Writer`, body);
    this.graph.addEdge(this.node.id, node.id, this.partitioning, this.tagId);
    return new DataStreamSink(node);
  }

  protected transform<O>(
    name: string,
    create: (context: OperatorContext) => Operator,
    isKeyed = false,
  ): SingleOutputStreamOperator<O> {
    const node = this.graph.addNode(name, { type: 'operator', create, isKeyed });
    this.graph.addEdge(this.node.id, node.id, this.partitioning, this.tagId);
    return new SingleOutputStreamOperator<O>(this.graph, node);
  }
}

/** The stream that one operator emits; the operator can be named and given a parallelism. */
export class SingleOutputStreamOperator<T> extends DataStream<T> {
  name(name: string): this {
    this.node.name = name;
    return this;
  }

  /** A stable identity: a checkpoint's state is found by it. */
  uid(uid: string): this {
    this.node.uid = uid;
    return this;
  }

  setParallelism(parallelism: number): this {
    this.node.parallelism = parallelism;
    return this;
  }

  getSideOutput<X>(tag: OutputTag<X>): DataStream<X> {
    return new DataStream<X>(this.graph, this.node, { type: 'forward' }, tag.id);
  }
}

/** A stream partitioned by key: what follows has state and timers of one key at a time. */
export class KeyedStream<T, K extends Key> extends DataStream<T> {
  declare readonly keyType?: K;

  constructor(
    graph: StreamGraph,
    node: StreamNode,
    keySelector: (value: unknown) => Key,
    tagId: string | undefined,
  ) {
    super(graph, node, { type: 'hash', keySelector }, tagId);
  }

  process<O>(userFunction: KeyedProcessFunction<K, T, O>): SingleOutputStreamOperator<O> {
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

  window(assigner: WindowAssigner): WindowedStream<T, K> {
    return new WindowedStream<T, K>(assigner, (name, create) => this.transform(name, create, true));
  }
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

  setParallelism(parallelism: number): this {
    this.#node.parallelism = parallelism;
    return this;
  }
}
