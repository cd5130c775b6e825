/**
 * One operator of Flink and what happens to it, as data: what Flink's own operator and the engine
 * both run. One scenario is one line of JSON; so is what came out. All times are ms.
 */
export interface FlinkScenario {
  readonly feature: string;
  readonly seed: number;
  readonly work: Work;
  readonly steps: readonly Step[];
}

/** Which operator, and how it is set up. */
export type Work = WindowWork | ProgramWork | IntervalJoinWork | OperatorStateWork;

/** A window operator. */
export interface WindowWork {
  readonly type: 'windows';
  readonly windows: WindowsSpec;
  /** Null: the default of the windows. */
  readonly trigger: TriggerSpec | null;
  readonly evictor: EvictorSpec | null;
  readonly latenessMs: number;
  readonly hasLateOutput: boolean;
  /** `counted` is `process` with state of the key and, if they do not merge, of the window. */
  readonly contents: 'reduce' | 'aggregate' | 'process' | 'counted';
}

/** Where windows lie. Sessions without a size take the gap of each record. */
export interface WindowsSpec {
  readonly type:
    | 'tumbling'
    | 'sliding'
    | 'session'
    | 'clock-tumbling'
    | 'clock-sliding'
    | 'clock-session'
    | 'global'
    | 'global-end';
  readonly sizeMs?: number;
  readonly slideMs?: number;
  readonly offsetMs?: number;
}

/** When windows fire. */
export type TriggerSpec =
  | { readonly type: 'event' | 'clock' }
  | { readonly type: 'count'; readonly count: number }
  | { readonly type: 'continuous' | 'clock-continuous'; readonly everyMs: number }
  | { readonly type: 'delta'; readonly threshold: number }
  | { readonly type: 'purging'; readonly nested: TriggerSpec }
  | {
      readonly type: 'timeout';
      readonly nested: TriggerSpec;
      readonly everyMs: number;
      readonly isReset: boolean;
      readonly isCleared: boolean;
    };

/** What is taken out of a window when it fires. */
export interface EvictorSpec {
  readonly type: 'count' | 'time' | 'delta';
  readonly amount: number;
  readonly isAfter: boolean;
}

/** A process function that runs a program: actions by a record's number, and by kind of timer. */
export interface ProgramWork {
  readonly type: 'process' | 'connected' | 'broadcast';
  /** Record `n` of the first input runs the actions at `n` modulo their count. */
  readonly first: readonly (readonly string[])[];
  readonly second: readonly (readonly string[])[];
  readonly onEventTimer: readonly string[];
  readonly onClockTimer: readonly string[];
  readonly ttl: TtlSpec | null;
}

/** How all state of a program expires. */
export interface TtlSpec {
  readonly ttlMs: number;
  readonly updateType: 'OnCreateAndWrite' | 'OnReadAndWrite';
  readonly visibility: 'NeverReturnExpired' | 'ReturnExpiredIfNotCleanedUp';
  readonly cleanup: 'none' | 'full-snapshot' | 'background';
}

/** An interval join. */
export interface IntervalJoinWork {
  readonly type: 'interval-join';
  readonly lowerMs: number;
  readonly upperMs: number;
  readonly isLowerIncluded: boolean;
  readonly isUpperIncluded: boolean;
  readonly hasLateOutput: boolean;
}

/**
 * A function without keys that keeps a buffer, which its checkpoints hold as a list to be split,
 * and a union list. Record `n` goes to subtask `n` modulo the parallelism, and runs the actions at
 * `n` modulo their count.
 */
export interface OperatorStateWork {
  readonly type: 'operator-state';
  readonly first: readonly (readonly string[])[];
}

/** What happens to the operator. Inputs are numbered from 0. */
export type Step =
  | {
      readonly type: 'record';
      readonly input?: number;
      readonly key: string;
      readonly n: number;
      /** Null: it has no timestamp. */
      readonly atMs: number | null;
      readonly gapMs?: number;
    }
  | { readonly type: 'watermark'; readonly input?: number; readonly atMs: number | 'max' }
  | { readonly type: 'status'; readonly input: number; readonly isIdle: boolean }
  | { readonly type: 'clock'; readonly atMs: number }
  | { readonly type: 'restore'; readonly parallelism: number };

/** What a step led to, over all subtasks. */
export interface StepOutcome {
  /** `out …` or a side output's name, the timestamp behind `@`; `watermark …`, or a status. */
  readonly out: readonly string[];
  /** How many are set afterwards, of event time and of processing time. */
  readonly timers: readonly [number, number];
  /** Entries of keyed state afterwards: one for each state, key and namespace that has some. */
  readonly entries: number;
  /** Records that were dropped as late. */
  readonly dropped: number;
}
