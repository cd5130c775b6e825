import { expect, test } from 'vitest';
import { ConfigError, Random, TraceReader, decodeTrace, encodeTrace, simulate } from '#engine';
import { countScenario, forEachSeed, traceOf } from '../stream-notation.ts';

const scenario = countScenario(['a@1 b@4 a@12 b@9 a@30'], { sizeS: 10, delayS: 3 });
const trace = traceOf(simulate(scenario));
const bytes = encodeTrace(trace);

test('a trace survives being stored', () => {
  expect(decodeTrace(bytes)).toEqual(trace);
});

test('every truncation is refused in words', () => {
  for (let length = 0; length < bytes.length; length += 13) {
    expect(() => decodeTrace(bytes.slice(0, length))).toThrow(ConfigError);
  }
});

test('damaged bytes are refused in words or give a trace that can be read', () => {
  forEachSeed(300, (seed) => {
    const random = new Random(seed);
    const damaged = bytes.slice();
    for (let change = 0; change < 4; change += 1) {
      damaged[random.below(damaged.length)] = random.below(256);
    }
    let decoded;
    try {
      decoded = decodeTrace(damaged);
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      return;
    }
    const reader = new TraceReader(decoded);
    for (let row = 0; row < reader.rowCount; row += 1) reader.narrate(row);
    reader.frameAt(reader.rowCount - 1);
  });
});
