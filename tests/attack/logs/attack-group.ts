import {
  judgeDelivery,
  simulateGroup,
  simulateShareGroup,
  simulateTopic,
  traceGroup,
} from '#engine';
import type { DeliveryPromise, GroupRun, GroupScenario, LogInput, Trace } from '#engine';
import type { Problem } from '../attack-plan.ts';
import type { GroupPlan, SharePlan } from './log-plan.ts';
import type { SeeTrace } from './read-with-flink.ts';

const UNTIL_MS = 240_000;

/** Runs a group to the end of its topic, and judges what it promised. */
export function attackGroup(plan: GroupPlan, see: SeeTrace): Problem | undefined {
  const { topic, isolation, assignor, protocol, commit, maxPollRecords } = plan;
  // Under the newer protocol only dynamic members are modelled.
  const consumers =
    protocol === 'classic'
      ? plan.consumers
      : plan.consumers.map(({ groupInstanceId: _, ...consumer }) => consumer);
  const log = simulateTopic(topic).toLogInput({ isolation });
  const scenario: GroupScenario = {
    topics: { t: log },
    consumers,
    assignor,
    protocol,
    commit,
    maxPollRecords,
    offsetReset: 'earliest',
    sessionTimeoutMs: 6000,
    heartbeatIntervalMs: 1000,
    maxPollIntervalMs: 10_000,
    initialRebalanceDelayMs: 1000,
    untilMs: UNTIL_MS,
  };
  const run = simulateGroup(scenario);
  const trace = traceGroup(scenario, run.facts);
  see(trace);
  return (
    checkPromise(trace, promiseOf(plan, run), log) ??
    checkEnd(run, log) ??
    checkOutputs(plan, run, log)
  );
}

/** Undefined: what it did can't keep any promise. */
function promiseOf({ commit }: GroupPlan, run: GroupRun): DeliveryPromise | undefined {
  // A zombie goes on with what it has committed, while its successor is further.
  const isOrdered = commit.type !== 'before-processing';
  if (commit.type === 'transactional') {
    return { guarantee: 'exactly-once', isOrdered, output: commit.output };
  }
  const isEarly = commit.type === 'before-processing';
  // A commit that was refused came too late to keep anybody else from the records.
  const isRefused = run.facts.some(({ type }) => type === 'commit-failed');
  if (isEarly && isRefused) return undefined;
  return { guarantee: isEarly ? 'at-most-once' : 'at-least-once', isOrdered };
}

function checkPromise(
  trace: Trace,
  promise: DeliveryPromise | undefined,
  log: LogInput,
): Problem | undefined {
  if (promise === undefined) return undefined;
  const kept = new Set(
    (log.lives ?? []).flatMap(({ name, offsets, goneMs }) =>
      offsets.filter((_, place) => goneMs[place] === Infinity).map((offset) => `${name} ${offset}`),
    ),
  );
  const finding = judgeDelivery(trace, promise).find(({ name, text }) => {
    // Retention may be faster than a reader; and what is aborted or compacted is not shown.
    if (name === 'record missed' || name === 'output missing') return false;
    const place = /offset (\d+) of (\S+)/.exec(text);
    return place === null || kept.has(`${place[2]} ${place[1]}`);
  });
  return finding === undefined ? undefined : { check: finding.name, text: finding.text };
}

/** The last consumer stays to the end, so no record is left. Markers may be. */
function checkEnd({ committed }: GroupRun, log: LogInput): Problem | undefined {
  for (const { name, offsets, goneMs } of log.lives ?? []) {
    const next = committed.get(name) ?? 0;
    const left = offsets.filter((offset, place) => offset >= next && goneMs[place] === Infinity);
    if (left.length > 0) return { check: 'the group reads to the end', text: `${name}: ${left}` };
  }
  return undefined;
}

/** Exactly once: what readers see is what the topic holds, each record once and in order. */
function checkOutputs(
  { commit, topic }: GroupPlan,
  { outputs }: GroupRun,
  log: LogInput,
): Problem | undefined {
  if (commit.type !== 'transactional') return undefined;
  const mayMiss = topic.retention !== undefined || topic.compaction !== undefined;
  for (const { name, offsets } of log.lives ?? []) {
    const got = outputs.filter(({ partition }) => partition === name).map(({ offset }) => offset);
    const due = mayMiss ? offsets.filter((offset) => got.includes(offset)) : offsets;
    if (got.join() === due.join()) continue;
    return { check: 'outputs exactly once', text: `${name}: ${got.join()}, due ${due.join()}` };
  }
  return undefined;
}

/** Runs a share group: nothing is lost, nothing delivered too often. */
export function attackShare(plan: SharePlan, see: SeeTrace): Problem | undefined {
  const { counts, consumers, maxPollRecords } = plan;
  const partitions = counts.map((count) =>
    Array.from({ length: count }, (_, offset) => ({ value: offset, arrivalMs: offset * 100 })),
  );
  const deliveryCountMax = 5;
  const run = simulateShareGroup({
    topic: 't',
    log: { partitions },
    consumers,
    maxPollRecords,
    lockMs: 2000,
    deliveryCountMax,
    untilMs: UNTIL_MS,
  });
  see(run.trace);
  for (const [partition, count] of counts.entries()) {
    for (let offset = 0; offset < count; offset += 1) {
      const place = `${partition}@${offset}`;
      const members = run.processed.get(place) ?? [];
      if (members.length > deliveryCountMax) return { check: 'delivery limit', text: place };
      if (members.length === 0 && !run.archived.includes(place)) {
        return { check: 'a share group loses nothing', text: place };
      }
    }
  }
  const [finding] = judgeDelivery(run.trace, { guarantee: 'at-least-once', isOrdered: false });
  return finding === undefined ? undefined : { check: finding.name, text: finding.text };
}
