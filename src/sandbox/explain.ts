import {
  type ErrorPhase,
  type ErrorReport,
  MISSING_EXPORT,
  MODULE_FILES,
  OPERATOR_ID,
  type StackFrame,
} from './protocol.ts';
import type { RunOutcome, Stop } from './runner.ts';
import type { FindSource, Place } from './source-map.ts';

/** A run that gave no result, in words for the learner. */
export interface Explanation {
  /** Whose turn it is: the learner's, the job's as written, or ours. */
  readonly blame: 'your-code' | 'your-job' | 'millrace';
  readonly title: string;
  readonly text: string;
  /** Where in the learner's file. */
  readonly place?: Place;
  /** The learner's own frames, innermost first, e.g. `processElement, line 12`. */
  readonly calls: readonly string[];
}

const CONFIG_ERROR = 'ConfigError';
/** The name under which checks throw what is the learner's to mend, whatever the stack says. */
const FUNCTION_ERROR = 'FunctionError';
const UNFIT = 'The checks can’t use your file as it is';
const REFUSED = 'The engine refuses this job as it is written';
const THROWN = 'Your code threw an error';

type Failure = Exclude<RunOutcome, { type: 'result' } | { type: 'cancelled' }>;

/** Why a run gave no result. A learner's mistake never reads as ours, nor ours as theirs. */
export function explainFailure(failure: Failure, findSource: FindSource): Explanation {
  switch (failure.type) {
    case 'stopped':
      return explainStop(failure.stop);
    case 'error':
      return explainError(failure.error, failure.phase, findSource);
    case 'unsendable':
      return {
        blame: 'your-code',
        title: 'The result is too large',
        text:
          `The result can't be shown: ${failure.reason}. ` +
          'Does your operator emit more than it should, or keep growing its state?',
        calls: [],
      };
    case 'unavailable':
      return {
        blame: 'millrace',
        title: 'The sandbox did not start',
        text:
          `Nothing of yours ran: ${failure.reason}. Reload the page. If it stays so, an ` +
          'extension or a policy of this browser may block workers.',
        calls: [],
      };
  }
}

/** Words for a run that had to be stopped, as specific as what is known. */
export function explainStop(stop: Stop): Explanation {
  const seconds = stop.afterMs / 1000;
  const where = placeInRun(stop);
  if (stop.reason === 'too-long') {
    return {
      blame: 'your-code',
      title: `Stopped after ${seconds} seconds`,
      text: `The run was still going on${where}. Is there work that grows with every record?`,
      calls: [],
    };
  }
  if (stop.isLoading) {
    return {
      blame: 'your-code',
      title: `Stopped: your file did not finish loading in ${seconds} seconds`,
      text: 'Probably an endless loop outside of any function, at the top level of the file.',
      calls: [],
    };
  }
  const { lastCall } = stop;
  if (lastCall === undefined) {
    return {
      blame: 'your-code',
      title: `Stopped: no progress for ${seconds} seconds`,
      text: `Probably an endless loop${where}. Which loop has a condition that stays true?`,
      calls: [],
    };
  }
  const given = lastCall.argument === '' ? '' : ` with ${lastCall.argument}`;
  return {
    blame: 'your-code',
    title: `Stopped: probably an endless loop in ${lastCall.method}`,
    text:
      `${lastCall.method} was called${given} (call ${lastCall.count}${where}) and gave no sign ` +
      `of life for ${seconds} seconds. Look for a loop there whose condition stays true, or a ` +
      'timer that sets itself again for the same time.',
    calls: [],
  };
}

function placeInRun({ lastProgress }: Stop): string {
  return lastProgress === undefined ? '' : `, in “${lastProgress.label}”`;
}

function explainError(error: ErrorReport, phase: ErrorPhase, findSource: FindSource): Explanation {
  const own = innermostCause(error);
  const frames = own.frames.some(isOperator) ? own.frames : error.frames;
  const ownFrames = frames.filter(isOperator);
  const calls = ownFrames.map((frame) => describeFrame(frame, findSource));
  const place = ownFrames.map((frame) => findSource(frame)).find((found) => found !== undefined);
  const at = place === undefined ? {} : { place };
  const message = `${own.name}: ${own.message}`;
  if (own.name === CONFIG_ERROR && place !== undefined) {
    return { blame: 'your-job', title: REFUSED, text: own.message, calls, ...at };
  }
  if (phase === 'load') {
    const title = 'Your file failed while it was loaded';
    return { blame: 'your-code', title, text: message, calls, ...at };
  }
  if (own.name === MISSING_EXPORT || own.name === FUNCTION_ERROR) {
    return { blame: 'your-code', title: UNFIT, text: own.message, calls, ...at };
  }
  // Our own code throws nothing but errors.
  if (ownFrames.length === 0 && own.name !== 'Thrown') {
    return {
      blame: 'millrace',
      title: 'A mistake of ours',
      text:
        `Millrace itself failed while it ran your code: ${message}. Your code is kept. ` +
        'Please report this text together with your code.',
      calls: frames.slice(0, 5).map((frame) => describeFrame(frame, findSource)),
    };
  }
  const isThrownByEngine = frames[0] !== undefined && !isOperator(frames[0]);
  const title = isThrownByEngine ? 'A call from your code failed' : THROWN;
  return { blame: 'your-code', title, text: message, calls, ...at };
}

/** Explains what the learner's code threw inside a run that went on to tell of it. */
export function explainThrown(error: ErrorReport, findSource: FindSource): Explanation {
  const explanation = explainError(error, 'run', findSource);
  if (explanation.blame !== 'millrace') return explanation;
  const { name, message } = innermostCause(error);
  const calls: readonly string[] = [];
  if (name === CONFIG_ERROR) return { blame: 'your-job', title: REFUSED, text: message, calls };
  return { blame: 'your-code', title: THROWN, text: `${name}: ${message}`, calls };
}

function innermostCause(error: ErrorReport): ErrorReport {
  return error.cause === undefined ? error : innermostCause(error.cause);
}

function isOperator(frame: StackFrame): boolean {
  return frame.module === OPERATOR_ID;
}

function describeFrame(frame: StackFrame, findSource: FindSource): string {
  const name = frame.functionName === '' ? 'top level' : frame.functionName;
  if (!isOperator(frame)) {
    const file = frame.module === undefined ? 'browser' : MODULE_FILES[frame.module];
    return `${name}, ${file}:${frame.line}`;
  }
  const place = findSource(frame);
  return place === undefined ? name : `${name}, line ${place.line}`;
}
