import type { SinkTable } from '#engine';
import { checkReply } from './protocol.ts';
import type { SqlReply, SqlRequest } from './protocol.ts';
import type { OpenedTable, QueryProblem, QueryRows } from './sink-database.ts';

/** The part of a worker that is needed here. */
export interface MessagePartner {
  postMessage(message: SqlRequest): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<unknown>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

/** What the sinks hold, ready to be asked. */
export interface OpenTables {
  readonly tables: readonly OpenedTable[];
  /** One query at a time; a slow one is ended, and the next begins anew with the same tables. */
  query(sql: string): Promise<QueryRows | QueryProblem>;
  close(): void;
}

export interface OpenTablesOptions {
  /** How long a query may take, in ms. Default 5 s. */
  readonly queryMsMax?: number;
  /** Default: a worker of this site. */
  readonly startWorker?: () => MessagePartner;
}

/**
 * Loads SQLite (700 kB, from our own origin) and fills it with what the sinks hold.
 * @throws Error when it can't start; the message says what to do.
 */
export async function openTables(
  sinkTables: readonly SinkTable[],
  { queryMsMax = 5000, startWorker = startSqlWorker }: OpenTablesOptions = {},
): Promise<OpenTables> {
  let conversation = new Conversation(startWorker());
  const tables = await open(conversation, sinkTables);
  let last: Promise<unknown> = Promise.resolve();
  const ask = async (sql: string): Promise<QueryRows | QueryProblem> => {
    const reply = await within(queryMsMax, conversation.ask({ type: 'query', sql }));
    if (reply === undefined) {
      conversation.end();
      conversation = new Conversation(startWorker());
      await open(conversation, sinkTables);
      return {
        problem: `The query took more than ${queryMsMax / 1000} s and was ended.`,
        remedy: 'Join fewer rows, or look for a recursion that never ends.',
      };
    }
    if (reply.type === 'rows' || reply.type === 'problem') return withoutType(reply);
    return { problem: 'The database gave no rows.', remedy: 'Ask again.' };
  };
  return {
    tables,
    query: (sql) => {
      const result = last.then(() => ask(sql));
      last = result.catch(() => undefined);
      return result;
    },
    close: () => conversation.end(),
  };
}

function startSqlWorker(): MessagePartner {
  return new Worker(new URL('./sql-worker.ts', import.meta.url), { type: 'module' });
}

async function open(
  conversation: Conversation,
  tables: readonly SinkTable[],
): Promise<readonly OpenedTable[]> {
  const reply = await conversation.ask({ type: 'open', tables });
  if (reply.type === 'opened') return reply.tables;
  conversation.end();
  const text = reply.type === 'problem' ? `${reply.problem} ${reply.remedy}` : 'Reload the page.';
  throw new Error(text);
}

/** What a promise gives, or undefined when it takes longer than `ms`. */
function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), ms);
    void promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function withoutType(
  reply: Extract<SqlReply, { type: 'rows' | 'problem' }>,
): QueryRows | QueryProblem {
  const { type: _type, id: _id, ...result } = reply;
  return result;
}

type Unnumbered<R> = R extends SqlRequest ? Omit<R, 'id'> : never;

/** Requests to one worker, with its answers. */
class Conversation {
  readonly #worker: MessagePartner;
  readonly #waiting = new Map<number, (reply: SqlReply) => void>();
  #count = 0;

  constructor(worker: MessagePartner) {
    this.#worker = worker;
    worker.onmessage = ({ data }): void => {
      const reply = checkReply(data);
      if (reply === undefined) return;
      this.#waiting.get(reply.id)?.(reply);
      this.#waiting.delete(reply.id);
    };
    worker.onerror = ({ message }): void => this.#fail(message);
  }

  ask(request: Unnumbered<SqlRequest>): Promise<SqlReply> {
    this.#count += 1;
    const id = this.#count;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#worker.postMessage({ ...request, id });
    });
  }

  end(): void {
    this.#worker.terminate();
    this.#waiting.clear();
  }

  #fail(message: string): void {
    const problem = `The database stopped working (${message}).`;
    for (const [id, resolve] of this.#waiting) {
      resolve({ type: 'problem', id, problem, remedy: 'Reload the page to try again.' });
    }
    this.#waiting.clear();
  }
}
