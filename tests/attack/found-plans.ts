import type { Plan } from './plan.ts';

/** Attacks that once found a bug which only one seed in tens of thousands finds, made small. */
export const FOUND_PLANS: readonly { readonly bug: string; readonly plan: Plan }[] = [
  {
    bug: 'a channel that ends completes the newest of several checkpoints, not the one it held up',
    plan: {
      seed: 1,
      partitions: [
        [
          { id: '0.0', key: 'k2', atMs: -30_000, arrivalMs: 0 },
          { id: '0.1', key: 'k4', atMs: -30_601, arrivalMs: 65 },
        ],
        [{ id: '1.1', key: 'k5', atMs: -29_893, arrivalMs: 512 }],
        [
          { id: '2.0', key: 'k3', atMs: -29_976, arrivalMs: 58 },
          { id: '2.1', key: 'k2', atMs: -30_573, arrivalMs: 65 },
        ],
      ],
      other: undefined,
      twin: undefined,
      isBounded: true,
      stages: ['orderedWait'],
      work: { type: 'count', state: 'value', ttlMs: undefined },
      watermarks: { type: 'none', delayMs: 601, idleMs: undefined },
      parallelism: {
        usual: 4,
        stages: 2,
        source: undefined,
        work: undefined,
        sinks: undefined,
      },
      maxParallelism: undefined,
      taskManagers: 2,
      configuration: {
        'execution.checkpointing.interval': 24,
        'execution.checkpointing.mode': 'AT_LEAST_ONCE',
        'execution.checkpointing.max-concurrent-checkpoints': 2,
      },
      costs: { serviceMs: { in: 300 }, networkDelayMs: 20 },
      faults: [{ type: 'task-manager-crash', taskManager: 1, when: { atMs: 672 } }],
      operations: [],
    },
  },
  {
    bug: 'a task goes on after the first of two snapshots that meet, with a record in service',
    plan: {
      seed: 10092186,
      partitions: [
        [
          { id: '0.0', key: 'k1', atMs: -1000, arrivalMs: 31 },
          { id: '0.1', key: 'k1', atMs: 0, arrivalMs: 182 },
        ],
        [
          { id: '1.0', key: 'k0', atMs: 0, arrivalMs: 0 },
          { id: '1.1', key: 'k0', atMs: 0, arrivalMs: 0 },
          { id: '1.3', key: 'k0', atMs: -1000, arrivalMs: 31 },
          { id: '1.4', key: 'k0', atMs: 0, arrivalMs: 89 },
          { id: '1.5', key: 'k1', atMs: 0, arrivalMs: 247 },
        ],
      ],
      isBounded: true,
      stages: [],
      work: {
        type: 'window',
        shape: { kind: 'tumbling', sizeMs: 297, slideMs: 297, offsetMs: -217 },
        latenessMs: 0,
        hasLateOutput: true,
        contents: 'process',
        hasTrigger: true,
      },
      watermarks: { type: 'periodic', delayMs: 0, idleMs: undefined },
      parallelism: { usual: 2, source: 2, stages: 2, work: 2, sinks: 2 },
      maxParallelism: undefined,
      taskManagers: 1,
      configuration: {
        'execution.checkpointing.interval': 20,
        'execution.checkpointing.mode': 'AT_LEAST_ONCE',
        'execution.checkpointing.max-concurrent-checkpoints': 2,
      },
      costs: { serviceMs: { work: 300 }, bufferRecords: 3, snapshotSyncMs: 1 },
      faults: [
        {
          type: 'subtask-failure',
          operator: 'transactional: Writer',
          index: 0,
          when: { atMs: 153 },
        },
      ],
      operations: [],
      other: undefined,
      twin: undefined,
    },
  },
  {
    bug: 'what a savepoint was to commit is committed by nobody',
    plan: {
      seed: 40000500,
      partitions: [
        [
          { id: '0.0', key: 'k1', atMs: 1699999999173, arrivalMs: 1700000000000 },
          { id: '0.1', key: 'k2', atMs: 1700000000104, arrivalMs: 1700000000663 },
        ],
      ],
      isBounded: true,
      stages: [],
      work: { type: 'count', state: 'aggregating', ttlMs: undefined },
      watermarks: { type: 'none', delayMs: 0, idleMs: undefined },
      parallelism: { usual: 2, source: 2, stages: 2, work: 2, sinks: 2 },
      taskManagers: 1,
      configuration: {},
      costs: {},
      faults: [],
      operations: [{ type: 'savepoint', when: { afterStep: 6 } }],
      maxParallelism: undefined,
      other: undefined,
      twin: undefined,
    },
  },
  {
    bug: 'a timer fires in an operator that has finished, while another of its chain still works',
    plan: {
      seed: 40003329,
      partitions: [
        [
          { id: '0.5', key: 'k1', atMs: -30000, arrivalMs: 991 },
          { id: '0.6', key: 'k1', atMs: -25000, arrivalMs: 5079 },
          { id: '0.7', key: 'k3', atMs: -25000, arrivalMs: 5298 },
        ],
      ],
      isBounded: true,
      stages: [],
      work: {
        type: 'window',
        shape: { kind: 'wall-clock', sizeMs: 1, slideMs: 1, offsetMs: 0 },
        latenessMs: 0,
        hasLateOutput: false,
        contents: 'process',
        hasTrigger: false,
      },
      watermarks: { type: 'none', delayMs: 0, idleMs: undefined },
      parallelism: { usual: 2, source: 2, stages: 2, work: 2, sinks: 2 },
      taskManagers: 1,
      configuration: { 'execution.checkpointing.interval': 531 },
      costs: {},
      faults: [],
      operations: [],
      maxParallelism: undefined,
      other: undefined,
      twin: undefined,
    },
  },
];
