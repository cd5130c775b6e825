/** Where everything in the charts of a day goes. Numbers and path strings only; Svelte draws. */
import { DAY_SECONDS, formatBytes, formatCount, formatDuration, twistInterval } from '#engine';
import type { Day, DayColumns, Twist } from '#engine';
import { scaleLinear, scaleLog } from 'd3-scale';
import { area, line } from 'd3-shape';
import { extentsOf, highest } from './day-series.ts';
import type { Extent } from './day-series.ts';

type ColumnName = Exclude<keyof DayColumns, 'disturbance'>;

interface ChartSpec {
  readonly id: string;
  readonly title: string;
  readonly column: ColumnName;
  readonly unit: string;
  readonly format: (value: number) => string;
  /** Shorter than `format`, for the little room beside the axis. Without it `format` is used. */
  readonly formatTick?: (value: number) => string;
  readonly isLog: boolean;
  /** The line that the column is measured against, and its name. */
  readonly limit?: { readonly label: string; readonly of: (day: Day) => ColumnName | number };
  readonly ticks?: readonly number[];
}

/** `20k`, `200M`. */
function shortCount(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`;
  return value >= 1e3 ? `${value / 1e3}k` : String(value);
}

const perSecond = (value: number): string => `${formatCount(value)}/s`;

/** `freshnessLimitSeconds` is the promise that the freshness chart is drawn against. */
function chartSpecs(day: Day, freshnessLimitSeconds: number): readonly ChartSpec[] {
  const { load, design } = day.scenario;
  const hasSnapshots = design.guarantee !== 'none';
  const charts: readonly ChartSpec[] = [
    {
      id: 'load',
      title: 'Arrivals and capacity',
      column: 'arrivals',
      unit: 'updates/s',
      format: perSecond,
      formatTick: shortCount,
      isLog: false,
      limit: { label: 'capacity', of: () => 'capacity' },
    },
    {
      id: 'hot',
      title: `The subtask of ${load.hotKeyName}`,
      column: 'hotArrivals',
      unit: 'updates/s',
      format: perSecond,
      formatTick: shortCount,
      isLog: false,
      limit: { label: 'what it does', of: () => day.capacityPerSecondPerSubtask },
    },
    {
      id: 'backlog',
      title: 'Backlog in the log',
      column: 'backlog',
      unit: 'updates',
      format: formatCount,
      formatTick: shortCount,
      isLog: false,
    },
    {
      id: 'freshness',
      title: 'How old the board is',
      column: 'freshnessSeconds',
      unit: 'logarithmic',
      format: formatDuration,
      isLog: true,
      limit: { label: 'promised', of: () => freshnessLimitSeconds },
      ticks: [10, 60, 600, 3600, 36_000],
    },
    {
      id: 'state',
      title: 'Keyed state',
      column: 'stateBytes',
      unit: '',
      format: formatBytes,
      isLog: false,
    },
    {
      id: 'snapshot',
      title: design.engine === 'continuous' ? 'Length of a checkpoint' : 'Length of a batch',
      column: 'snapshotSeconds',
      unit: '',
      format: formatDuration,
      isLog: false,
      limit: {
        label: 'interval',
        of: () =>
          design.engine === 'continuous'
            ? design.checkpointIntervalSeconds
            : design.triggerIntervalSeconds,
      },
    },
  ];
  return charts.filter(({ id }) => hasSnapshots || id !== 'snapshot');
}

export interface Tick {
  readonly at: number;
  readonly label: string;
}

export interface DayChart {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** From the base line up to the band; empty where height means nothing, as on a log scale. */
  readonly areaPath: string;
  readonly bandPath: string;
  readonly limitPath: string;
  readonly limitLabel: string;
  /** The same column in the run before, or an empty path. */
  readonly ghostPath: string;
  readonly ticks: readonly Tick[];
  /** The column's and the limit's value at a second, in words. */
  readonly readAt: (second: number) => { readonly value: string; readonly limit: string };
  /** The height of the column's value at a second. */
  readonly yAt: (second: number) => number;
}

export interface TwistMark {
  readonly title: string;
  readonly number: number;
  readonly x: number;
  readonly width: number;
}

export interface DayLayout {
  readonly charts: readonly DayChart[];
  readonly hours: readonly Tick[];
  readonly twists: readonly TwistMark[];
  readonly width: number;
  readonly height: number;
  readonly xOf: (second: number) => number;
  /** The second under an x; inside the day. */
  readonly secondAt: (x: number) => number;
}

export interface DayLayoutInput {
  readonly day: Day;
  readonly previousDay: Day | undefined;
  readonly freshnessLimitSeconds: number;
  /** Width of the plot in px, without margins. */
  readonly width: number;
  /** Height of one chart's plot in px. */
  readonly height: number;
}

/** The small multiples of a day on one shared time axis. */
export function layoutDay(input: DayLayoutInput): DayLayout {
  const { day, width, height } = input;
  const x = scaleLinear([0, DAY_SECONDS], [0, width]);
  const hourStep = width < 420 ? 6 : 3;
  const hours = Array.from({ length: 24 / hourStep + 1 }, (_, index) => index * hourStep);
  return {
    charts: chartSpecs(day, input.freshnessLimitSeconds).map((spec) => layoutChart(spec, input)),
    hours: hours.map((hour) => ({ at: x(hour * 3600), label: String(hour).padStart(2, '0') })),
    twists: day.scenario.twists.map((twist, index) => layoutTwist(twist, index + 1, x)),
    width,
    height,
    xOf: (second) => x(second),
    secondAt: (px) => Math.round(Math.min(Math.max(x.invert(px), 0), DAY_SECONDS - 1)),
  };
}

function layoutTwist(twist: Twist, number: number, x: (second: number) => number): TwistMark {
  const [start, end] = twistInterval(twist);
  return { title: twist.title, number, x: x(start), width: Math.max(1.5, x(end) - x(start)) };
}

function layoutChart(spec: ChartSpec, input: DayLayoutInput): DayChart {
  const { day, previousDay, width, height } = input;
  const bucketCount = Math.max(1, Math.round(width));
  const column = day.columns[spec.column];
  const limit = spec.limit?.of(day);
  const limitTop = typeof limit === 'string' ? highest(day.columns[limit]) : (limit ?? 0);
  const ghost = previousDay?.columns[spec.column];
  const top = Math.max(highest(column), limitTop, ghost === undefined ? 0 : highest(ghost));
  const scale = verticalScale(spec, top, height);
  const x = scaleLinear([0, DAY_SECONDS], [0, width]);
  const y = (value: number): number => scale.at(value);
  const formatTick = spec.formatTick ?? spec.format;
  const extents = extentsOf(column, bucketCount);
  const limitColumn = typeof limit === 'string' ? day.columns[limit] : undefined;
  return {
    id: spec.id,
    title: spec.title,
    unit: spec.unit,
    areaPath: spec.isLog ? '' : areaPath(extents, height, x, y),
    bandPath: bandPath(extents, x, y),
    limitPath: limitPath(limitColumn, limit, { width, bucketCount, x, y }),
    limitLabel: spec.limit?.label ?? '',
    ghostPath: ghost === undefined ? '' : highPath(extentsOf(ghost, bucketCount), x, y),
    ticks: scale.ticks.map((value) => ({ at: y(value), label: formatTick(value) })),
    readAt: (second) => ({
      value: spec.format(column[second] ?? 0),
      limit: readLimit(limitColumn?.[second] ?? limit, spec),
    }),
    yAt: (second) => y(column[second] ?? 0),
  };
}

function readLimit(limit: number | string | undefined, spec: ChartSpec): string {
  return typeof limit === 'number' ? `${spec.limit?.label ?? ''} ${spec.format(limit)}` : '';
}

/** Room in px for half a label above the highest tick. */
const TOP_PAD = 7;

interface VerticalScale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

function verticalScale(spec: ChartSpec, top: number, height: number): VerticalScale {
  if (spec.isLog) {
    const logarithmic = scaleLog([1, Math.max(120, top)], [height, TOP_PAD]).clamp(true);
    const ticks = (spec.ticks ?? []).filter((tick) => tick <= Math.max(120, top));
    return { at: (value) => logarithmic(Math.max(1, value)), ticks };
  }
  const linear = scaleLinear([0, top > 0 ? top : 1], [height, TOP_PAD]);
  return { at: (value) => linear(value), ticks: linear.ticks(3).filter((tick) => tick > 0) };
}

type Place = (value: number) => number;

/** At least a pixel high, so that a steady value is still a line. */
function bandPath(extents: readonly Extent[], x: Place, y: Place): string {
  const band = area<Extent>()
    .x(({ second }) => x(second))
    .y0(({ low, high }) => Math.max(y(low), y(high) + 1.25))
    .y1(({ high }) => y(high) - 0.25);
  return band(extents) ?? '';
}

function areaPath(extents: readonly Extent[], height: number, x: Place, y: Place): string {
  const under = area<Extent>()
    .x(({ second }) => x(second))
    .y0(height)
    .y1(({ high }) => y(high));
  return under(extents) ?? '';
}

function highPath(extents: readonly Extent[], x: Place, y: Place): string {
  const stroke = line<Extent>()
    .x(({ second }) => x(second))
    .y(({ high }) => y(high));
  return stroke(extents) ?? '';
}

interface LimitFrame {
  readonly width: number;
  readonly bucketCount: number;
  readonly x: Place;
  readonly y: Place;
}

/** A capacity that falls to 0 shows its lowest point: a short outage must not vanish. */
function limitPath(
  column: Float64Array | undefined,
  limit: ColumnName | number | undefined,
  { width, bucketCount, x, y }: LimitFrame,
): string {
  if (column !== undefined) {
    const stroke = line<Extent>()
      .x(({ second }) => x(second))
      .y(({ low }) => y(low));
    return stroke(extentsOf(column, bucketCount)) ?? '';
  }
  return typeof limit === 'number' ? `M0,${y(limit)}H${width}` : '';
}
