import { type RunFacts } from '../facts/run-facts.ts';
import { type WindowFiring } from '../facts/window-facts.ts';
import { clockText, type ClockPrecision } from '../time-text.ts';

/** One window of the run in words: the figure's columns, for those who don't see them. */
export interface FactsRow {
  readonly id: string;
  readonly window: string;
  readonly keyCount: number;
  readonly fired: string;
  readonly value: string;
  /** The first `window-fired` row, or -1 when it never fired. */
  readonly firingRow: number;
}

/** The windows of the run (of one key, with `focusKey`), in order of event time. */
export function factsRows(
  facts: RunFacts,
  focusKey: number,
  precision: ClockPrecision,
): readonly FactsRow[] {
  return facts.windows.flatMap(({ startMs, endMs, changes, firings }) => {
    const isWanted = ({ key }: { readonly key: number }): boolean =>
      focusKey < 0 || key === focusKey;
    const own = changes.filter(isWanted);
    if (own.length === 0) return [];
    const fired = firings.filter(isWanted);
    const total = own.reduce((sum, { before, after }) => sum + after - before, 0);
    return {
      id: `${startMs}:${endMs}`,
      window: `${clockText(startMs, precision)}–${clockText(endMs, precision)}`,
      keyCount: new Set(own.map(({ key }) => key)).size,
      fired: firedText(fired, precision),
      value: total.toLocaleString('en-US', { maximumFractionDigits: 2 }),
      firingRow: fired[0]?.row ?? -1,
    };
  });
}

function firedText(firings: readonly WindowFiring[], precision: ClockPrecision): string {
  if (firings.length === 0) return 'never';
  const moments = new Set(
    firings.map(({ atMs, timing }) => `${clockText(atMs, precision)} ${timing.replace('-', ' ')}`),
  );
  const shown = [...moments].slice(0, 3).join(', ');
  return moments.size > 3 ? `${shown} and ${moments.size - 3} more times` : shown;
}

/** The run in three sentences: what was read, what was late, what went wrong. */
export function summaryText(facts: RunFacts, precision: ClockPrecision): string {
  const first = facts.records.filter(({ isReplay }) => !isReplay);
  const droppedCount = first.filter(({ lateness }) => lateness === 'dropped').length;
  const replayCount = facts.records.length - first.length;
  const parts = [
    `${count(first.length, 'record')} of ${count(facts.keysByCount.length, 'key')}`,
    `${droppedCount} dropped as too late`,
    count(facts.windows.length, 'window'),
    count(facts.checkpoints.filter(({ status }) => status === 'completed').length, 'checkpoint'),
    ...facts.failures.map(({ reason, atMs }) => `${reason} at ${clockText(atMs, precision)}`),
    ...(replayCount > 0 ? [`${count(replayCount, 'record')} read again`] : []),
  ];
  return `${parts.join(', ')}.`;
}

function count(many: number, noun: string): string {
  return `${many.toLocaleString('en-US')} ${noun}${many === 1 ? '' : 's'}`;
}
