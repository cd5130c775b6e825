/**
 * What page and sandbox say to each other. Everything is plain JSON with a `type`; bytes travel
 * beside it. A run has an id, and late answers are dropped. What comes out of the sandbox was made
 * next to hostile code, so every reply is checked here before anything else reads it.
 */

/** A module's text, cut where it names other modules: those names become addresses on linking. */
export interface ModuleText {
  readonly id: ModuleId;
  readonly parts: readonly (string | { readonly import: string })[];
}

export const ENGINE_ID = '#engine';
export const CHECKS_ID = '#exercise/checks';
export const OPERATOR_ID = 'operator';
export type ModuleId = typeof ENGINE_ID | typeof CHECKS_ID | typeof OPERATOR_ID;

/** The file name a module has in stack traces. */
export const MODULE_FILES: { readonly [id in ModuleId]: string } = {
  [ENGINE_ID]: 'engine.js',
  [CHECKS_ID]: 'checks.js',
  [OPERATOR_ID]: 'operator.js',
};

export type RunKind = 'run' | 'grade';

export type SandboxRequest =
  /** Loads our own modules. Sent once, before the reader presses anything. */
  | { readonly type: 'prepare'; readonly modules: readonly ModuleText[] }
  | { readonly type: RunKind; readonly runId: number; readonly operator: ModuleText };

export interface StackFrame {
  /** A module of ours or the learner's; undefined for anything else. */
  readonly module: ModuleId | undefined;
  readonly functionName: string;
  /** Place in the module's JavaScript, both counted from 1. */
  readonly line: number;
  readonly column: number;
}

/** An error as data. Any object may be thrown, so nothing here can be relied on but its type. */
export interface ErrorReport {
  readonly name: string;
  readonly message: string;
  readonly frames: readonly StackFrame[];
  readonly cause?: ErrorReport;
}

/** The name of the error for an export that the checks need and the learner's file lacks. */
export const MISSING_EXPORT = 'MissingExport';

/** `prepare`: our modules. `load`: the learner's module, top to bottom. `run`: the checks. */
export type ErrorPhase = 'prepare' | 'load' | 'run';

export type ConsoleLevel = 'log' | 'warn' | 'error';

/** A call of the learner's code that began. The last one is where an endless loop is. */
export interface CallNote {
  readonly method: string;
  /** The first argument as short JSON. */
  readonly argument: string;
  /** Calls so far, this one included. */
  readonly count: number;
}

export type SandboxReply =
  | { readonly type: 'prepared' }
  | { readonly type: 'started'; readonly runId: number }
  | {
      readonly type: 'console';
      readonly runId: number;
      readonly level: ConsoleLevel;
      readonly text: string;
    }
  /** Printed more than the limits below allow: the rest is not sent. */
  | { readonly type: 'console-cut'; readonly runId: number }
  | {
      readonly type: 'progress';
      readonly runId: number;
      readonly done: number;
      readonly total: number;
      readonly label: string;
    }
  | { readonly type: 'call'; readonly runId: number; readonly call: CallNote }
  | {
      readonly type: 'result';
      readonly runId: number;
      readonly value: unknown;
      /** What the learner's code threw last, whatever became of it. */
      readonly thrown?: ErrorReport;
    }
  | {
      readonly type: 'error';
      readonly runId: number;
      readonly phase: ErrorPhase;
      readonly error: ErrorReport;
    }
  /** The answer had more bytes than `REPLY_BYTES_MAX`, or could not be written as JSON. */
  | { readonly type: 'unsendable'; readonly runId: number; readonly reason: string };

/** A reply as it travels: JSON text, with `{"$bytes": n}` for the n-th of `bytes`. */
export interface Envelope {
  readonly json: string;
  readonly bytes: readonly Uint8Array[];
  /** Only the latest of these matters: the frame may skip the ones before. */
  readonly isCall?: boolean;
}

export const REPLY_BYTES_MAX = 8_000_000;
export const CONSOLE_LINES_MAX = 300;
export const CONSOLE_CHARACTERS_MAX = 100_000;
export const CONSOLE_LINE_CHARACTERS_MAX = 2_000;
/** Calls that are announced one by one; later ones are not, for speed. */
export const CALL_NOTES_MAX = 4_000;

/** A reply as an envelope. Throws what `JSON.stringify` throws, e.g. for a cycle. */
export function packReply(reply: SandboxReply): Envelope {
  const bytes: Uint8Array[] = [];
  const json = JSON.stringify(reply, (_field, value: unknown) => {
    if (!(value instanceof Uint8Array)) return value;
    bytes.push(value);
    return { $bytes: bytes.length - 1 };
  });
  return reply.type === 'call' ? { json, bytes, isCall: true } : { json, bytes };
}

/** The size of an envelope as it is limited: characters and bytes together. */
export function envelopeSize(envelope: Envelope): number {
  return envelope.bytes.reduce((sum, part) => sum + part.byteLength, envelope.json.length);
}

/** The reply in an untrusted envelope, or undefined when it isn't one. */
export function unpackReply(data: unknown): SandboxReply | undefined {
  if (!isObject(data) || typeof data['json'] !== 'string' || !Array.isArray(data['bytes'])) {
    return undefined;
  }
  const bytes: readonly unknown[] = data['bytes'];
  let reply: unknown;
  try {
    reply = JSON.parse(data['json'], (_field, value: unknown) =>
      isObject(value) && typeof value['$bytes'] === 'number' ? bytes[value['$bytes']] : value,
    );
  } catch {
    return undefined;
  }
  return isReply(reply) ? reply : undefined;
}

function isReply(value: unknown): value is SandboxReply {
  if (!isObject(value)) return false;
  if (value['type'] === 'prepared') return true;
  if (typeof value['runId'] !== 'number') return false;
  switch (value['type']) {
    case 'started':
    case 'console-cut':
      return true;
    case 'result':
      return value['thrown'] === undefined || isErrorReport(value['thrown']);
    case 'console':
      return isLevel(value['level']) && typeof value['text'] === 'string';
    case 'progress':
      return isCount(value['done']) && isCount(value['total']) && isText(value['label']);
    case 'call':
      return isCallNote(value['call']);
    case 'error':
      return isPhase(value['phase']) && isErrorReport(value['error']);
    case 'unsendable':
      return isText(value['reason']);
    default:
      return false;
  }
}

const CAUSE_DEPTH_MAX = 4;

function isErrorReport(value: unknown, depth = 0): value is ErrorReport {
  if (!isObject(value) || depth > CAUSE_DEPTH_MAX) return false;
  const { name, message, frames, cause } = value;
  if (!isText(name) || !isText(message) || !Array.isArray(frames)) return false;
  if (!frames.every(isStackFrame)) return false;
  return cause === undefined || isErrorReport(cause, depth + 1);
}

function isStackFrame(value: unknown): value is StackFrame {
  if (!isObject(value)) return false;
  const { module, functionName, line, column } = value;
  const isKnown = module === undefined || (isText(module) && Object.hasOwn(MODULE_FILES, module));
  return isKnown && isText(functionName) && isCount(line) && isCount(column);
}

function isCallNote(value: unknown): value is CallNote {
  if (!isObject(value)) return false;
  return isText(value['method']) && isText(value['argument']) && isCount(value['count']);
}

function isObject(value: unknown): value is { readonly [field: string]: unknown } {
  return typeof value === 'object' && value !== null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isLevel(value: unknown): value is ConsoleLevel {
  return value === 'log' || value === 'warn' || value === 'error';
}

function isPhase(value: unknown): value is ErrorPhase {
  return value === 'prepare' || value === 'load' || value === 'run';
}
