import type { TraceReader } from './reader.ts';
import type { TraceEvent } from './trace.ts';

/** One plain sentence about a fact of a log or of its readers; undefined for other facts. */
export function narrateLog(
  reader: TraceReader,
  event: TraceEvent,
  split: string,
): string | undefined {
  const { b, d, kind } = event;
  const value = reader.valueAt(event.row);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  switch (kind) {
    case 'record-appended':
      return `${split} stores ${text} at offset ${b}.`;
    case 'high-watermark-moved':
      return `All in-sync replicas of ${split} have what lies below ${b}: it can be read.`;
    case 'stable-offset-moved':
      return `Below ${b} everything in ${split} is decided: read_committed can read it.`;
    case 'log-start-moved':
      return `${split} begins at ${b} now: what lies below is deleted (${text}).`;
    case 'record-compacted':
      return `The cleaner takes offset ${b} out of ${split} (${text}).`;
    case 'log-transaction-opened':
      return `Producer ${d} opens a transaction in ${split} at offset ${b}.`;
    case 'log-transaction-marked':
      return value === 'commit'
        ? `The marker at offset ${b} of ${split} commits what producer ${d} wrote.`
        : `The marker at offset ${b} of ${split} aborts what producer ${d} wrote.`;
    case 'producer-fenced':
      return `${text} is fenced: a newer session of it is known, and nothing was written.`;
    case 'partition-opened':
      return `${split} exists from now on${parentsText(value)}.`;
    case 'shard-closed':
      return `${split} is closed: it takes no more records, but can be read to its end.`;
    case 'write-throttled':
      return `${split} refuses a record: its limit of this second is used up.`;
    case 'leader-elected':
      return b < 0
        ? `${split} has no leader: nobody in sync is up.`
        : `Broker ${b} leads ${split}${d === 1 ? '' : ', although it was not in sync'}.`;
    case 'log-truncated':
      return `${split} is cut off at ${b}: the new leader does not have the rest.`;
    default:
      return narrateReader(reader, event, split, text);
  }
}

function parentsText(value: unknown): string {
  const parents = Array.isArray(value) ? value : [];
  return parents.length === 0 ? '' : `, in the place of ${parents.join(' and ')}`;
}

function narrateReader(
  reader: TraceReader,
  { a, b, d, kind, subtask }: TraceEvent,
  split: string,
  text: string,
): string | undefined {
  const who = reader.subtaskText(subtask);
  switch (kind) {
    case 'split-assigned':
      return `${who} reads ${split} from offset ${b} on (${text}).`;
    case 'split-revoked':
      return `${who} reads ${split} no more (${text}).`;
    case 'records-fetched':
      return `${who} gets ${d} records of ${split}: its position moves from ${a} to ${b}.`;
    case 'position-reset':
      return `${split} has no offset ${a} any more: ${who} goes on at ${b}.`;
    case 'read-throttled':
      return `${split} refuses a call of ${who}: its limit of this second is used up.`;
    case 'offset-committed':
      return `${who} commits offset ${b} of ${split}: whoever comes after it begins there.`;
    case 'commit-refused':
      return `The commit of ${who} is refused: ${text}.`;
    case 'record-processed':
      return d > 0
        ? `${who} processes offset ${b} of ${split} again: it was processed before.`
        : `${who} processes offset ${b} of ${split}.`;
    case 'member-joined':
      return `${who} joins the group.`;
    case 'member-gone':
      return `${who} is gone: ${text}.`;
    case 'rebalance-started':
      return `The group rebalances: ${text}.`;
    case 'generation-started':
      return `Generation ${a} of the group begins.`;
    case 'record-acquired':
      return `${who} gets offset ${b} of ${split}, delivery ${a}: nobody else does for a while.`;
    case 'record-settled':
      return `Offset ${b} of ${split} is settled: ${text}.`;
    default:
      return undefined;
  }
}
