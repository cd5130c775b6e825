import type { Random, TopicScenario, TopicStep } from '#engine';

/** A topic `in` and up to 30 things that are done to it. */
export function drawTopic(random: Random): TopicScenario {
  const partitions = random.between(1, 3);
  const isCompacted = random.chance(0.15);
  const isShort = !isCompacted && random.chance(0.2);
  const steps = drawSteps(random, partitions, isCompacted);
  const lastMs = steps.at(-1)?.atMs ?? 0;
  return {
    name: 'in',
    partitions,
    steps,
    ...(isCompacted || isShort ? { segmentBytes: random.pick([1, 30]) } : {}),
    ...(isCompacted ? { compaction: { deleteRetentionMs: random.pick([0, 3000]) } } : {}),
    ...(isShort
      ? { retention: { retentionMs: random.pick([1000, 4000]) }, retentionCheckMs: 1000 }
      : {}),
    untilMs: lastMs + 12_000,
  };
}

function drawSteps(random: Random, partitions: number, isCompacted: boolean): TopicStep[] {
  const steps: TopicStep[] = [];
  let atMs = 0;
  let count = partitions;
  const sessions = new Map<string, number>();
  const length = random.between(1, 30);
  for (let value = 1; value <= length; value += 1) {
    atMs += random.pick([0, 50, 400, 1000]);
    const producer = random.pick(['T', 'U']);
    const kind = random.pick(['plain', 'plain', 'send', 'send', 'send', 'end', 'end', 'other']);
    if (kind === 'plain') {
      steps.push({ type: 'send', key: random.pick(['a', 'b', 'c', 'd']), value, atMs });
    } else if (kind === 'send') {
      const key = random.pick(['a', 'b', 'c', 'd']);
      const known = sessions.get(producer) ?? 0;
      const isZombie = known > 1 && random.chance(0.3);
      const session = isZombie ? { session: random.below(known - 1) } : {};
      if (known === 0) sessions.set(producer, 1);
      steps.push({ type: 'send', key, value, producer, ...session, atMs });
    } else if (kind === 'end' && sessions.has(producer)) {
      steps.push({ type: random.pick(['commit', 'commit', 'abort'] as const), producer, atMs });
    } else if (kind === 'other') {
      const what = random.pick(['restart', 'add', 'compact']);
      if (what === 'restart') {
        sessions.set(producer, (sessions.get(producer) ?? 0) + 1);
        steps.push({ type: 'restart-producer', producer, atMs });
      } else if (what === 'add' && count < 4) {
        count += 1;
        steps.push({ type: 'add-partitions', partitions: count, atMs });
      } else if (what === 'compact' && isCompacted) steps.push({ type: 'compact', atMs });
    }
  }
  return steps;
}
