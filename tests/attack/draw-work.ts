import type { Random } from '#engine';
import type { WindowShape, WindowWork, Work } from './plan.ts';

/** Any work, windows more often than the rest. */
export function drawWork(random: Random, sizesMs: readonly number[], hasOther: boolean): Work {
  const sizeMs = random.pick(sizesMs);
  const types = ['stateless', 'count', 'count', 'bucket', 'flush', 'window', 'window', 'window'];
  switch (random.pick(hasOther ? [...types, 'join', 'join'] : types)) {
    case 'stateless':
      return { type: 'stateless' };
    case 'count':
      return {
        type: 'count',
        state: random.pick(['value', 'reducing', 'aggregating', hasOther ? 'connected' : 'value']),
        ttlMs: random.chance(0.3) ? random.pick([1, 100, 1000, 5000]) : undefined,
      };
    case 'bucket':
      return { type: 'bucket', sizeMs };
    case 'flush': {
      const everyMs = random.pick([1, 50, 700, 2000]);
      return { type: 'flush', state: random.pick(['value', 'list']), everyMs };
    }
    case 'join': {
      const lowerMs = random.pick([-sizeMs, 0, -10, 100]);
      return { type: 'join', lowerMs, upperMs: lowerMs + random.pick([0, 100, sizeMs]) };
    }
    default:
      return drawWindow(random, sizeMs, hasOther);
  }
}

function drawWindow(random: Random, sizeMs: number, hasOther: boolean): WindowWork {
  const shape = drawShape(random, sizeMs);
  const isRest = shape.kind === 'wall-clock' || shape.kind === 'count';
  // A coGroup function is not told its window: it must be clear from the records' times.
  const isClear = shape.kind === 'tumbling' || shape.kind === 'session';
  const isCoGroup = hasOther && isClear && random.chance(0.4);
  return {
    type: 'window',
    shape,
    latenessMs: isRest ? 0 : random.pick([0, 0, 0, 1, 500, 5000]),
    hasLateOutput: !isCoGroup && !isRest && random.chance(0.7),
    contents: isCoGroup ? 'coGroup' : random.pick(['aggregate', 'reduce', 'process']),
    hasTrigger: !isCoGroup && !isRest && random.chance(0.25),
  };
}

function drawShape(random: Random, sizeMs: number): WindowShape {
  const kind = random.pick<WindowShape['kind']>([
    'tumbling',
    'tumbling',
    'tumbling',
    'sliding',
    'session',
    'session',
    'dynamic-session',
    'wall-clock',
    'count',
  ]);
  switch (kind) {
    case 'sliding': {
      const slideMs = Math.max(1, Math.ceil(sizeMs / random.between(1, 3)));
      return { kind, sizeMs, slideMs, offsetMs: drawOffset(random, slideMs) };
    }
    case 'tumbling':
      return { kind, sizeMs, slideMs: sizeMs, offsetMs: drawOffset(random, sizeMs) };
    case 'count': {
      const count = random.between(1, 4);
      return { kind, sizeMs: count, slideMs: count, offsetMs: 0 };
    }
    default:
      return { kind, sizeMs, slideMs: sizeMs, offsetMs: 0 };
  }
}

function drawOffset(random: Random, slideMs: number): number {
  return random.chance(0.7) ? 0 : random.between(1 - slideMs, slideMs - 1);
}
