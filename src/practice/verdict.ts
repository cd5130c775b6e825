/**
 * What a grade says, read from a value that was made beside hostile code. The shape is that of
 * `engine/checkers/verdict.ts`, with the failing trace as bytes.
 */
export interface FailingRun {
  readonly trace: Uint8Array;
  /** The trace row at which it went wrong. */
  readonly row: number;
  /** What was done to the job, in one line. */
  readonly schedule: string;
}

export interface Anomaly {
  readonly name: string;
  readonly text: string;
  readonly expected?: string;
  readonly actual?: string;
  readonly seed?: number;
  readonly failing?: FailingRun;
}

export interface Check {
  readonly name: string;
  readonly title: string;
  readonly passed: boolean;
  readonly anomaly?: Anomaly;
}

export interface Verdict {
  readonly passed: boolean;
  readonly checks: readonly Check[];
  /** Runs that were judged, and how many of them crashed; undefined when not told. */
  readonly counts?: { readonly runs: number; readonly crashes: number };
}

/** The name of the anomaly that the learner's code threw. */
export const FUNCTION_THREW = 'function threw';

const CHECKS_MAX = 100;
const TEXT_CHARACTERS_MAX = 4_000;

/** The verdict in `value`, or undefined when it isn't one. Passing needs every check to pass. */
export function readVerdict(value: unknown): Verdict | undefined {
  if (!isObject(value) || !Array.isArray(value['checks'])) return undefined;
  const checks = value['checks'].slice(0, CHECKS_MAX).map(readCheck);
  if (checks.length === 0 || !checks.every((check) => check !== undefined)) return undefined;
  const passed = value['passed'] === true && checks.every((check) => check.passed);
  const counts = readCounts(value['counts']);
  return counts === undefined ? { passed, checks } : { passed, checks, counts };
}

function readCounts(value: unknown): Verdict['counts'] {
  if (!isObject(value)) return undefined;
  const { runs, crashes } = value;
  if (!Number.isInteger(runs) || !Number.isInteger(crashes)) return undefined;
  return { runs: runs as number, crashes: crashes as number };
}

function readCheck(value: unknown): Check | undefined {
  if (!isObject(value)) return undefined;
  const { name, title, passed } = value;
  if (typeof name !== 'string' || typeof passed !== 'boolean') return undefined;
  const anomaly = readAnomaly(value['anomaly']);
  const check = { name, title: typeof title === 'string' ? title : name, passed };
  return anomaly === undefined ? check : { ...check, anomaly };
}

function readAnomaly(value: unknown): Anomaly | undefined {
  if (!isObject(value)) return undefined;
  const { name, text, seed } = value;
  if (typeof name !== 'string' || typeof text !== 'string') return undefined;
  const expected = readText(value['expected']);
  const actual = readText(value['actual']);
  const failing = readFailing(value['failing']);
  return {
    name,
    text: text.slice(0, TEXT_CHARACTERS_MAX),
    ...(expected === undefined ? {} : { expected }),
    ...(actual === undefined ? {} : { actual }),
    ...(typeof seed === 'number' ? { seed } : {}),
    ...(failing === undefined ? {} : { failing }),
  };
}

function readFailing(value: unknown): FailingRun | undefined {
  if (!isObject(value) || !(value['trace'] instanceof Uint8Array)) return undefined;
  const { trace, row, schedule } = value;
  if (!Number.isInteger(row) || typeof schedule !== 'string') return undefined;
  return { trace: trace as Uint8Array, row: row as number, schedule };
}

/** Text as it is; any other JSON laid out to be compared by eye. */
function readText(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const text = typeof value === 'string' ? value : JSON.stringify(value, undefined, 1);
  return text.slice(0, TEXT_CHARACTERS_MAX);
}

function isObject(value: unknown): value is { readonly [field: string]: unknown } {
  return typeof value === 'object' && value !== null;
}
