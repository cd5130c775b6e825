import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import type { SinkTable } from '#engine';
import { openTables } from '../../src/sql/open-tables.ts';
import type { MessagePartner } from '../../src/sql/open-tables.ts';
import { checkReply } from '../../src/sql/protocol.ts';

const BOARD: SinkTable = { name: 'board', primaryKey: [], rows: [{ n: 1 }, { n: 2 }] };

/** A thread of Node in the place of the browser's worker: the same answers, the same ending. */
function startThread(): MessagePartner {
  const thread = new Worker(new URL('./node-sql-worker.ts', import.meta.url));
  const partner: MessagePartner = {
    postMessage: (message) => thread.postMessage(message),
    terminate: () => void thread.terminate(),
    onmessage: null,
    onerror: null,
  };
  thread.on('message', (data) => partner.onmessage?.({ data } as MessageEvent<unknown>));
  thread.on('error', ({ message }: Error) => partner.onerror?.({ message } as ErrorEvent));
  return partner;
}

const ENDLESS =
  'WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up) SELECT count(*) FROM up';

describe('open tables', () => {
  test('answer queries in order, and problems as data', async () => {
    const tables = await openTables([BOARD], { startWorker: startThread });
    expect(tables.tables).toEqual([{ name: 'board', columns: ['n'], rowCount: 2 }]);
    const [sum, wrong] = await Promise.all([
      tables.query('SELECT sum(n) AS total FROM board'),
      tables.query('SELECT * FROM bord'),
    ]);
    expect(sum).toEqual({ columns: ['total'], rows: [[3]], isCut: false });
    expect(wrong).toMatchObject({ remedy: 'The tables are board.' });
    tables.close();
  });

  test('end a query that never ends, and go on', async () => {
    const tables = await openTables([BOARD], { startWorker: startThread, queryMsMax: 500 });
    expect(await tables.query(ENDLESS)).toEqual({
      problem: 'The query took more than 0.5 s and was ended.',
      remedy: 'Join fewer rows, or look for a recursion that never ends.',
    });
    expect(await tables.query('SELECT count(*) FROM board')).toMatchObject({ rows: [[2]] });
    tables.close();
  });
});

test('a reply is checked before anybody reads it', () => {
  const rows = { type: 'rows', id: 1, columns: ['n'], rows: [[1, null, 'x']], isCut: false };
  expect(checkReply(rows)).toBe(rows);
  for (const wrong of [
    undefined,
    'rows',
    { ...rows, id: 'x' },
    { ...rows, rows: [[{}]] },
    { ...rows, columns: [1] },
    { type: 'opened', id: 1, tables: [{ name: 'board' }] },
    { type: 'problem', id: 1, problem: 'x' },
    { type: 'other', id: 1 },
  ]) {
    expect(checkReply(wrong)).toBeUndefined();
  }
});
