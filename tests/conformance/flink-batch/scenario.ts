import { Random } from '#engine';

/** What is compared with Flink: the rules of its batch execution mode, feature by feature. */
export const KINDS = [
  'process',
  'connected',
  'broadcast',
  'tumbling',
  'sliding',
  'sessions',
  'continuous',
  'processing-time',
  'counted',
] as const;

export type Kind = (typeof KINDS)[number];

/**
 * One job over bounded input. A stream is written in one line: `a@3:e5` is a record of key a and
 * second 3 whose function sets an event-time timer for second 5 (`p` of processing time; `d` and
 * `q` delete).
 */
export interface BatchConformance {
  readonly kind: Kind;
  /** One, or two where the kind needs them. */
  readonly streams: readonly string[];
}

/** A scenario and what Flink has emitted, in order, with commas between. */
export interface Recorded extends BatchConformance {
  readonly emitted: string;
}

/**
 * A scenario that the seed picks. No two records of a stream have one key and time: Flink leaves
 * their order open.
 */
export function drawConformance(seed: number): BatchConformance {
  const random = new Random(seed);
  const kind = KINDS[seed % KINDS.length]!;
  const hasTwo = kind === 'connected' || kind === 'broadcast';
  const times = Array.from({ length: 20 }, (_, time) => time);
  const shuffled = (): number[] => random.shuffle(times);
  const byKey = new Map(['a', 'b', 'c'].map((key) => [key, shuffled()]));
  const drawStream = (): string =>
    Array.from({ length: random.between(0, 8) }, () => drawRecord(random, byKey)).join(' ');
  return { kind, streams: hasTwo ? [drawStream(), drawStream()] : [drawStream()] };
}

function drawRecord(random: Random, byKey: ReadonlyMap<string, number[]>): string {
  const key = random.pick([...byKey.keys()]);
  const time = byKey.get(key)!.pop()!;
  const orders = Array.from({ length: random.below(4) }, () => {
    return `:${random.pick(['e', 'e', 'p', 'd', 'q'])}${random.below(12)}`;
  });
  return `${key}@${time}${orders.join('')}`;
}
