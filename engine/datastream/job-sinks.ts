import { SinkStore } from '../connectors/sinks.ts';
import type { Sink, SinkRow } from '../connectors/sinks.ts';
import { TransactionalStore } from '../connectors/transactional-store.ts';
import { ConfigError } from '../core/errors.ts';
import type { SinkInfo } from '../trace/trace.ts';
import type { StreamGraph } from './stream-graph.ts';

/** What a sink writes to; it outlives every attempt. */
export type ExternalStore = SinkStore | TransactionalStore;

/** A sink of the job, with its place in the trace's header. */
export interface SinkPlan {
  readonly store: ExternalStore;
  readonly index: number;
}

/**
 * What the sinks of a job write to, by node. With `copies`, rows are copied when they are written.
 * @throws ConfigError when two sinks have one name.
 */
export function createSinks(
  graph: StreamGraph,
  copies: boolean,
): { sinks: ReadonlyMap<number, SinkPlan>; infos: SinkInfo[] } {
  const sinks = new Map<number, SinkPlan>();
  const infos: SinkInfo[] = [];
  for (const node of graph.nodes) {
    if (node.body.type !== 'sink') continue;
    const { name, kind } = node.body.sink;
    if (infos.some((info) => info.name === name)) {
      throw new ConfigError('each sink of a job needs its own name', name, 'rename one of them');
    }
    const store = createStore(node.body.sink, copies);
    sinks.set(node.id, { store, index: infos.length });
    infos.push({ name, kind });
  }
  return { sinks, infos };
}

/** What each sink holds, put together when someone looks. */
export function readableSinks(stores: readonly ExternalStore[]): {
  readonly [name: string]: readonly SinkRow[];
} {
  const sinks: Record<string, readonly SinkRow[]> = {};
  for (const store of stores) {
    let writes: readonly SinkRow[] | undefined;
    Object.defineProperty(sinks, store.name, {
      enumerable: true,
      get: () => (writes ??= store.writes()),
    });
  }
  return sinks;
}

function createStore(sink: Sink<unknown>, copies: boolean): ExternalStore {
  const { name, kind, transactionTimeoutMs = Infinity } = sink;
  return kind === 'transactional'
    ? new TransactionalStore(name, transactionTimeoutMs)
    : new SinkStore(name, kind, copies);
}
