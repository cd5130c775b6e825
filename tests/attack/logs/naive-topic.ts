import { kafkaPartition } from '#engine';
import type { IsolationLevel, TopicScenario } from '#engine';

type Fate = 'plain' | 'open' | 'committed' | 'aborted';

interface Entry {
  readonly value: unknown;
  fate: Fate;
}

/**
 * What readers find in a topic in the end, partition by partition: the naive answer, with nothing
 * but lists. Retention and compaction are left out.
 */
export function naiveTopic(topic: TopicScenario, isolation: IsolationLevel): unknown[][] {
  const partitions: Entry[][] = Array.from({ length: topic.partitions }, () => []);
  const sessions = new Map<string, number>();
  const open = new Map<string, Entry[]>();
  const end = (producer: string, fate: Fate): void => {
    for (const entry of open.get(producer) ?? []) entry.fate = fate;
    open.delete(producer);
  };
  const isNewest = (producer: string, session: number | undefined): boolean => {
    const count = Math.max(sessions.get(producer) ?? 0, 1);
    sessions.set(producer, count);
    return session === undefined || session === count - 1;
  };
  for (const step of topic.steps) {
    if (step.type === 'add-partitions') {
      while (partitions.length < step.partitions) partitions.push([]);
    } else if (step.type === 'restart-producer') {
      sessions.set(step.producer, (sessions.get(step.producer) ?? 0) + 1);
      end(step.producer, 'aborted');
    } else if (step.type === 'commit' || step.type === 'abort') {
      if (!isNewest(step.producer, step.session)) continue;
      end(step.producer, step.type === 'commit' ? 'committed' : 'aborted');
    } else if (step.type === 'send') {
      const { producer, session, value, key } = step;
      if (producer !== undefined && !isNewest(producer, session)) continue;
      const entry: Entry = { value, fate: producer === undefined ? 'plain' : 'open' };
      const place = step.partition ?? kafkaPartition(key as string, partitions.length);
      (partitions[place] as Entry[]).push(entry);
      if (producer !== undefined) open.set(producer, [...(open.get(producer) ?? []), entry]);
    }
  }
  return partitions.map((entries) => readable(entries, isolation).map(({ value }) => value));
}

/** `read_committed` stops before the first record that is not decided. */
function readable(entries: readonly Entry[], isolation: IsolationLevel): readonly Entry[] {
  if (isolation === 'read_uncommitted') return entries;
  const undecided = entries.findIndex(({ fate }) => fate === 'open');
  const decided = undecided < 0 ? entries : entries.slice(0, undecided);
  return decided.filter(({ fate }) => fate !== 'aborted');
}
