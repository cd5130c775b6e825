import { WATERMARK_MAX, WATERMARK_MIN } from '../core/time.ts';
import type { Trace } from '../trace/trace.ts';
import type { WindowResult } from './judge-windows.ts';
import type { Awaited, Restore } from './subtask-judge.ts';
import type { AnomalyName, Finding } from './verdict.ts';
import type { OracleWindow } from './window-oracle.ts';
import { clockText, keyText, resultText, windowText } from './window-wording.ts';

/** A result that came, and what the oracle knows of its window at that moment. */
export interface Emission {
  readonly row: number;
  readonly result: WindowResult;
  readonly sizeMs: number;
  /** It is due, or overdue. */
  readonly awaited: Awaited | undefined;
  /** Its window is still open. */
  readonly open: OracleWindow | undefined;
  /** Its window is over; without `awaited`, the result has come before. */
  readonly closed: OracleWindow | undefined;
  /** The first record of its window that came too late. */
  readonly lateRow: number | undefined;
  readonly watermarkMs: number;
  readonly restore: Restore | undefined;
}

/** What is wrong with a result, if anything is. */
export function emissionFinding(trace: Trace, emission: Emission): Finding | undefined {
  const { awaited, open, closed, lateRow } = emission;
  if (awaited !== undefined) return awaitedFinding(trace, emission, awaited);
  if (open !== undefined) return prematureFinding(trace, emission, open);
  if (lateRow !== undefined) return resurrectedFinding(trace, emission, lateRow);
  if (closed !== undefined) return repeatedFinding(trace, emission, closed);
  const { key, endMs, count } = emission.result;
  return {
    name: 'unexpected result',
    text:
      `A result came that no record asks for: ${keyText(key)}, window end ${clockText(endMs)}, ` +
      `count ${count}. A window's end is exclusive, and the key is that of its records.`,
    actual: ownText(emission),
    row: emission.row,
  };
}

/** A result that never came. */
export function missingFinding(
  trace: Trace,
  { window, watermarkMs, earlyCount }: Awaited,
  row: number,
  restore: Restore | undefined,
): Finding {
  const expected = resultText(trace, window, window.count);
  if (restore !== undefined) {
    return {
      name: lossName(window, restore),
      text:
        `${restoreText(restore)} the result of ${windowText(trace, window)} never came. ` +
        `Expected ${window.count}${bypassText(trace, window, restore)}`,
      expected,
      row,
    };
  }
  return {
    name: 'missing result',
    text:
      `${passedText(watermarkMs)}, so ${windowText(trace, window)} was over: ` +
      `expected ${window.count}, and nothing came then or later${earlyText(earlyCount)}.`,
    expected,
    row,
  };
}

function awaitedFinding(trace: Trace, emission: Emission, awaited: Awaited): Finding | undefined {
  const { window, overdueRow } = awaited;
  const { result, row, watermarkMs } = emission;
  if (result.count !== window.count) return wrongFinding(trace, emission, window);
  if (overdueRow === undefined) return undefined;
  const line = resultText(trace, window, window.count);
  const dueText = clockText(awaited.watermarkMs);
  return {
    name: 'overdue emission',
    text:
      `${windowText(trace, window)} is over when the watermark reaches ` +
      `${clockText(window.endMs - 1)}. The watermark came to ${dueText}, and nothing was ` +
      `emitted; the result came later, at watermark ${clockText(watermarkMs)}.`,
    expected: `${line} at watermark ${dueText}`,
    actual: `${line} at watermark ${clockText(watermarkMs)}`,
    row,
  };
}

function wrongFinding(trace: Trace, emission: Emission, window: OracleWindow): Finding {
  const { result, row, restore } = emission;
  const which = windowText(trace, window);
  const numbers = `${which} came out as ${result.count}; expected ${window.count}`;
  const parts = {
    expected: resultText(trace, window, window.count),
    actual: resultText(trace, window, result.count),
    row,
  };
  if (restore === undefined) return { name: 'wrong result', text: `${numbers}.`, ...parts };
  const isLess = result.count < window.count;
  const name = isLess ? lossName(window, restore) : 'counted twice after restore';
  const why = isLess
    ? bypassText(trace, window, restore)
    : '. What was counted before the crash is still there, and the replay counts it again: it ' +
      'lives outside of the restored state.';
  return { name, text: `${restoreText(restore)} ${numbers}${why}`, ...parts };
}

