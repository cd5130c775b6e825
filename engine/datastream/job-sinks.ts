import type { ExternalStore, SinkConnection, SinkRow } from '../connectors/external-store.ts';
import { ConfigError } from '../core/errors.ts';
import type { SinkInfo } from '../trace/trace.ts';
import type { StreamGraph } from './stream-graph.ts';

/** A sink of the job, with its place in the trace's header. */
export interface SinkPlan {
  readonly connection: SinkConnection;
  readonly index: number;
}

/**
 * What the sinks of a job write to, by node. With `copies`, rows are copied when they are written.
 * @throws ConfigError when two sinks have one name.
 */
export function createSinks(
  graph: StreamGraph,
  copies: boolean,
): {
  sinks: ReadonlyMap<number, SinkPlan>;
  stores: readonly ExternalStore[];
  infos: SinkInfo[];
} {
  const sinks = new Map<number, SinkPlan>();
  const infos: SinkInfo[] = [];
  for (const node of graph.nodes) {
    if (node.body.type !== 'sink') continue;
    const { name, kind, table } = node.body.sink;
    if (infos.some((info) => info.name === name)) {
      throw new ConfigError('each sink of a job needs its own name', name, 'rename one of them');
    }
    sinks.set(node.id, { connection: node.body.sink.connect(copies), index: infos.length });
    infos.push({ name, kind, ...(table === undefined ? {} : { table }) });
  }
  const stores = [...sinks.values()].map(({ connection }) => connection.store);
  return { sinks, stores, infos };
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
