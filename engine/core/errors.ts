/**
 * A scenario, job or file that can't be run as it is written. The message names the rule, the
 * value that broke it and the next step: `window size must be positive: got -5 ms; …`.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly rule: string;
  readonly remedy: string;

  constructor(rule: string, got: unknown, remedy: string) {
    super(`${rule}: got ${describeValue(got)}; ${remedy}`);
    this.rule = rule;
    this.remedy = remedy;
  }
}

/** A value as it can be shown inside a one-line message: short, and never throwing. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return value.length > 80 ? `${value.slice(0, 77)}…` : value;
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`;
  if (typeof value !== 'object' || value === null) return String(value);
  try {
    const text = JSON.stringify(value) ?? String(value);
    return text.length > 80 ? `${text.slice(0, 77)}…` : text;
  } catch {
    return Object.prototype.toString.call(value);
  }
}
