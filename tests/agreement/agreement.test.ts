import { expect, test } from 'vitest';
import { forEachSeed } from '../engine/stream-notation.ts';
import { disagreement, lossProblem } from './check-seed.ts';

test('continuously, in micro-batches or as a batch: the final results are the same', () => {
  forEachSeed(400, (seed) => expect(disagreement(seed)).toBeUndefined());
});

test('whatever is lost, whenever: the results of a batch are the same, in the same order', () => {
  forEachSeed(40, (seed) => expect(lossProblem(seed)).toBeUndefined());
});
