import { simulateTopic } from '#engine';
import type { TopicRun, TopicScenario, TopicStep } from '#engine';

/**
 * Reads what is done to a topic, one step a second from second 1 on: `a=1` sends key a, `a=` a
 * tombstone, `1:a=5` to partition 1; `T/a=1` as producer T, `T0/a=1` as its first session;
 * `T.commit`, `T.abort`, `T.restart`; `+3` makes it 3 partitions; `compact`; `_` nothing.
 */
export function topicSteps(text: string): TopicStep[] {
  return text
    .trim()
    .split(/\s+/)
    .flatMap((word, place) => stepOf(word, (place + 1) * 1000));
}

function stepOf(word: string, atMs: number): TopicStep[] {
  if (word === '_') return [];
  if (word === 'compact') return [{ type: 'compact', atMs }];
  const adding = /^\+(\d+)$/.exec(word);
  if (adding !== null) return [{ type: 'add-partitions', partitions: Number(adding[1]), atMs }];
  const ending = /^([A-Z])(\d?)\.(commit|abort|restart)$/.exec(word);
  if (ending !== null) {
    const [, producer = '', session = '', how] = ending;
    if (how === 'restart') return [{ type: 'restart-producer', producer, atMs }];
    const who = { producer, ...(session === '' ? {} : { session: Number(session) }) };
    return [{ type: how === 'commit' ? 'commit' : 'abort', ...who, atMs }];
  }
  const sending = /^(?:([A-Z])(\d?)\/)?(?:(\d+):)?(\w+)=(\w*)$/.exec(word);
  if (sending === null) throw new TypeError(`no step: ${word}`);
  const [, producer, session = '', partition, key = '', value = ''] = sending;
  return [
    {
      type: 'send',
      key,
      value: value === '' ? null : Number(value),
      ...(producer === undefined ? {} : { producer }),
      ...(session === '' ? {} : { session: Number(session) }),
      ...(partition === undefined ? {} : { partition: Number(partition) }),
      atMs,
    },
  ];
}

/** A topic `in` of one partition, unless it says otherwise, after these steps. */
export function topicOf(text: string, options: Partial<TopicScenario> = {}): TopicRun {
  return simulateTopic({ name: 'in', partitions: 1, steps: topicSteps(text), ...options });
}
