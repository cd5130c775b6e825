import { describe, expect, test } from 'vitest';
import { readModelFolders, readModelNote } from '../../src/site/model-notes.ts';

const SOURCE = `import x from 'y';
/**
 * Models Flink 2.x timers: one per key and time.
 * Simplified: no processing time. Invariant: timers fire in order.
 * Sources: Flink 2.1, timers.
 */
export class Timers {}
/** Not about a system. */
export const a = 1;
/** Models the wheel. */
export const b = 2;
`;

describe('what the engine says about itself', () => {
  test('is split at its marks, over all comments of a file', () => {
    expect(readModelNote('engine/state/timers.ts', SOURCE)).toEqual({
      file: 'engine/state/timers.ts',
      models: 'Flink 2.x timers: one per key and time. The wheel.',
      simplified: 'No processing time.',
      invariant: 'Timers fire in order.',
      sources: 'Flink 2.1, timers.',
    });
  });

  test('a file that imitates nothing is left out', () => {
    expect(readModelNote('engine/core/assert.ts', '/** Stops a run. */')).toBeUndefined();
  });

  test('folders come in the order given, empty ones not at all', () => {
    const sources = { '/engine/time/a.ts': SOURCE, '/engine/state/b.ts': SOURCE };
    const folders = readModelFolders(sources, ['state', 'windows', 'time']);
    expect(folders.map((folder) => folder.name)).toEqual(['state', 'time']);
  });
});
