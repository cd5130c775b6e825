import { PartitionLog, fetchRecords } from '#engine';
import type {
  IsolationLevel,
  LogBatch,
  ProducerRecord,
  TransactionMarker,
  TopicPartition,
} from '#engine';

/** `a=1 b=2 a= =3`: key a with 1, b with 2, a tombstone of a, 3 without key; one second apart. */
export function records(text: string, fromMs = 0): ProducerRecord[] {
  return text
    .trim()
    .split(/\s+/)
    .map((word, place) => {
      const [key = '', value = ''] = word.split('=');
      return {
        key: key === '' ? null : key,
        value: value === '' ? null : Number(value),
        timestampMs: fromMs + place * 1000,
      };
    });
}

/**
 * A log of one batch a record: `a=1 b=2 | a=3`, where a bar begins a new segment: a day lies
 * between two, and a segment lasts an hour.
 */
export function logOf(text: string): PartitionLog {
  const log = new PartitionLog({ segmentBytes: 1_000_000, segmentMs: 3_600_000 });
  text.split('|').forEach((segment, day) => {
    for (const record of records(segment, day * 86_400_000)) {
      log.append({ records: [record] }, record.timestampMs);
    }
  });
  log.advanceHighWatermark(log.endOffset);
  return log;
}

/** The log as `0:a=1 1:b=2`; markers as `3:commit`, emptied batches as `2:-`. */
export function show(log: PartitionLog): string {
  return log.segments
    .map((segment) => segment.batches.map(showBatch).join(' '))
    .filter((text) => text !== '')
    .join(' | ');
}

function showBatch(batch: LogBatch): string {
  if (batch.marker !== undefined) return `${batch.baseOffset}:${batch.marker}`;
  if (batch.records.length === 0) return `${batch.lastOffset}:-`;
  return batch.records
    .map(({ offset, key, value }) => `${offset}:${key ?? ''}=${value === null ? '' : value}`)
    .join(' ');
}

/** What a consumer reads from the start, as `0:a=1 1:b=2 → 2`: the records and its next offset. */
export function read(log: PartitionLog, isolation: IsolationLevel, offset = 0): string {
  const result = fetchRecords(log, { offset, isolation });
  if (result.type === 'out-of-range') return `out of [${result.startOffset},${result.endOffset}]`;
  const shown = result.records.map(
    ({ offset: at, key, value }) => `${at}:${key ?? ''}=${value === null ? '' : value}`,
  );
  return [...shown, `→ ${result.nextOffset}`].join(' ');
}

/** `1@0#0 a=1 b=2`: producer 1, epoch 0, first sequence 0; `1@0#0t` in a transaction. */
export function produce(log: PartitionLog, text: string): string {
  const [who = '', ...words] = text.split(' ');
  const match = /^(\d+)@(\d+)#(\d+)(t?)$/.exec(who);
  const [, producerId, producerEpoch, baseSequence, isTransactional] = match ?? [];
  const stamp = {
    producerId: Number(producerId),
    producerEpoch: Number(producerEpoch),
    baseSequence: Number(baseSequence),
    isTransactional: isTransactional === 't',
  };
  const result = log.append({ records: records(words.join(' ')), stamp }, 0);
  log.advanceHighWatermark(log.endOffset);
  if (result.type === 'rejected') return result.error;
  return `${result.type} ${result.baseOffset}-${result.lastOffset}`;
}

/** Ends the transaction of a producer, written `1@0 commit`. */
export function mark(log: PartitionLog, text: string): string {
  const [, producerId, producerEpoch, marker] = /^(\d+)@(\d+) (\w+)$/.exec(text) ?? [];
  const result = log.appendMarker(
    {
      producerId: Number(producerId),
      producerEpoch: Number(producerEpoch),
      marker: marker as TransactionMarker,
    },
    0,
  );
  log.advanceHighWatermark(log.endOffset);
  return result.type === 'rejected' ? result.error : result.type;
}

/** `t0,u3`: partition 0 of topic t and 3 of u. */
export function topicPartitions(text: string): TopicPartition[] {
  if (text === '') return [];
  return text.split(',').map((word) => ({
    topic: word[0] as string,
    partition: Number(word.slice(1)),
  }));
}
