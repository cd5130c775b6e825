import { type PaneTiming } from '#engine';
import { type KeyStyle, type KeyStyles } from '../key-styles.ts';
import { type PlaneLayout } from './layout.ts';
import { type PlaneMoment } from './moment.ts';
import { amountsAt, type ColumnMoment, type WindowColumn } from './window-columns.ts';

/** What stands at the top edge of a column: its value, and how it fired. */
export interface ColumnLabel {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly lines: readonly LabelLine[];
  readonly fontSize: number;
  readonly tag: ColumnTag | undefined;
}

export interface ColumnTag {
  readonly text: string;
  readonly timing: PaneTiming;
  readonly dy: number;
}

export interface LabelLine {
  readonly text: string;
  readonly style: KeyStyle | undefined;
  readonly dy: number;
}

const LINE_HEIGHT = 15;
const TAG_WIDTH_MIN = 46;
const FONT_SIZE = 14;
const FONT_SIZE_SMALL = 10;
const DIGIT_WIDTH_EM = 0.64;
const KEY_LINES_MAX = 4;

/** Labels for the columns that are wide enough to carry one. */
export function labelColumns(
  layout: PlaneLayout,
  { columns, row }: PlaneMoment,
  styles: KeyStyles,
  focusKey: number,
): readonly ColumnLabel[] {
  return columns.flatMap(({ column, moment }) => {
    const lines = layout.isSmall
      ? keyLines(column, row, styles)
      : [totalLine(moment, focusKey < 0 ? undefined : styles.get(focusKey), column.width)];
    const fontSize = column.width < TAG_WIDTH_MIN * 0.75 ? FONT_SIZE_SMALL : FONT_SIZE;
    if (!hasRoom(lines, column.width, fontSize)) return [];
    const dy = (lines.at(-1)?.dy ?? 0) + 13;
    const hasTag = moment.timing !== 'open' && column.width >= TAG_WIDTH_MIN;
    const timing = moment.timing === 'open' ? 'on-time' : moment.timing;
    const text = moment.isRepeat ? 'again' : timing.replace('-', ' ');
    const tag = hasTag ? { text, timing, dy } : undefined;
    const height = tag === undefined ? dy - 8 : dy + 4;
    const y = Math.min(moment.topY, layout.plot.bottom - height);
    return [{ id: `${column.startMs}:${column.endMs}`, x: column.x + 3, y, lines, fontSize, tag }];
  });
}

function hasRoom(lines: readonly LabelLine[], width: number, fontSize: number): boolean {
  return lines.every(({ text, style }) => {
    const glyphWidth = style === undefined ? 0 : 12;
    return text.length * fontSize * DIGIT_WIDTH_EM + glyphWidth + 3 <= width;
  });
}

function totalLine(moment: ColumnMoment, style: KeyStyle | undefined, width: number): LabelLine {
  const text = moment.total.toLocaleString('en-US', { maximumFractionDigits: 2 });
  return { text, style: width < 34 ? undefined : style, dy: LINE_HEIGHT };
}

function keyLines(column: WindowColumn, row: number, styles: KeyStyles): readonly LabelLine[] {
  const amounts = amountsAt(column, row);
  const shown = amounts.slice(0, KEY_LINES_MAX).map(({ key, amount }, index) => ({
    text: amount.toLocaleString('en-US', { maximumFractionDigits: 2 }),
    style: styles.get(key) ?? 0,
    dy: LINE_HEIGHT * (index + 1),
  }));
  if (amounts.length <= KEY_LINES_MAX) return shown;
  const text = `+${amounts.length - KEY_LINES_MAX} keys`;
  return [...shown, { text, style: undefined, dy: LINE_HEIGHT * (KEY_LINES_MAX + 1) }];
}
