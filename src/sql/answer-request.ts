import type { SqlJsStatic } from 'sql.js';
import type { SqlReply, SqlRequest } from './protocol.ts';
import { SinkDatabase } from './sink-database.ts';

/** Answers requests from one database after another; `load` gets SQLite when it is first needed. */
export class SqlAnswerer {
  readonly #load: () => Promise<SqlJsStatic>;
  #sqlite: Promise<SqlJsStatic> | undefined;
  #database: SinkDatabase | undefined;

  constructor(load: () => Promise<SqlJsStatic>) {
    this.#load = load;
  }

  async answer(request: SqlRequest): Promise<SqlReply> {
    const { id } = request;
    try {
      if (request.type === 'open') {
        this.#sqlite ??= this.#load();
        const sqlite = await this.#sqlite;
        this.#database?.close();
        this.#database = new SinkDatabase(sqlite, request.tables);
        return { type: 'opened', id, tables: this.#database.tables };
      }
      const result = this.#database?.query(request.sql) ?? NOT_OPEN;
      return 'rows' in result
        ? { type: 'rows', id, ...result }
        : { type: 'problem', id, ...result };
    } catch (error) {
      this.#sqlite = undefined;
      const message = error instanceof Error ? error.message : String(error);
      const remedy = 'Reload the page to try again.';
      return { type: 'problem', id, problem: `The database could not start: ${message}.`, remedy };
    }
  }
}

const NOT_OPEN = { problem: 'No tables are open.', remedy: 'Run the job first.' };
