/** Where each bar of a histogram of delays stands, as shares of the plot's width and height. */
export interface DelayHistogram {
  readonly bars: readonly DelayBar[];
  readonly ticks: readonly { readonly minutes: number; readonly left: number }[];
  /** Flights delayed beyond the last bar. */
  readonly beyondCount: number;
}

export interface DelayBar {
  readonly fromMinutes: number;
  readonly count: number;
  readonly left: number;
  readonly width: number;
  readonly height: number;
  readonly kind: 'early' | 'on-time' | 'over-an-hour';
}

export interface DelayScale {
  /** The plot spans `[fromMinutes, toMinutes)`; both are multiples of `binMinutes`. */
  readonly fromMinutes: number;
  readonly toMinutes: number;
  readonly binMinutes: number;
  readonly tickMinutes: readonly number[];
}

/** Bins `delayMinutes`; a bar holds `[fromMinutes, fromMinutes + binMinutes)`. */
export function layoutDelays(delayMinutes: Iterable<number>, scale: DelayScale): DelayHistogram {
  const { fromMinutes, toMinutes, binMinutes, tickMinutes } = scale;
  const counts = Array.from({ length: (toMinutes - fromMinutes) / binMinutes }, () => 0);
  let beyondCount = 0;
  for (const delay of delayMinutes) {
    const bin = Math.floor((delay - fromMinutes) / binMinutes);
    if (bin >= counts.length) beyondCount++;
    else counts[Math.max(0, bin)] = (counts[Math.max(0, bin)] ?? 0) + 1;
  }
  const highest = Math.max(1, ...counts);
  const bars = counts.map((count, bin) => {
    const from = fromMinutes + bin * binMinutes;
    return {
      fromMinutes: from,
      count,
      left: placeDelay(from, scale),
      width: binMinutes / (toMinutes - fromMinutes),
      height: count / highest,
      kind: kindOf(from),
    };
  });
  const ticks = tickMinutes.map((minutes) => ({ minutes, left: placeDelay(minutes, scale) }));
  return { bars, ticks, beyondCount };
}

/** Where a delay stands, as a share of the plot's width. */
export function placeDelay(minutes: number, { fromMinutes, toMinutes }: DelayScale): number {
  return (minutes - fromMinutes) / (toMinutes - fromMinutes);
}

function kindOf(fromMinutes: number): DelayBar['kind'] {
  if (fromMinutes < 0) return 'early';
  return fromMinutes < 60 ? 'on-time' : 'over-an-hour';
}
