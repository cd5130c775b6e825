import { KIND, TIME_DOMAINS } from '../trace/kinds.ts';
import type { Trace } from '../trace/trace.ts';
import type { AnomalyName, Finding } from './verdict.ts';
import { clockText, keyText } from './window-wording.ts';

/** Anomalies that a wall clock explains, when the operator sets timers by it. */
const EXPLAINED: readonly AnomalyName[] = [
  'missing result',
  'wrong result',
  'premature emission',
  'overdue emission',
];

/** Names a finding after its likely cause when the operator has set processing-time timers. */
export function blameClock(trace: Trace, finding: Finding): Finding {
  if (!EXPLAINED.includes(finding.name)) return finding;
  const { kind, c, a, key } = trace.columns;
  const domain = TIME_DOMAINS.indexOf('processing-time');
  const row = kind.findIndex((code, at) => code === KIND['timer-set'] && c[at] === domain);
  if (row === -1) return finding;
  const timer = `${clockText(a[row] as number)} for ${keyText(trace.keys[key[row] as number])}`;
  const text =
    `${finding.text} The operator waits by the clock on the wall (it set a processing-time timer ` +
    `at ${timer}), which knows nothing of how far the data has come.`;
  return { ...finding, name: 'processing-time dependence', text };
}
