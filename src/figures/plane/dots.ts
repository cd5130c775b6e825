import { type RecordFact } from '../facts/record-facts.ts';
import { type KeyStyle, type KeyStyles } from '../key-styles.ts';
import { CompactPath } from './compact-path.ts';
import { glyphOutline } from './glyphs.ts';
import { type Scales } from './scales.ts';

/** How a reading is drawn: solid, hollow (late), or once more after a failure. */
export type DotLook = 'plain' | 'late' | 'dropped' | 'replayed';

/** All dots of one look and one key style, as one path. */
export interface DotGroup {
  readonly look: DotLook;
  readonly style: KeyStyle;
  /** Quiet dots are zero-length lines with round ends of this width; 0 means a filled outline. */
  readonly strokeWidth: number;
  readonly path: string;
}

export interface DotMark {
  readonly record: RecordFact;
  readonly look: DotLook;
  readonly style: KeyStyle;
  readonly x: number;
  readonly y: number;
}

export interface DotRadii {
  readonly quiet: number;
  readonly keyed: number;
}

/** Dots get smaller the more there are, so that a crowd stays a texture and not a blot. */
export function dotRadii(recordCount: number, plotWidth: number): DotRadii {
  if (recordCount <= 90)
    return plotWidth < 420 ? { quiet: 4.5, keyed: 4.5 } : { quiet: 6, keyed: 6 };
  if (recordCount <= 600) return { quiet: 2.2, keyed: 3.8 };
  return plotWidth < 420 ? { quiet: 1, keyed: 2.2 } : { quiet: 1.4, keyed: 2.9 };
}

/** A drop outweighs a replay, and that a mere lateness. */
export function lookOf({ lateness, isReplay }: RecordFact): DotLook {
  if (lateness === 'dropped') return 'dropped';
  if (isReplay) return 'replayed';
  return lateness === 'counted' ? 'late' : 'plain';
}

/** Places the readings that are in sight. */
export function placeDots(
  records: readonly RecordFact[],
  styles: KeyStyles,
  scales: Scales,
): readonly DotMark[] {
  const marks: DotMark[] = [];
  for (const record of records) {
    if (!scales.isInside(record.eventMs, record.atMs)) continue;
    const style = styles.get(record.key) ?? 0;
    const place = { x: scales.x(record.eventMs), y: scales.y(record.atMs) };
    marks.push({ record, look: lookOf(record), style, ...place });
  }
  return marks;
}

/** Draws marks as few paths: quiet ones first, so that the keys that matter lie on top. */
export function groupDots(marks: readonly DotMark[], radii: DotRadii): readonly DotGroup[] {
  const groups = new Map<string, { look: DotLook; style: KeyStyle; path: CompactPath }>();
  for (const { look, style, x, y } of marks) {
    const id = `${look}:${style}`;
    const group = groups.get(id) ?? { look, style, path: new CompactPath() };
    groups.set(id, group);
    if (isQuietLine(look, style)) group.path.moveTo(x, y).zeroLine();
    else group.path.stamp(x, y, glyphOutline(style, style === 0 ? radii.quiet + 0.4 : radii.keyed));
  }
  return [...groups.values()]
    .sort((p, q) => rank(p) - rank(q))
    .map(({ look, style, path }) => ({
      look,
      style,
      strokeWidth: isQuietLine(look, style) ? radii.quiet * 2 : 0,
      path: path.toString(),
    }));
}

/** Vertical stems from late records to the diagonal, where they belonged. */
export function drawStems(
  marks: readonly DotMark[],
  scales: Scales,
  looks: readonly DotLook[],
): string {
  const path = new CompactPath();
  for (const { record, look, x, y } of marks) {
    if (!looks.includes(look)) continue;
    const home = Math.min(scales.y(record.eventMs), scales.plot.bottom);
    if (home - y > 1) path.moveTo(x, y).verticalTo(home);
  }
  return path.toString();
}

function isQuietLine(look: DotLook, style: KeyStyle): boolean {
  return look === 'plain' && style === 0;
}

function rank({ look, style }: { readonly look: DotLook; readonly style: KeyStyle }): number {
  const looks: readonly DotLook[] = ['plain', 'replayed', 'late', 'dropped'];
  return (style === 0 ? 0 : 10) + looks.indexOf(look);
}
