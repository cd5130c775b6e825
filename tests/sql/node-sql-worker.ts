/** The worker of `src/sql/sql-worker.ts` as a thread of Node. */
import { parentPort } from 'node:worker_threads';
import initSqlJs from 'sql.js';
import { SqlAnswerer } from '../../src/sql/answer-request.ts';

const answerer = new SqlAnswerer(() => initSqlJs());

parentPort?.on('message', (request) => {
  void answerer.answer(request).then((reply) => parentPort?.postMessage(reply));
});
