import type { Trace } from '../trace/trace.ts';
import type { DueResult } from './judge-windows.ts';
import type { LiveEntries, LiveState, LiveTimer } from './live-entries.ts';
import type { Finding } from './verdict.ts';
import type { WindowOracle } from './window-oracle.ts';
import { clockText, keyText, windowText } from './window-wording.ts';

/** State and timers kept for keys of which no window is open any more. */
export function leakFindings(
  trace: Trace,
  live: LiveEntries,
  oracle: WindowOracle,
  due: ReadonlyMap<string, DueResult>,
): Finding[] {
  const states = live.states.filter(({ key }) => !oracle.isKeyOpen(key));
  const timers = live.timers.filter(({ key }) => !oracle.isKeyOpen(key));
  return [
    ...states.map((entry) => stateLeak(trace, entry, lastDue(due, entry.key), states.length)),
    ...timers.map((entry) => timerLeak(trace, entry, lastDue(due, entry.key), timers.length)),
  ];
}

/** The window of the key that ended last: nothing may outlive it. */
function lastDue(due: ReadonlyMap<string, DueResult>, key: number): DueResult | undefined {
  return [...due.values()]
    .filter(({ window }) => window.key === key)
    .sort((left, right) => left.window.endMs - right.window.endMs)
    .at(-1);
}

function stateLeak(
  trace: Trace,
  entry: LiveState,
  last: DueResult | undefined,
  count: number,
): Finding {
  const { columns, keys, values, header } = trace;
  const key = keyText(keys[entry.key]);
  const name = header.states[entry.state]?.name ?? 'state';
  const at = entry.mapKey < 0 ? '' : `[${mapKeyText(keys[entry.mapKey])}]`;
  const value = JSON.stringify(values[columns.value[entry.row] as number] ?? null);
  return {
    name: 'state leak',
    text:
      `No window of ${key} is open any more, but state “${name}” still holds ` +
      `${name}${at} = ${value}. ${sinceText(trace, last)}Entries left over in this run: ` +
      `${count}. A job that runs for years keeps them all.`,
    expected: `no state of ${key}`,
    actual: `${name}${at} = ${value}`,
    row: Math.max(last?.row ?? 0, entry.row),
  };
}

function timerLeak(
  trace: Trace,
  entry: LiveTimer,
  last: DueResult | undefined,
  count: number,
): Finding {
  const key = keyText(trace.keys[entry.key]);
  const timer = `${entry.domain} timer at ${clockText(entry.timeMs)}`;
  return {
    name: 'timer leak',
    text:
      `No window of ${key} is open any more, but its ${timer} is still set. ` +
      `${sinceText(trace, last)}Timers left over in this run: ${count}. Each is state, too.`,
    expected: `no timer of ${key}`,
    actual: timer,
    row: Math.max(last?.row ?? 0, entry.row),
  };
}

function sinceText(trace: Trace, last: DueResult | undefined): string {
  return last === undefined ? '' : `The last to end was ${windowText(trace, last.window)}. `;
}

/** Keys of map state that are times read better as times. */
function mapKeyText(key: unknown): string {
  const isTime = typeof key === 'number' && key > 86_400_000;
  return isTime ? clockText(key) : JSON.stringify(key);
}
