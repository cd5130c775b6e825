import { expect, test } from 'vitest';
import { WindowTable } from '../../../engine/operators/window-table.ts';
import { forEachSeed } from '../stream-notation.ts';
import { Random } from '#engine';

test('finds what a plain map finds', () => {
  forEachSeed(20, (seed) => {
    const random = new Random(seed);
    const table = new WindowTable<number>();
    const plain = new Map<string, number>();
    for (let step = 0; step < 200; step += 1) {
      const key = random.below(3);
      const window = { startMs: random.below(3), endMs: 5 + random.below(4) };
      const id = `${key} ${window.startMs} ${window.endMs}`;
      expect(table.get(key, window)).toBe(plain.get(id));
      if (random.chance(0.5)) {
        table.set(key, window, step);
        plain.set(id, step);
      } else {
        table.delete(key, window);
        plain.delete(id);
      }
      expect(table.size).toBe(plain.size);
    }
    const seen = new Map<string, number>();
    table.forEach((key, { startMs, endMs }, value) =>
      seen.set(`${key} ${startMs} ${endMs}`, value),
    );
    expect(seen).toEqual(plain);
  });
});
