/**
 * Models the choices that a design answer makes for one keyed, windowed streaming job between a
 * Kafka topic and a serving table. Simplified: one job, one topic, one sink.
 * Invariant: a checked design has only finite numbers in the ranges documented here.
 */
import { ConfigError } from '../core/errors.ts';

/**
 * How work is divided. `global`: one subtask sees everything (Flink's windowAll). `natural`: by the
 * business key. `salted`: by key and a salt, with a second stage that merges the partial results.
 */
export type Keying = 'global' | 'natural' | 'salted';

/** `continuous` follows Flink's rules, `micro-batch` Spark Structured Streaming's. */
export type EngineMode = 'continuous' | 'micro-batch';

/** What the job promises about its own state after a crash. `none`: no checkpoints at all. */
export type Guarantee = 'none' | 'at-least-once' | 'exactly-once';

/**
 * How results reach the serving table. `append` inserts a row per result, `increment` adds to a
 * counter, `upsert` writes the whole row by key, `transactional` commits with the checkpoint or,
 * in micro-batch mode, once per batch id.
 */
export type CapacitySink = 'append' | 'increment' | 'upsert' | 'transactional';

/** One answer to a design question, as far as a run can judge it. */
export interface Design {
  /** Partitions of the input topic, 1–10,000. */
  readonly partitions: number;
  readonly keying: Keying;
  /** Salts per key, 1–1,000. Used only when `keying` is `salted`. */
  readonly saltCount: number;
  readonly engine: EngineMode;
  /** Subtasks (Flink) or executor cores (Spark), 1–10,000. */
  readonly parallelism: number;
  /** How long event time waits for stragglers, in s, 0–86,400. */
  readonly watermarkDelaySeconds: number;
  /** Time between checkpoints, in s, 1–86,400. Used only by `continuous`. */
  readonly checkpointIntervalSeconds: number;
  /** Time between batch starts, in s, 1–86,400. Used only by `micro-batch`. */
  readonly triggerIntervalSeconds: number;
  readonly guarantee: Guarantee;
  readonly sink: CapacitySink;
}

export type DesignField = keyof Design;

/** A design that can't be run, or that runs but wastes something. `message` is for the reader. */
export interface DesignProblem {
  readonly field: DesignField;
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

interface Range {
  readonly field: DesignField;
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly isWhole: boolean;
}

/** The numeric fields with their limits: what `checkDesign` enforces and a form can show. */
export const DESIGN_RANGES: readonly Range[] = [
  { field: 'partitions', label: 'partitions', min: 1, max: 10_000, isWhole: true },
  { field: 'saltCount', label: 'salts per key', min: 1, max: 1_000, isWhole: true },
  { field: 'parallelism', label: 'parallelism', min: 1, max: 10_000, isWhole: true },
  {
    field: 'watermarkDelaySeconds',
    label: 'watermark delay in s',
    min: 0,
    max: 86_400,
    isWhole: false,
  },
  {
    field: 'checkpointIntervalSeconds',
    label: 'checkpoint interval in s',
    min: 1,
    max: 86_400,
    isWhole: true,
  },
  {
    field: 'triggerIntervalSeconds',
    label: 'trigger interval in s',
    min: 1,
    max: 86_400,
    isWhole: true,
  },
];

const CHOICES: readonly { readonly field: DesignField; readonly values: readonly string[] }[] = [
  { field: 'keying', values: ['global', 'natural', 'salted'] },
  { field: 'engine', values: ['continuous', 'micro-batch'] },
  { field: 'guarantee', values: ['none', 'at-least-once', 'exactly-once'] },
  { field: 'sink', values: ['append', 'increment', 'upsert', 'transactional'] },
];

/** Everything wrong or wasteful about a design, errors first. An empty list means: run it. */
export function reviewDesign(design: Design): readonly DesignProblem[] {
  const errors = [...reviewRanges(design), ...reviewChoices(design), ...reviewPairs(design)];
  return errors.length > 0 ? errors : reviewWaste(design);
}

/** Throws a `ConfigError` for the first thing that keeps the design from running. */
export function checkDesign(design: Design): void {
  const error = reviewDesign(design).find((problem) => problem.severity === 'error');
  if (error === undefined) return;
  throw new ConfigError(
    `design field "${error.field}" can't be run`,
    design[error.field],
    error.message,
  );
}

function reviewRanges(design: Design): DesignProblem[] {
  const problems: DesignProblem[] = [];
  for (const { field, label, min, max, isWhole } of DESIGN_RANGES) {
    const value = design[field];
    const isFine =
      typeof value === 'number' &&
      value >= min &&
      value <= max &&
      (!isWhole || Number.isInteger(value));
    if (isFine) continue;
    const kind = isWhole ? 'a whole number' : 'a number';
    const message = `${label} must be ${kind} from ${min} to ${max}: enter one in that range`;
    problems.push({ field, severity: 'error', message });
  }
  return problems;
}

function reviewChoices(design: Design): DesignProblem[] {
  return CHOICES.filter(({ field, values }) => !values.includes(String(design[field]))).map(
    ({ field, values }) => ({
      field,
      severity: 'error',
      message: `${field} must be one of ${values.join(', ')}: choose one of them`,
    }),
  );
}

/** Combinations that the real systems refuse, or that mean nothing. */
function reviewPairs(design: Design): DesignProblem[] {
  const problems: DesignProblem[] = [];
  if (design.engine === 'micro-batch' && design.guarantee === 'none') {
    const message =
      'a Spark query that keeps state needs a checkpoint location: choose at-least-once or ' +
      'exactly-once, or the continuous engine';
    problems.push({ field: 'guarantee', severity: 'error', message });
  }
  const isContinuous = design.engine === 'continuous';
  if (isContinuous && design.sink === 'transactional' && design.guarantee !== 'exactly-once') {
    const message =
      'a transactional sink commits with exactly-once checkpoints: choose exactly-once, or ' +
      'another sink';
    problems.push({ field: 'sink', severity: 'error', message });
  }
  return problems;
}

function reviewWaste(design: Design): DesignProblem[] {
  const problems: DesignProblem[] = [];
  const idleCount = design.parallelism - design.partitions;
  if (idleCount > 0) {
    const message =
      `${idleCount} of ${design.parallelism} subtasks have no partition to read and stay idle: ` +
      'add partitions or lower the parallelism';
    problems.push({ field: 'parallelism', severity: 'warning', message });
  }
  if (design.keying === 'global' && design.parallelism > 1) {
    const message =
      'one global key means one subtask does all the work: parallelism above 1 buys nothing';
    problems.push({ field: 'keying', severity: 'warning', message });
  }
  return problems;
}
