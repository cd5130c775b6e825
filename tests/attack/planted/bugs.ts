import type { FamilyName } from '../families.ts';
import type { Work } from '../plan.ts';
import { LOG_BUGS } from './log-bugs.ts';
import { MICRO_BATCH_BUGS } from './micro-batch-bugs.ts';
import type { TextChange } from './plant-bug.ts';

/** A mistake that someone could make in the engine, as a change of its text. */
export interface PlantedBug extends TextChange {
  /** Only jobs that do this work can notice: others are passed over. Default: all. */
  readonly work?: Work['type'];
  /** Who attacks. Default: continuous. */
  readonly family?: FamilyName;
}

/** Each is one slip of the pen; the attack must notice every one of them. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    work: 'window',
    name: 'the late rule takes < for <=',
    file: 'operators/window-operator.ts',
    find: 'if (this.#cleanupTimeMs(maxTimestampMs) <= watermarkMs) continue;',
    replace: 'if (this.#cleanupTimeMs(maxTimestampMs) < watermarkMs) continue;',
  },
  {
    work: 'window',
    name: 'a window fires one millisecond early',
    file: 'operators/window-operator.ts',
    find: 'while (this.#times.peek() <= watermarkMs) {',
    replace: 'while (this.#times.peek() <= watermarkMs + 1) {',
  },
  {
    work: 'window',
    name: 'the contents of windows are shared with the snapshot',
    file: 'operators/window-operator.ts',
    find: 'const contents = cloneValue(pane.contents[place]);',
    replace: 'const contents = pane.contents[place];',
  },
  {
    name: 'the barrier of one channel is forgotten',
    file: 'flink/barrier-handler.ts',
    find: 'for (let channel = 0; channel < received.length; channel += 1) {',
    replace: 'for (let channel = 1; channel < received.length; channel += 1) {',
  },
  {
    name: 'a channel that delivered its barrier is not blocked',
    file: 'flink/operator-task.ts',
    find: 'if (!channel.isReady() || this.#barriers.isBlocked(index)) continue;',
    replace: 'if (!channel.isReady()) continue;',
  },
  {
    name: 'a source goes on one record too far',
    file: 'flink/source-task.ts',
    find: 'split.offset = offsets.get(split.split) ?? 0;',
    replace: 'split.offset = Math.min(split.records.length, (offsets.get(split.split) ?? -1) + 1);',
  },
  {
    name: 'a source goes back one record too far',
    file: 'flink/source-task.ts',
    find: 'split.offset = offsets.get(split.split) ?? 0;',
    replace: 'split.offset = Math.max(0, (offsets.get(split.split) ?? 0) - 1);',
  },
  {
    name: 'event-time timers are not in the snapshot',
    file: 'operators/timed-operator.ts',
    find: 'eventTimers: this.#eventTimers.snapshot(),',
    replace: '',
  },
  {
    name: 'processing-time timers are not in the snapshot',
    file: 'operators/timed-operator.ts',
    find: 'processingTimers: this.#processingTimers.snapshot(),',
    replace: '',
  },
  {
    name: 'a transaction is committed twice',
    file: 'connectors/transactional-store.ts',
    find: "if (transaction.status === 'committed') return 'already-committed';",
    replace: '',
  },
  {
    name: 'a transaction is committed at the barrier',
    file: 'connectors/two-phase-commit-writer.ts',
    find: 'return { committables: [...this.#pending] };',
    replace: 'this.#commitPending(Infinity, NONE); return { committables: [] };',
  },
  {
    name: 'what an earlier attempt wrote is not fenced off',
    file: 'connectors/transactional-store.ts',
    find: 'other % parallelism === owner &&',
    replace: 'other % parallelism === -1 &&',
  },
  {
    name: 'what was in flight is dropped at a restore',
    file: 'flink/operator-task.ts',
    find: 'for (const [index, elements] of inFlight) {',
    replace: 'for (const [index, elements] of inFlight.slice(0, 0)) {',
  },
  {
    name: 'what an unaligned barrier has overtaken is not in the checkpoint',
    file: 'flink/operator-task.ts',
    find: 'this.#unaligned.inFlight.set(channel.index, [...held, ...overtaken]);',
    replace: 'this.#unaligned.inFlight.set(channel.index, [...held]);',
  },
  {
    name: 'the watermark of one channel is ignored',
    file: 'time/status-watermark-valve.ts',
    find: 'for (let channel = 0; channel < this.#watermarksMs.length; channel += 1) {',
    replace:
      'for (let channel = Math.min(1, this.#watermarksMs.length - 1); ' +
      'channel < this.#watermarksMs.length; channel += 1) {',
  },
  {
    name: 'records are routed by the key group next to theirs',
    file: 'flink/outputs.ts',
    find: 'const keyGroup = keyGroupOf(this.#keys.valueOf(key), this.#maxParallelism);',
    replace:
      'const keyGroup = (keyGroupOf(this.#keys.valueOf(key), this.#maxParallelism) + 1)' +
      ' % this.#maxParallelism;',
  },
  {
    name: 'periodic checkpoints end with the first failure',
    file: 'flink/job-master.ts',
    find: 'if (intervalMs === undefined || this.#plannedForAttempt === attempt) return;',
    replace: 'if (intervalMs === undefined || this.#plannedForAttempt !== -1) return;',
  },
  {
    name: 'a job ends while a part of it is down',
    file: 'flink/job-master.ts',
    find: 'return this.isWhole && this.tasks.every((task) => task.isFinished);',
    replace: 'return this.tasks.every((task) => task.isFinished);',
  },
  {
    name: 'what is flushed at the end is committed with a checkpoint from before',
    file: 'flink/operator-chain.ts',
    find: 'operator.snapshot(lastSnapshotId + 1),',
    replace: 'operator.snapshot(0),',
  },
  {
    name: 'a restore takes the checkpoint before the latest',
    file: 'flink/checkpoint-coordinator.ts',
    find: 'this.#completed = { checkpointId, isSavepoint, isTranslated: false, snapshots };',
    replace: 'this.#completed ??= { checkpointId, isSavepoint, isTranslated: false, snapshots };',
  },
  {
    name: 'one restart more than the strategy allows',
    file: 'datastream/restart-backoff.ts',
    find: "return this.#attempts <= configuration['restart-strategy.fixed-delay.attempts']",
    replace: "return this.#attempts <= 1 + configuration['restart-strategy.fixed-delay.attempts']",
  },
  {
    work: 'count',
    name: 'state lives one millisecond too long',
    file: 'state/state-ttl.ts',
    find: 'return writtenMs + this.#timeToLiveMs <= this.#context.nowMs();',
    replace: 'return writtenMs + this.#timeToLiveMs < this.#context.nowMs();',
  },
  {
    work: 'count',
    name: 'state never expires',
    file: 'state/state-ttl.ts',
    find: 'return writtenMs + this.#timeToLiveMs <= this.#context.nowMs();',
    replace: 'return writtenMs === Infinity;',
  },
  {
    work: 'window',
    name: 'of sessions that merge, one loses its contents',
    file: 'operators/window-contents-store.ts',
    find: 'const stateWindows = [stateWindow, ...mergedStateWindows];',
    replace: 'const stateWindows = [stateWindow, ...mergedStateWindows.slice(1)];',
  },
  {
    work: 'join',
    name: 'a join leaves out its upper bound',
    file: 'operators/interval-join-operator.ts',
    find: 'distanceMs <= upperBoundMs;',
    replace: 'distanceMs < upperBoundMs;',
  },
  {
    name: 'calls under way are not asked again after a restore',
    file: 'operators/async-wait-operator.ts',
    find: 'for (const element of recovered) this.#offer(element);',
    replace: '',
  },
  {
    name: 'a change of parallelism forgets the event-time timers',
    file: 'state/rescale.ts',
    find:
      'const eventTimers = redistributeTimers(snapshots, ' +
      "'eventTimers', places, newParallelism);",
    replace: "const eventTimers = redistributeTimers([], 'eventTimers', places, newParallelism);",
  },
  {
    name: 'machines are looked up as before a change of parallelism',
    file: 'flink/job-master.ts',
    find: 'const firstSubtask = jobGraph.vertices[0]?.firstSubtask ?? 0;',
    replace: 'const firstSubtask = 0;',
  },
  {
    name: 'the ledger forgets its batches',
    file: 'connectors/database/database.ts',
    find: 'this.#ledger.set(ledgerKey(entry), entry);',
    replace: '',
  },
  {
    name: 'a table takes the same batch of an application twice',
    file: 'connectors/lake/lake-table.ts',
    find: 'this.transactionVersion(txn.appId, readVersion) >= txn.version',
    replace: 'false',
  },
  {
    name: 'a compaction drops what was appended meanwhile',
    file: 'connectors/lake/lake-writer.ts',
    find: 'this.#store.table.commit(transaction, this.#context.nowMs());',
    replace:
      'this.#store.table.commit({ ...transaction, readVersion: this.#store.table.version,' +
      ' removed: this.#store.table.snapshot().map(({ file }) => file) }, this.#context.nowMs());',
  },
  {
    name: 'a table commits what a failed attempt has left',
    file: 'connectors/lake/lake-store.ts',
    find: 'manifest.checkpointId <= restoredId',
    replace: 'true',
  },
  {
    name: 'a resumed file is not cut back far enough',
    file: 'connectors/files/file-store.ts',
    find: 'part.rows.length = rowCount;',
    replace: 'part.rows.length = Math.min(part.rows.length, rowCount + 1);',
  },
  {
    name: 'open files are not in the snapshot',
    file: 'connectors/files/part-file-writer.ts',
    find: 'return { committables: this.#committables, openFiles };',
    replace: 'return { committables: this.#committables };',
  },
  {
    name: 'an aborted transaction of a topic gets no marker',
    file: 'connectors/topic/topic-store.ts',
    find: "this.#end(id, 'abort');\n      left.push(id);",
    replace: 'left.push(id);',
  },
  ...MICRO_BATCH_BUGS,
  ...LOG_BUGS,
];
