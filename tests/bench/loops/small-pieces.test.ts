import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../seeded-draws.ts';
import { makeWorkload, toRows } from '../workload-data.ts';
import { Calendar } from './calendar.ts';
import { DeadlineQueue } from './deadline-queue.ts';
import { mapFilterCountLimit, mapFilterCountLoop } from './map-filter-count.ts';
import { numbersHash } from './output-hash.ts';
import { topOf } from './top.ts';

describe('map, filter, count', () => {
  it('counts values that are above 100 when doubled', () => {
    const rows = [50, 51, 0, 99].map((value) => ({ ts: 0, key: 0, value }));
    expect(mapFilterCountLoop(rows)).toBe(2);
  });

  it('counts the same by loop and limit', () => {
    const columns = makeWorkload({ count: 1_000, seed: 3 });
    expect(mapFilterCountLimit(columns)).toBe(mapFilterCountLoop(toRows(columns)));
  });
});

describe('topOf', () => {
  it('names the largest counts, equal ones in order of key', () => {
    const counts = [['d', 1] as const, ['b', 3] as const, ['c', 2] as const, ['a', 2] as const];
    expect(topOf(counts, 3).map(([key]) => key)).toEqual(['b', 'a', 'c']);
    expect(topOf(counts, 9)).toHaveLength(4);
  });
});

/** Times to put in, drawn; small enough for equal ones. */
function drawTimes(count: number): number[] {
  const random = mulberry32(9);
  return Array.from({ length: count }, () => Math.floor(random() * 500));
}

describe('DeadlineQueue', () => {
  it('gives items in order of time, each once it is due', () => {
    const queue = new DeadlineQueue<number>();
    const times = drawTimes(1_000);
    for (const time of times) queue.push(time, time);
    const taken: number[] = [];
    while (queue.isDue(300)) taken.push(queue.pop());
    expect(taken).toEqual(times.filter((time) => time <= 300).sort((a, b) => a - b));
  });

  it('refuses to give what is not there', () => {
    expect(() => new DeadlineQueue().pop()).toThrow('ask isDue first');
    expect(new DeadlineQueue().isDue(Infinity)).toBe(false);
  });
});

describe('Calendar', () => {
  it('gives each item exactly when it is due', () => {
    const times = drawTimes(1_000);
    const calendar = new Calendar(times.length, 600, 16);
    times.forEach((time, item) => calendar.put(item, time));
    for (let now = 0; now <= 500; now += 7) {
      const taken: number[] = [];
      calendar.takeDue(now, (item) => taken.push(times[item]));
      const due = times.filter((time) => time <= now && time > now - 7);
      expect(taken.sort((a, b) => a - b)).toEqual(due.sort((a, b) => a - b));
    }
  });

  it('takes what is put in while it gives', () => {
    const calendar = new Calendar(1, 100, 16);
    calendar.put(0, 5);
    const visits: number[] = [];
    for (const now of [5, 6, 7, 40]) {
      calendar.takeDue(now, (item) => {
        visits.push(now);
        if (now < 40) calendar.put(item, now + 2);
      });
    }
    expect(visits).toEqual([5, 7, 40]);
  });
});

describe('numbersHash', () => {
  it('goes by rows, not by their order', () => {
    const rows = [
      [1, 2],
      [1, 1, 1],
      [0, 9],
    ];
    expect(numbersHash([...rows].reverse())).toBe(numbersHash(rows));
    expect(numbersHash([...rows, [1, 2]])).not.toBe(numbersHash(rows));
    expect(numbersHash([[1, 2, 3]])).not.toBe(numbersHash([[1], [2, 3]]));
  });
});
