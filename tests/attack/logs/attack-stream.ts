import {
  KIND,
  KinesisStream,
  judgeDelivery,
  kinesisLogInput,
  kinesisSource,
  putWithRetries,
  simulateLeases,
  traceLeases,
} from '#engine';
import type { Trace } from '#engine';
import type { Problem } from '../attack-plan.ts';
import { checkExactlyOnce } from './check-order.ts';
import type { StreamPlan } from './log-plan.ts';
import { checkRun, copied, readWithFlink } from './read-with-flink.ts';
import type { SeeTrace } from './read-with-flink.ts';

const RETRY_MS = 300;

/** Puts, reshards, reads: nothing is lost, and no child comes before its parents. */
export function attackStream(plan: StreamPlan, see: SeeTrace): Problem | undefined {
  const stream = streamOf(plan);
  const stored = stream.shards.map(({ records }) =>
    records.map(({ sequenceNumber }) => sequenceNumber),
  );
  const { reader } = plan;
  if (reader.type === 'leases') {
    const scenario = {
      stream,
      workers: reader.workers,
      processMs: 200,
      checkpointEvery: 2,
      failoverMs: 3000,
      untilMs: 900_000,
    };
    const run = simulateLeases(scenario);
    const trace = traceLeases(scenario, run.facts);
    see(trace);
    const [finding] = judgeDelivery(trace, { guarantee: 'at-least-once', isOrdered: true });
    if (finding !== undefined) return { check: finding.name, text: finding.text };
    const processed = new Set(
      run.facts.flatMap((fact) => (fact.type === 'record-processed' ? [fact.sequenceNumber] : [])),
    );
    const lost = stored.flat().filter((sequenceNumber) => !processed.has(sequenceNumber));
    return lost.length === 0 ? undefined : { check: 'workers lose nothing', text: lost.join() };
  }
  // The sequence number stands for the record: a put that was repeated has the same value twice.
  const log = kinesisLogInput(stream);
  const partitions = log.partitions.map((records, shard) =>
    records.map((record, place) => ({ ...record, value: log.lives?.[shard]?.offsets[place] })),
  );
  const source = kinesisSource<unknown>({
    stream: 'in',
    initialPosition: 'TRIM_HORIZON',
    otherPollingReaders: reader.otherPollingReaders,
  });
  const run = readWithFlink({ ...log, partitions }, { ...reader, source });
  see(run.trace);
  return (
    checkRun(run) ??
    checkExactlyOnce({ expected: stored, actual: copied(run), mayMiss: false }) ??
    (run.trace === undefined ? undefined : checkParents(run.trace, log.lives ?? []))
  );
}

function streamOf({ shards, phases }: StreamPlan): KinesisStream {
  const stream = new KinesisStream({ shards });
  for (const [phase, { batches, reshard }] of phases.entries()) {
    putWithRetries(stream, batches, { retryDelayMs: RETRY_MS });
    if (reshard === undefined) continue;
    // A phase lasts half a minute; its retries are over long before.
    const atMs = phase * 30_000 + 25_000;
    const open = [...stream.openShards].sort((a, b) => (a.range.start < b.range.start ? -1 : 1));
    const one = open[reshard.place % open.length];
    const next = open[(reshard.place % open.length) + 1];
    if (one === undefined) continue;
    if (reshard.type === 'split') stream.splitShard(one.shardId, atMs);
    else if (next !== undefined) stream.mergeShards(one.shardId, next.shardId, atMs);
  }
  return stream;
}

/** In each attempt, a child is read only when its parents have been read to their end. */
function checkParents(
  trace: Trace,
  lives: readonly { readonly parents: readonly number[]; readonly offsets: readonly number[] }[],
): Problem | undefined {
  const { kind, b, c } = trace.columns;
  const position = lives.map(() => 0);
  for (let row = 0; row < trace.rowCount; row += 1) {
    const split = c[row] as number;
    if (kind[row] === KIND['split-rewound']) position[split] = b[row] as number;
    if (kind[row] !== KIND['record-read']) continue;
    position[split] = (b[row] as number) + 1;
    for (const parent of lives[split]?.parents ?? []) {
      const last = lives[parent]?.offsets.at(-1) ?? -1;
      if ((position[parent] as number) > last) continue;
      const text = `row ${row}: shard ${split} before the end of shard ${parent}`;
      return { check: 'parents before children', text };
    }
  }
  return undefined;
}
