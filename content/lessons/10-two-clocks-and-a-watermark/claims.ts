/** Every number that the lesson's text and tables rely on, computed from runs over its flights. */
import { claim, count, minutesText, share, type Claims } from '../../claims.ts';
import type { Comparison, Flight, LessonInputs, LessonModule } from '../../lesson-module.ts';
import type { LogRecord } from '#engine';
import { batchBoard, runBoard, summarizeBoard, type BoardSummary } from './board.ts';

const MINUTE_MS = 60_000;
const EXAMPLE_ORIGIN = 'ORD';
/** A delay that nobody would choose for a board, and that still loses flights. */
const LONG_DELAY_MINUTES = 300;

/** Minutes after midnight as `18:45`. */
const clock = (minutesOfDay: number): string =>
  [Math.floor(minutesOfDay / 60), minutesOfDay % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');

const minutesOfDay = (timeMs: number): number => Math.floor(timeMs / MINUTE_MS) % (24 * 60);

const recordsOf = ({ flights }: LessonInputs): readonly LogRecord<Flight>[] =>
  flights.partitions.flat();

const timestampOf = (record: LogRecord<Flight>): number => record.timestampMs ?? record.arrivalMs;

const latenessMinutes = (record: LogRecord<Flight>): number =>
  (record.arrivalMs - timestampOf(record)) / MINUTE_MS;

/** Summarizes each delay once, however many claims ask for it. */
function summarizeOnce({ flights }: LessonInputs): (delayMinutes: number) => BoardSummary {
  const summaries = new Map<number, BoardSummary>();
  return (delayMinutes) => {
    const known = summaries.get(delayMinutes);
    if (known !== undefined) return known;
    const summary = summarizeBoard(runBoard(flights, delayMinutes).trace, delayMinutes);
    summaries.set(delayMinutes, summary);
    return summary;
  };
}

/** The smallest delay in whole minutes that drops nothing. */
function findDelayForNone(summary: (delayMinutes: number) => BoardSummary): number {
  let low = 0;
  let high = 24 * 60;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (summary(middle).droppedCount === 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

function dataClaims(inputs: LessonInputs): Claims {
  const records = recordsOf(inputs);
  const shareOf = (holds: (record: LogRecord<Flight>) => boolean): number =>
    records.filter(holds).length / records.length;
  const example = records
    .filter((record) => record.value.origin === EXAMPLE_ORIGIN)
    .reduce((latest, record) =>
      latenessMinutes(record) > latenessMinutes(latest) ? record : latest,
    );
  return {
    flights: claim({
      says: 'the stretch is busy: at least 1,500 flights',
      value: () => records.length,
      format: count,
      holds: (flights) => flights >= 1500,
    }),
    'over-an-hour': claim({
      says: 'a fifth or more of the flights were over an hour late',
      value: () => shareOf((record) => latenessMinutes(record) > 60),
      format: share,
      holds: (part) => part >= 0.2,
    }),
    early: claim({
      says: 'a good part of the flights is ahead of its event time',
      value: () => shareOf((record) => latenessMinutes(record) < 0),
      format: share,
      holds: (part) => part > 0.1 && part < 0.5,
    }),
    'most-ahead': claim({
      says: 'the earliest flight is ahead by more than the 5-minute delay, by far',
      value: () => Math.max(...records.map((record) => -latenessMinutes(record))),
      format: minutesText,
      holds: (ahead) => ahead >= 20,
    }),
    'example-due': claim({
      says: 'the latest flight of ORD has an event time before the feed begins',
      value: () => minutesOfDay(timestampOf(example)),
      format: clock,
      holds: (due) => due < minutesOfDay(records[0]?.arrivalMs ?? 0),
    }),
    'example-left': claim({
      says: 'the latest flight of ORD goes to Phoenix and leaves hours late',
      value: () => minutesOfDay(example.arrivalMs),
      format: clock,
      holds: () => example.value.destination === 'PHX' && latenessMinutes(example) > 120,
    }),
  };
}

function runClaims(inputs: LessonInputs): Claims {
  const summary = summarizeOnce(inputs);
  const droppedShare = (delay: number): number =>
    summary(delay).droppedCount / summary(delay).flightCount;
  return {
    'dropped-at-5': claim({
      says: 'with 5 minutes of delay, more than half of the flights are dropped',
      value: () => summary(5).droppedCount,
      format: count,
      holds: (dropped) => dropped > summary(5).flightCount / 2,
    }),
    'dropped-share-at-5': claim({
      says: 'the share dropped at 5 minutes is over a half',
      value: () => droppedShare(5),
      format: share,
      holds: (part) => part > 0.5,
    }),
    'lead-at-5': claim({
      says: 'with 5 minutes, half of the results come before their window is over',
      value: () => -(summary(5).waitMinutesMedian ?? NaN),
      format: minutesText,
      holds: (lead) => lead > 0,
    }),
    'dropped-share-at-60': claim({
      says: 'from 5 to 60 minutes, the loss falls by more than half',
      value: () => droppedShare(60),
      format: share,
      holds: (part) => part < droppedShare(5) / 2,
    }),
    'open-at-60': claim({
      says: 'with 60 minutes, windows are still open when the feed ends',
      value: () => summary(60).openAtEndCount,
      format: count,
      holds: (open) => open > 0,
    }),
    'delay-long': claim({
      says: 'the long delay is hours',
      value: () => LONG_DELAY_MINUTES / 60,
      format: (hours) => `${count(hours)} hours`,
    }),
    'dropped-at-long': claim({
      says: 'even hours of delay do not make late data impossible',
      value: () => summary(LONG_DELAY_MINUTES).droppedCount,
      format: count,
      holds: (dropped) => dropped > 1,
    }),
    'delay-for-none': claim({
      says: 'losing nothing takes longer than the long delay',
      value: () => findDelayForNone(summary),
      format: (delay) => `${Math.floor(delay / 60)} h ${delay % 60} min`,
      holds: (delay) => delay > LONG_DELAY_MINUTES,
    }),
  };
}

/** The busiest quarter hours of the batch answer, with what the stream made of them. */
function boardAt(inputs: LessonInputs, delayMinutes: number): Comparison {
  const stream = new Map<string, number>();
  for (const line of runBoard(inputs.flights, delayMinutes).board) {
    stream.set(`${line.origin} ${line.endMs}`, line.flights);
  }
  const batch = batchBoard(inputs.flights);
  const rows = [...batch].sort((left, right) => right.flights - left.flights).slice(0, 8);
  const total = (counts: Iterable<number>): number => [...counts].reduce((sum, n) => sum + n, 0);
  return {
    caption:
      `Departures per airport and quarter hour: the busiest ${rows.length} lines, ` +
      `batch against stream with ${minutesText(delayMinutes)} of delay`,
    keys: ['Airport', 'Quarter hour'],
    rows: rows.map(({ origin, endMs, flights }) => ({
      key: [origin, `${clock(minutesOfDay(endMs - 15 * MINUTE_MS))}–${clock(minutesOfDay(endMs))}`],
      batch: flights,
      stream: stream.get(`${origin} ${endMs}`) ?? 0,
    })),
    batchTotal: total(batch.map((line) => line.flights)),
    streamTotal: total(stream.values()),
  };
}

export const makeClaims: LessonModule['makeClaims'] = (inputs) => ({
  ...dataClaims(inputs),
  ...runClaims(inputs),
});

export const makeTables: LessonModule['makeTables'] = (inputs) => ({
  'board-at-5': boardAt(inputs, 5),
});