function prematureFinding(trace: Trace, emission: Emission, window: OracleWindow): Finding {
  const { result, row, watermarkMs } = emission;
  const stood = watermarkMs <= WATERMARK_MIN ? 'had not begun' : `was ${clockText(watermarkMs)}`;
  return {
    name: 'premature emission',
    text:
      `${windowText(trace, window)} was emitted as ${result.count} while it was open: the ` +
      `watermark ${stood}, and ${clockText(window.endMs - 1)} is needed.`,
    expected: 'nothing yet',
    actual: resultText(trace, window, result.count),
    row,
  };
}

function resurrectedFinding(trace: Trace, emission: Emission, lateRow: number): Finding {
  const { result, row, closed } = emission;
  const { a, key } = trace.columns;
  const which = keyText(trace.keys[key[lateRow] as number]);
  const late = `A record of ${which} with event time ${clockText(a[lateRow] as number)} came`;
  const parts = {
    expected: 'nothing: the record is late',
    actual: ownText(emission),
    row,
  };
  if (closed === undefined || closed.count === result.count) {
    return {
      name: 'late record counted',
      text: `${late} after its window was over, and was counted: ${ownText(emission)} came out.`,
      ...parts,
    };
  }
  return {
    name: 'resurrected window',
    text:
      `${late} after its window was over and its result, ${closed.count}, was out. The window ` +
      `came back to life and emitted ${result.count}, which a table takes for the newer truth.`,
    ...parts,
  };
}

/** The result as it came, whatever the oracle knows of it. */
function ownText({ result, sizeMs }: Emission): string {
  const { key, endMs, count } = result;
  return `${keyText(key)} [${clockText(endMs - sizeMs)}, ${clockText(endMs)}): ${count}`;
}

function repeatedFinding(trace: Trace, emission: Emission, closed: OracleWindow): Finding {
  const { result, row } = emission;
  const isSame = result.count === closed.count;
  return {
    name: isSame ? 'duplicate result' : 'wrong result',
    text:
      `${windowText(trace, closed)} had its result ${closed.count} already; it came again as ` +
      `${result.count}.`,
    expected: `${resultText(trace, closed, closed.count)}, once`,
    actual: `${resultText(trace, closed, result.count)}, again`,
    row,
  };
}

function passedText(watermarkMs: number): string {
  if (watermarkMs >= WATERMARK_MAX) return 'The input ended, and event time with it';
  return `The watermark reached ${clockText(watermarkMs)}`;
}

function earlyText(earlyCount: number | undefined): string {
  return earlyCount === undefined ? '' : `; while it was open, ${earlyCount} was emitted`;
}

function lossName(window: OracleWindow, restore: Restore): AnomalyName {
  return restore.keysWithoutState.has(window.key) ? 'bypassed state' : 'lost after restore';
}

function restoreText({ checkpointId }: Restore): string {
  return checkpointId < 0
    ? 'After the restart from the beginning,'
    : `After the restore from checkpoint ${checkpointId},`;
}

/** What the checkpoint knew of the window, and what it should have known. */
function bypassText(trace: Trace, window: OracleWindow, restore: Restore): string {
  const before = restore.countsAtCheckpoint.get(window.id);
  if (before === undefined) return '.';
  const key = keyText(trace.keys[window.key]);
  const counted = `, of which ${before} had been counted before the checkpoint`;
  return restore.keysWithoutState.has(window.key)
    ? `${counted}; but the checkpoint holds no state of ${key}. What lives in a field of ` +
        'the class dies with its task manager.'
    : `${counted}; not all of that came back.`;
}
