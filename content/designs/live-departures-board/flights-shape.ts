/**
 * The shape of a real day: 3,000,000 US domestic flights of January to June 2001, counted by the
 * hour of their departure (local time), and the busiest origin's part of them.
 * Source: vega-datasets 3.2.1, `flights-3m.parquet` (BSD-3-Clause; from the US Bureau of
 * Transportation Statistics). `tests/content/designs.test.ts` counts them again.
 */
export const DEPARTURES_BY_HOUR = [
  10_349, 6_098, 931, 241, 340, 38_442, 200_792, 196_576, 196_142, 187_010, 167_980, 189_333,
  179_797, 188_995, 173_645, 180_127, 173_484, 200_642, 176_484, 172_233, 151_987, 108_349, 73_553,
  26_470,
] as const;

export const DEPARTURE_COUNT = 3_000_000;

export const BUSIEST_ORIGIN = { code: 'ORD', departureCount: 166_341 } as const;

/** The busiest hour against the average one. */
export const PEAK_FACTOR = Math.max(...DEPARTURES_BY_HOUR) / (DEPARTURE_COUNT / 24);

/** The busiest airport's share of all departures. */
export const BUSIEST_SHARE = BUSIEST_ORIGIN.departureCount / DEPARTURE_COUNT;
