/**
 * The first and only code of ours in the worker. It keeps the way to the page to itself, removes
 * the others, loads our modules, and then the learner's once.
 */
import {
  CHECKS_ID,
  type ConsoleLevel,
  envelopeSize,
  type ErrorPhase,
  type ErrorReport,
  MISSING_EXPORT,
  MODULE_FILES,
  type ModuleId,
  type ModuleText,
  packReply,
  REPLY_BYTES_MAX,
  type RunKind,
  type SandboxReply,
  type SandboxRequest,
} from '../protocol.ts';
import { watchCalls } from './call-watch.ts';
import { removeWaysOut } from './cage.ts';
import { createCappedConsole } from './capped-console.ts';
import { describeError } from './describe-error.ts';

interface WorkerScope {
  postMessage(message: unknown): void;
  onmessage: ((message: { readonly data: SandboxRequest }) => void) | null;
}

/** What an exercise's checks may use besides the learner's module. */
interface CheckHooks {
  readonly progress: (done: number, total: number, label: string) => void;
  readonly console: (level: ConsoleLevel, text: string) => void;
  /** For `simulate`'s hooks: what the operator prints is then noted in that run's trace, too. */
  readonly onStart: (run: RunConsole) => void;
}

interface RunConsole {
  console(level: 'log' | 'warn', text: string): void;
}

type CheckFunction = (operator: unknown, hooks: CheckHooks) => unknown;
interface ChecksModule {
  readonly runVisible: CheckFunction;
  readonly grade: CheckFunction;
}

const scope = globalThis as unknown as WorkerScope;
const postMessage = scope.postMessage.bind(scope);
const createUrl = URL.createObjectURL.bind(URL);
const addresses = new Map<string, ModuleId>();
const urls = new Map<string, string>();
let checks: ChecksModule | undefined;
let phase: ErrorPhase = 'prepare';
let runId = 0;
let isGrading = false;
let lastThrown: { readonly thrown: unknown } | undefined;
let runConsole: RunConsole | undefined;

function send(reply: SandboxReply): void {
  postMessage(packReply(reply));
}

function link(module: ModuleText): string {
  const text = module.parts.map((part) =>
    typeof part === 'string' ? part : (urls.get(part.import) ?? part.import),
  );
  // The name makes stacks readable and the same in every run.
  const named = `${text.join('')}\n//# sourceURL=${MODULE_FILES[module.id]}`;
  const url = createUrl(new Blob([named], { type: 'text/javascript' }));
  urls.set(module.id, url);
  addresses.set(url, module.id);
  return url;
}

async function prepare(modules: readonly ModuleText[]): Promise<void> {
  for (const module of modules) link(module);
  const url = urls.get(CHECKS_ID);
  if (url === undefined) throw new Error('the checks are missing from the prepared modules');
  checks = (await import(/* @vite-ignore */ url)) as ChecksModule;
  send({ type: 'prepared' });
}

async function run(kind: RunKind, operatorText: ModuleText): Promise<void> {
  if (checks === undefined) throw new Error('a run was asked for before the checks were loaded');
  send({ type: 'started', runId });
  phase = 'load';
  const operator = (await import(/* @vite-ignore */ link(operatorText))) as object;
  phase = 'run';
  watchCalls(operator, {
    onCall: (call) => send({ type: 'call', runId, call }),
    onThrow: (thrown) => {
      lastThrown = { thrown };
    },
  });
  const perform = kind === 'run' ? checks.runVisible : checks.grade;
  const hooks: CheckHooks = { progress: sendProgress, console: capped.print, onStart };
  sendResult(await perform(withClearErrors(operator), hooks));
}

/** The learner's module; asking it for what it does not export says so, in words for them. */
function withClearErrors(operator: object): object {
  return new Proxy(operator, {
    get(target, name): unknown {
      if (typeof name === 'symbol' || name in target) return Reflect.get(target, name);
      const error = new Error(`The file must export ${name}, and no longer does.`);
      error.name = MISSING_EXPORT;
      throw error;
    },
  });
}

function onStart(started: RunConsole): void {
  runConsole = started;
  if (isGrading) capped.restart();
}

function sendProgress(done: number, total: number, label: string): void {
  send({ type: 'progress', runId, done, total, label });
}

function sendResult(value: unknown): void {
  const result = { type: 'result', runId, value } as const;
  const envelope = packReply(
    lastThrown === undefined
      ? result
      : { ...result, thrown: describeError(lastThrown.thrown, addresses) },
  );
  const size = envelopeSize(envelope);
  if (size <= REPLY_BYTES_MAX) postMessage(envelope);
  else send({ type: 'unsendable', runId, reason: `it has ${size} bytes` });
}

const capped = createCappedConsole({
  line: (level, text) => {
    // A grade runs the code hundreds of times: only the trace of the run it shows may tell.
    if (!isGrading) send({ type: 'console', runId, level, text });
    runConsole?.console(level === 'log' ? 'log' : 'warn', text);
  },
  cut: () => {
    if (!isGrading) send({ type: 'console-cut', runId });
  },
});

function fail(thrown: unknown): void {
  let error: ErrorReport;
  try {
    error = describeError(thrown, addresses);
  } catch {
    // The learner's code may have changed what our own code stands on, e.g. Array.prototype.
    const message = 'an error that can’t be described: does your code change built-in objects?';
    error = { name: 'Thrown', message, frames: [] };
  }
  send({ type: 'error', runId, phase, error });
}

removeWaysOut(globalThis);
Object.defineProperty(globalThis, 'console', { value: capped.facade });
(Error as { stackTraceLimit?: number }).stackTraceLimit = 50;

scope.onmessage = ({ data }): void => {
  if (data.type === 'prepare') {
    prepare(data.modules).catch(fail);
    return;
  }
  scope.onmessage = null;
  runId = data.runId;
  isGrading = data.type === 'grade';
  run(data.type, data.operator).catch(fail);
};
