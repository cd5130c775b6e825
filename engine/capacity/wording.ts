/** Numbers and moments as a scorecard says them. Not localized: the same run, the same words. */

/** `17:30:52` for a second after midnight. */
export function formatClockTime(second: number): string {
  const whole = Math.max(0, Math.floor(second));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

/** `45 s`, `12 min`, `3 h 20 min`: two units at most. */
export function formatDuration(seconds: number): string {
  if (seconds < 120) return `${trimmed(seconds, seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

/** `812`, `20,100`, `4.2 million`: three digits that matter. */
export function formatCount(value: number): string {
  if (Math.abs(value) >= 1e9) return `${trimmed(value / 1e9, 2)} billion`;
  if (Math.abs(value) >= 1e6) return `${trimmed(value / 1e6, 1)} million`;
  const rounded = Math.abs(value) >= 1000 ? Number(value.toPrecision(3)) : Math.round(value);
  return String(rounded).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `12 kB`, `3.4 GB`: powers of 1000. */
export function formatBytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
  let scaled = value;
  let unit = 0;
  while (scaled >= 1000 && unit < units.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  return `${trimmed(scaled, scaled < 10 && unit > 0 ? 1 : 0)} ${units[unit] as string}`;
}

/** `99.4 %`, and `0.0021 %` where rounding would hide it. */
export function formatPercent(share: number): string {
  const value = share * 100;
  if (value === 0) return '0 %';
  if (value >= 99.9 && value < 100) return `${trimmed(Math.floor(value * 1000) / 1000, 3)} %`;
  if (value < 0.1) return `${Number(value.toPrecision(2))} %`;
  return `${trimmed(value, value < 10 ? 2 : 1)} %`;
}

function trimmed(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}
