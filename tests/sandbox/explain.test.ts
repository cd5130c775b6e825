import { describe, expect, test } from 'vitest';
import { explainFailure, explainStop, explainThrown } from '../../src/sandbox/explain.ts';
import type { ErrorReport, StackFrame } from '../../src/sandbox/protocol.ts';
import type { Stop } from '../../src/sandbox/runner.ts';
import type { FindSource } from '../../src/sandbox/source-map.ts';

/** Every line of the JavaScript comes from ten lines further down. */
const findSource: FindSource = ({ line, column }) => ({ line: line + 10, column });
const own: StackFrame = { module: 'operator', functionName: 'C.onTimer', line: 2, column: 3 };
const engine: StackFrame = { module: '#engine', functionName: 'fire', line: 1, column: 900 };
const report = (name: string, frames: readonly StackFrame[], cause?: ErrorReport): ErrorReport => ({
  name,
  message: 'it went wrong',
  frames,
  ...(cause === undefined ? {} : { cause }),
});
const explain = (error: ErrorReport, phase: 'load' | 'run' = 'run') =>
  explainFailure({ type: 'error', phase, error }, findSource);

describe('whose mistake it is', () => {
  test("an error thrown by the learner's code points at their own line", () => {
    expect(explain(report('TypeError', [own, engine]))).toMatchObject({
      blame: 'your-code',
      title: 'Your code threw an error',
      text: 'TypeError: it went wrong',
      place: { line: 12, column: 3 },
      calls: ['C.onTimer, line 12'],
    });
  });

  test("an error inside the engine, called by the learner, is at the learner's call", () => {
    expect(explain(report('TypeError', [engine, own, engine]))).toMatchObject({
      blame: 'your-code',
      title: 'A call from your code failed',
      place: { line: 12, column: 3 },
    });
  });

  test('an error that no code of theirs took part in is ours', () => {
    const explanation = explain(report('AssertionError', [engine]));
    expect(explanation).toMatchObject({ blame: 'millrace', calls: ['fire, engine.js:1'] });
    expect(explanation.place).toBeUndefined();
  });

  test('an error that the engine wrapped is explained by its cause', () => {
    const error = report('FunctionError', [engine], report('RangeError', [own]));
    expect(explain(error)).toMatchObject({ blame: 'your-code', text: 'RangeError: it went wrong' });
  });

  test('a job that the engine refuses says the rule, without an error name', () => {
    expect(explain(report('ConfigError', [engine, own]))).toMatchObject({
      blame: 'your-job',
      text: 'it went wrong',
      place: { line: 12, column: 3 },
    });
  });

  test('a refusal that no code of theirs took part in is ours', () => {
    expect(explain(report('ConfigError', [engine]))).toMatchObject({ blame: 'millrace' });
  });

  test('an error while loading is told as such', () => {
    const top: StackFrame = { ...own, functionName: '' };
    expect(explain(report('ReferenceError', [top]), 'load')).toMatchObject({
      title: 'Your file failed while it was loaded',
      calls: ['top level, line 12'],
    });
  });

  test('a sandbox that does not start blames nobody’s code', () => {
    const failure = { type: 'unavailable', reason: 'workers are blocked' } as const;
    expect(explainFailure(failure, findSource)).toMatchObject({ blame: 'millrace' });
  });

  test('what a run reports as thrown is never ours', () => {
    expect(explainThrown(report('TypeError', [own, engine]), findSource)).toMatchObject({
      blame: 'your-code',
      place: { line: 12, column: 3 },
    });
    expect(explainThrown(report('TypeError', []), findSource).blame).toBe('your-code');
    expect(explainThrown(report('ConfigError', []), findSource).blame).toBe('your-job');
  });

  test('a value thrown that is no error is theirs: ours are errors', () => {
    expect(explain(report('Thrown', []))).toMatchObject({ blame: 'your-code' });
  });

  test('an export that is gone is named', () => {
    const error = { ...report('MissingExport', [engine]), message: 'The file must export Count' };
    const explanation = { blame: 'your-code', text: 'The file must export Count' };
    expect(explain(error)).toMatchObject(explanation);
    expect(explain({ ...error, name: 'FunctionError' })).toMatchObject(explanation);
  });
});

describe('a run that was stopped', () => {
  const stop: Stop = {
    reason: 'silent',
    afterMs: 2000,
    isLoading: false,
    lastCall: { method: 'onTimer', argument: '900000', count: 7 },
    lastProgress: { done: 3, total: 9, label: 'crash after step 3' },
  };

  test('names the method, what it was given, and the case', () => {
    const { title, text } = explainStop(stop);
    expect(title).toBe('Stopped: probably an endless loop in onTimer');
    expect(text).toContain('onTimer was called with 900000 (call 7, in “crash after step 3”)');
    expect(text).toContain('for 2 seconds');
  });

  test('without a call, names the case', () => {
    expect(explainStop({ ...stop, lastCall: undefined }).text).toContain('crash after step 3');
  });

  test('while loading, looks at the top level', () => {
    const { text } = explainStop({ ...stop, isLoading: true });
    expect(text).toContain('top level of the file');
  });
});
