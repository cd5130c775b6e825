/**
 * The kinds of facts a trace can hold, and what each column means for each kind.
 *
 * Every row has `kind`, `subtask` (an index into the header's `subtasks`, or -1), `atMs` (virtual
 * processing time), `cause` (an earlier row, or -1) and `key` (an index into the header's `keys`,
 * or -1). The meaning of the columns `a`, `b`, `c`, `d` and `value` is listed per kind below; a
 * column that is not named is unused. `value` is an index into the trace's `values`, or -1.
 *
 * New kinds are appended at the end: the position in this list is the number in a stored trace.
 */
export const TRACE_KINDS = [
  /** value = `{ restoredCheckpoint: number | null }`. First row of every attempt. */
  'job-started',
  /** a = event time ms, b = offset, c = split. The record itself is in the scenario's log. */
  'record-read',
  /** a = watermark, c = split. cause = the `record-read` that raised it. */
  'split-watermark',
  /** c = split. The split's idle timeout passed. */
  'split-idle',
  /** c = split. */
  'split-active',
  /** a = watermark leaving a source subtask. cause = the `split-watermark` or `split-idle`. */
  'watermark-emitted',
  /** a = event time ms, c = input channel. cause = `record-read` or `record-emitted` upstream. */
  'record-received',
  /** a = watermark, c = input channel. cause = `watermark-emitted` or upstream advance. */
  'watermark-received',
  /** a = the merged watermark of the subtask now, b = before. cause = `watermark-received`. */
  'watermark-advanced',
  /** a = event time ms, b = watermark. The record was too late for all its windows: dropped. */
  'record-dropped-late',
  /** a = event time ms, c = index into header `outputTags`, value = the record. */
  'side-output',
  /** a = start, b = end, d = previous `window-updated` row or -1, value = contents. */
  'window-updated',
  /**
   * a = start, b = end, c = pane timing (0 early, 1 on-time, 2 late), d = last `window-updated`,
   * value = contents that fired. cause = `watermark-advanced`, `timer-fired` or `record-received`.
   */
  'window-fired',
  /** a = start, b = end. Contents cleared by a purge or at cleanup time (c = 1 at cleanup). */
  'window-cleared',
  /** c = state index, d = row of the last write or -1, b = map key (index into `keys`) or -1. */
  'state-read',
  /** c = state index, d = row of the previous write or -1, b = map key or -1, value = new value. */
  'state-updated',
  /** c = state index, d = row of the previous write or -1, b = map key or -1 (whole state). */
  'state-cleared',
  /**
   * a = time ms, c = 0 event time, 1 processing time; d = the row before a rescale, or -1; value =
   * `{ startMs, endMs }` of the window that it belongs to, if it does.
   */
  'timer-set',
  /** a = time ms, c = domain, d = the `timer-set` row. */
  'timer-deleted',
  /** a = time ms, c = domain, d = the `timer-set` row. cause = what made time pass. */
  'timer-fired',
  /** a = event time ms, value = the record. cause = the callback that emitted it. */
  'record-emitted',
  /** c = sink, b = row number in the sink, value = `{ key, row }`. cause = `record-emitted`. */
  'sink-written',
  /** a = checkpoint id, b = 1 for a savepoint. subtask = -1. */
  'checkpoint-triggered',
  /** a = checkpoint id. The barrier leaves this subtask. */
  'barrier-emitted',
  /** a = checkpoint id, c = input channel. */
  'barrier-received',
  /** a = checkpoint id, c = the channel now blocked until the others deliver the barrier. */
  'channel-blocked',
  /** a = checkpoint id, b = ms since the first barrier. All barriers are here. */
  'alignment-finished',
  /**
   * a = checkpoint id, b = entries of state held, value = `{ bytes }`, their estimated size. Comes
   * after what the operator still did for the snapshot. cause = barrier.
   */
  'snapshot-taken',
  /**
   * a = checkpoint id, b = ms since the trigger, c = 1 for a savepoint that a restart does not use
   * and nothing commits for, value = `{ bytes }` of all snapshots. cause = what the last
   * acknowledgement came from.
   */
  'checkpoint-completed',
  /** a = checkpoint id, value = reason. */
  'checkpoint-aborted',
  /** c = task manager, value = reason. */
  'task-manager-failed',
  /** value = `{ checkpoint: number | null, attempt: number }`. cause = the failure. */
  'job-restarting',
  /** a = checkpoint id or -1: the subtask's state is now that of its `snapshot-taken`. */
  'subtask-restored',
  /** b = offset to read next, c = split. cause = `subtask-restored`. */
  'split-rewound',
  /** a = 0 log, 1 warn; value = text. Written by the operator's own console. */
  'console',
  /** value = `{ message, stack, operator }`. The operator's own code threw. */
  'function-failed',
  /** A source split has no more records. c = split. */
  'split-finished',
  /** subtask has seen the end of all its inputs. */
  'subtask-finished',
  'job-finished',
  /** value = `{ reason }`. The job gave up. */
  'job-failed',
  /** The subtask waits: one of its outputs is full. Back pressure. */
  'output-blocked',
  /** All its outputs have room again. */
  'output-unblocked',
  /** a = checkpoint id, b = elements overtaken, c = input channel. Unaligned checkpoints. */
  'barrier-overtook',
  /** a = time at which it goes on, b = factor of slowness or 0. A fault on one subtask. */
  'subtask-disturbed',
  /** c = sink, d = transaction. A sink's writer opens a transaction. */
  'transaction-begun',
  /** a = checkpoint id, c = sink, d = transaction. Flushed; will be committed or aborted. */
  'transaction-prepared',
  /** a = checkpoint id, c = sink, d = transaction; b = 1 when it had been committed before. */
  'transaction-committed',
  /** c = sink, d = transaction, value = reason. What it wrote is not visible to anyone. */
  'transaction-aborted',
  /** a = allowed watermark, c = split. It is ahead of its group: not read for now. */
  'split-paused',
  /** a = allowed watermark, c = split. */
  'split-resumed',
  /**
   * a = when it expired ms, b = map key or -1, c = state index, d = row of the write. Its time to
   * live is over and it is removed: by a read, by the clean-up, or left out of a snapshot.
   */
  'state-expired',
  /**
   * a = start, b = end of the window that others have become part of, d = last `window-updated`
   * (or `window-merged`) row of one of these, value = `{ from: { startMs, endMs }, contents }`.
   * One fact for each; `contents` is in the last. cause = the fact before it, or the record that
   * did it.
   */
  'window-merged',
  /**
   * a = event time of the left record ms, b = of the right. An interval join pairs what it keeps at
   * one of the times with the record that has just come. cause = that `record-received`.
   */
  'records-joined',
  /**
   * a = event time ms, b = attempt, from 1; d = the `async-requested` row of the attempt before or
   * -1, value = the record. A call to an external service. cause = `record-received`.
   */
  'async-requested',
  /** a = event time ms, b = 1 for an error, d = `async-requested`, value = results or message. */
  'async-answered',
  /** a = event time ms, d = the last `async-requested` row. No answer came in time. */
  'async-timed-out',
  /** a = event time ms, d = `async-answered`. The results leave the queue of calls. */
  'async-released',
  /** a = batch that comes next, b = watermark. A driver begins, from its checkpoint. */
  'query-started',
  /** a = batch, b = watermark, value = `{ start, end }`, offsets by stream and partition. */
  'batch-planned',
  /** a = batch, b = watermark. From here on, the batch is the same whenever it runs. */
  'offsets-logged',
  /** a = batch, b = version, c = rows in the store, value = `{ bytes }` of what changed. */
  'state-committed',
  /** a = batch, b = rows, c = 1 when the sink had the batch already and took no notice. */
  'sink-batch-committed',
  /** a = watermark from the next batch on, b = before. */
  'query-watermark',
  /** a = batch, b = watermark of the next one. The batch is over. */
  'commit-logged',
  /** value = the arrow at which the driver died. */
  'driver-failed',
  /** a = batch, b = how often, c = partition, value = why its task runs again. */
  'task-retried',
  /** a = stage, b = its tasks, value = its name. What it reads was written, or is made anew. */
  'stage-started',
  /** a = stage. All of its tasks have finished. */
  'stage-finished',
  /**
   * a = stage, b = attempt of the task from 0, c = task manager, value = `{ reason, subtasks }`:
   * first, retry or speculation, and the task's operators, which begin with nothing. subtask = the
   * first of these, here and in what follows.
   */
  'attempt-started',
  /** a, b, c as above, d = the `attempt-started` row. Its output counts. */
  'attempt-finished',
  /** a, b, c, d as above, value = reason. */
  'attempt-failed',
  /** a, b, c, d as above, value = reason. Nobody needs it any more. */
  'attempt-killed',
  /** a, b, c, d as above, value = `{ records }`. The output is there for the next stages. */
  'partition-written',
  /** a, b, c, d as above, value = reason. The output is gone. */
  'partition-lost',
  /** a = pause ms, value = `{ subtasks, tasks, reason }`: these run again. cause = the failure. */
  'tasks-reset',
  /** a = event time ms, b = offset, c = split, value = the record. It is in the log. */
  'record-appended',
  /** b = offset, c = split. All in-sync replicas have what lies below it. */
  'high-watermark-moved',
  /** b = offset, c = split. What lies below it is committed or aborted. */
  'stable-offset-moved',
  /** b = the first offset that is left, c = split, value = reason. */
  'log-start-moved',
  /** b = offset, c = split, value = reason. */
  'record-compacted',
  /** b = offset of its first record, c = split, d = producer id. */
  'log-transaction-opened',
  /** b = offset of the marker, c = split, d = producer id, value = `commit` or `abort`. */
  'log-transaction-marked',
  /** c = split, value = the producer. A newer session of it is known: it writes nothing more. */
  'producer-fenced',
  /** c = split, value = the shards that it comes from, by partition. */
  'partition-opened',
  /** c = split, value = the shards that go on, by partition. It takes no more records. */
  'shard-closed',
  /** c = split. The shard's limits for writing. */
  'write-throttled',
  /** a = leader epoch, b = broker or -1, c = split, d = 1 when it was in sync. */
  'leader-elected',
  /** b = the first offset that is cut off, c = split. */
  'log-truncated',
  /** b = offset to read next, c = split, value = why. `subtask` reads it from now on. */
  'split-assigned',
  /** c = split, value = why. `subtask` reads it no more. */
  'split-revoked',
  /** a = position before, b = position after, c = split, d = records. */
  'records-fetched',
  /** a = offset wanted, b = offset instead, c = split, value = `{ reset, missed }`. */
  'position-reset',
  /** b = position, c = split. The shard's limits for reading. */
  'read-throttled',
  /** a = checkpoint id or -1, b = next offset to read, c = split. Told to the log's group. */
  'offset-committed',
  /** value = the protocol's name of the error. Nothing was committed. */
  'commit-refused',
  /** a = event time ms, b = offset, c = split, d = how often it was processed before. */
  'record-processed',
  /** `subtask` is a consumer of a group. */
  'member-joined',
  /** value = `left`, `expired` or `crashed`. */
  'member-gone',
  /** value = reason. cause = the member who joined or went. */
  'rebalance-started',
  /** a = generation, value = members. */
  'generation-started',
  /** a = delivery, from 1; b = offset, c = split. A share group hands the record to `subtask`. */
  'record-acquired',
  /** b = offset, c = split, value = `{ state, why }`. cause = `record-acquired`. */
  'record-settled',
  /** c = sink, d = file, value = `FileValue`, see `frame-keys.ts`. A writer begins a file. */
  'file-opened',
  /** a = checkpoint id, b = rows, c = sink, d = file. Nothing more is written to it: pending. */
  'file-closed',
  /** c = sink, d = file, value = `{ path }`, its name from now on. Readers see it. */
  'file-finished',
  /** b = rows that stay, c = sink, d = file. A restored writer goes on from its checkpoint. */
  'file-truncated',
  /** c = sink, d = file, value = why. It is gone. */
  'file-deleted',
  /**
   * a = version, b = 1 when the table had it already, c = sink, value = `TableCommitValue`, see
   * `frame-keys.ts`: files by number, and the sources of those that a compaction made.
   */
  'table-committed',
  /** c = sink, value = reason. A commit lost against another one and is given up. */
  'table-commit-failed',
] as const;

export type TraceKind = (typeof TRACE_KINDS)[number];

/** Number of each kind: `KIND['record-read']`. */
export const KIND = Object.fromEntries(TRACE_KINDS.map((name, index) => [name, index])) as {
  readonly [kind in TraceKind]: number;
};

/** When a window fired, relative to the watermark passing its end. Beam's words for panes. */
export const PANE_TIMINGS = ['early', 'on-time', 'late'] as const;
export type PaneTiming = (typeof PANE_TIMINGS)[number];

export const TIME_DOMAINS = ['event-time', 'processing-time'] as const;
export type TimeDomain = (typeof TIME_DOMAINS)[number];
