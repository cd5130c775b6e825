import { ConfigError } from '../core/errors.ts';
import type { Key } from '../core/key-table.ts';
import type { Sink } from '../connectors/sinks.ts';
import type { SourceReading } from '../connectors/source-reading.ts';
import type { Operator, OperatorContext } from '../operators/operator.ts';
import type { WatermarkStrategy } from '../time/watermark-strategy.ts';

/**
 * How records travel along an edge. Models Flink 2.3's stream partitioners.
 * `default`: nothing was said: forward when both sides have the same parallelism, else rebalance.
 */
export type Partitioning =
  | { readonly type: 'default' }
  | { readonly type: 'forward' }
  | { readonly type: 'rebalance' }
  | { readonly type: 'rescale' }
  | { readonly type: 'shuffle' }
  | { readonly type: 'broadcast' }
  | { readonly type: 'global' }
  | { readonly type: 'hash'; readonly keySelector: (value: unknown) => Key };

/** What a stream is made of: one of these per stream that was united into it. */
export interface StreamInput {
  readonly node: StreamNode;
  readonly partitioning: Partitioning;
  /** The side output it comes from; undefined for the main output. */
  readonly tagId: string | undefined;
}

/**
 * With whom an operator may share a chain. Models Flink 2.3's ChainingStrategy: `head` begins a
 * chain, `never` is alone.
 */
export type ChainingStrategy = 'always' | 'head' | 'never';

export interface StreamEdge {
  readonly from: number;
  readonly to: number;
  readonly partitioning: Partitioning;
  /** The side output this edge carries; undefined for the main output. */
  readonly tagId: string | undefined;
  /** The input of `to` that it leads to: 0, or 1 for the second of two. */
  readonly input: number;
}

/** What a node does, once it runs. */
export type NodeBody =
  | {
      readonly type: 'source';
      readonly log: string;
      readonly reading: SourceReading;
      readonly strategy: WatermarkStrategy<unknown>;
    }
  | {
      readonly type: 'operator';
      /** Called once per subtask and attempt. */
      readonly create: (context: OperatorContext) => Operator;
      readonly isKeyed: boolean;
    }
  | { readonly type: 'sink'; readonly sink: Sink<unknown> };

export interface StreamNode {
  readonly id: number;
  name: string;
  uid: string | undefined;
  /** undefined: the environment's default. */
  parallelism: number | undefined;
  chaining: ChainingStrategy;
  readonly body: NodeBody;
}

/** The job as its author wrote it: nodes and edges, before chaining and parallelism. */
export class StreamGraph {
  readonly nodes: StreamNode[] = [];
  readonly edges: StreamEdge[] = [];
  #isSealed = false;

  /** @throws ConfigError once the job is built. */
  addNode(name: string, body: NodeBody): StreamNode {
    this.#checkOpen(name);
    const node: StreamNode = {
      id: this.nodes.length,
      name,
      uid: undefined,
      parallelism: undefined,
      chaining: 'always',
      body,
    };
    this.nodes.push(node);
    return node;
  }

  /** Lets streams flow into one input of a node: 0, or 1 for the second of two. */
  addEdges(inputs: readonly StreamInput[], to: StreamNode, input = 0): void {
    this.#checkOpen(to.name);
    for (const { node, partitioning, tagId } of inputs) {
      this.edges.push({ from: node.id, to: to.id, partitioning, tagId, input });
    }
  }

  /** After this, changing the job is an error. */
  seal(): void {
    this.#isSealed = true;
    const uids = new Set<string>();
    for (const node of this.nodes) {
      if (node.uid === undefined) continue;
      if (uids.has(node.uid)) {
        throw new ConfigError(
          'each uid must be used once in a job',
          node.uid,
          `give "${node.name}" a uid of its own: state is found by it`,
        );
      }
      uids.add(node.uid);
    }
  }

  #checkOpen(what: string): void {
    if (!this.#isSealed) return;
    throw new ConfigError(
      'a job that is running cannot be changed',
      what,
      'build the whole job inside the function that gets `env`',
    );
  }
}
