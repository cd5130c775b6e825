/** Holds the database away from the page, so that a slow query never stutters and can be ended. */
import initSqlJs from 'sql.js';
import wasmUrl from 'sql.js/dist/sql-wasm-browser.wasm?url';
import { SqlAnswerer } from './answer-request.ts';
import type { SqlRequest } from './protocol.ts';

const answerer = new SqlAnswerer(() => initSqlJs({ locateFile: () => wasmUrl }));

self.addEventListener('message', ({ data }: MessageEvent<SqlRequest>) => {
  void answerer.answer(data).then((reply) => self.postMessage(reply));
});
