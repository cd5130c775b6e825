import type { OpenedTable, QueryProblem } from './sink-database.ts';

/**
 * What SQLite says is wrong, as a sentence, and what to do about it: the names that there are, the
 * nearest one first.
 */
export function explainProblem(message: string, tables: readonly OpenedTable[]): QueryProblem {
  const problem = `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
  const [, table] = /^no such table: (.+)$/.exec(message) ?? [];
  if (table !== undefined) {
    const names = tables.map(({ name }) => name);
    return { problem, remedy: `The tables are ${byLikeness(table, names)}.` };
  }
  const [, column] = /^no such column: (.+?)( - .*)?$/.exec(message) ?? [];
  if (column !== undefined) {
    const wanted = column.slice(column.lastIndexOf('.') + 1).replaceAll('"', '');
    const names = [...new Set(tables.flatMap(({ columns }) => columns))];
    return { problem, remedy: `Columns are ${byLikeness(wanted, names)}.` };
  }
  if (message.includes('readonly database') || message.includes('read-only')) {
    const remedy = 'The tables hold what the run has written: they can only be read. Use SELECT.';
    return { problem, remedy };
  }
  const [, near] = /^near "(.*)": syntax error$/.exec(message) ?? [];
  if (near !== undefined) {
    const remedy = `Look at what comes just before "${near}": a word, comma or bracket is wrong.`;
    return { problem, remedy };
  }
  if (message === 'incomplete input') {
    return { problem, remedy: 'The query ends too early: close its brackets and quotes.' };
  }
  if (message.startsWith('misuse of aggregate')) {
    const remedy = 'Conditions on aggregates go behind GROUP BY, into HAVING.';
    return { problem, remedy };
  }
  return { problem, remedy: 'The database is SQLite: see its documentation of SELECT.' };
}

const NAMES_MAX = 8;

/** Names as a list, those that need the fewest changes first. */
function byLikeness(wanted: string, names: readonly string[]): string {
  const ranked = names
    .map((name) => ({ name, distance: distance(wanted.toLowerCase(), name.toLowerCase()) }))
    .sort((left, right) => left.distance - right.distance)
    .map(({ name }) => name);
  const more = ranked.length > NAMES_MAX ? ` and ${ranked.length - NAMES_MAX} more` : '';
  return `${ranked.slice(0, NAMES_MAX).join(', ')}${more}`;
}

/** Letters to insert, delete or replace between two words. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, place) => place);
  for (let at = 1; at <= from.length; at += 1) {
    const next = [at];
    for (let place = 1; place <= to.length; place += 1) {
      const replaced = (row[place - 1] as number) + Number(from[at - 1] !== to[place - 1]);
      const inserted = (next[place - 1] as number) + 1;
      const deleted = (row[place] as number) + 1;
      next.push(Math.min(replaced, inserted, deleted));
    }
    row = next;
  }
  return row[to.length] as number;
}
