/**
 * Numbers in a text come out of a run. A lesson's `claims.ts` names each number, says how it is
 * computed and what must hold; the page prints it, and a test computes it again.
 */

/** One number, computed. */
export interface ClaimResult {
  readonly value: number;
  /** As it stands in the text, unit included: `24 %`, `1,998`. */
  readonly text: string;
  /** Undefined when it holds; else what the text needs to be true. */
  readonly broken: string | undefined;
}

export interface Claim {
  /** What the text relies on, as a sentence: a test's title and an error's words. */
  readonly says: string;
  readonly compute: () => ClaimResult;
}

/** A lesson's claims by name. */
export interface Claims {
  readonly [name: string]: Claim;
}

/** A claim's parts: where the number comes from, how it is written, what must be true of it. */
export interface ClaimParts {
  readonly says: string;
  readonly value: () => number;
  readonly format: (value: number) => string;
  /** Absent when any value serves the text. */
  readonly holds?: (value: number) => boolean;
}

/** Makes a claim. A value that is not a finite number never holds. */
export function claim({ says, value, format, holds = () => true }: ClaimParts): Claim {
  const compute = (): ClaimResult => {
    const computed = value();
    const text = format(computed);
    const isTrue = Number.isFinite(computed) && holds(computed);
    return { value: computed, text, broken: isTrue ? undefined : `${says}: the run gives ${text}` };
  };
  let result: ClaimResult | undefined;
  return { says, compute: () => (result ??= compute()) };
}

/** A claim that cannot be printed. Stops the build. */
export class ClaimError extends Error {
  override readonly name = 'ClaimError';

  constructor(file: string, claimName: string, problem: string, remedy: string) {
    super(`${file}: claim "${claimName}" ${problem}. ${remedy}.`);
  }
}

/**
 * The computed claim `name` of the lesson in `file`.
 * @throws ClaimError when there is no such claim, or when it no longer holds.
 */
export function readClaim(claims: Claims, name: string, file: string): ClaimResult {
  const found = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (found === undefined) {
    const known = Object.keys(claims).join(', ') || 'none';
    const remedy = `Add it to claims.ts beside the lesson, or use one of: ${known}`;
    throw new ClaimError(file, name, 'does not exist', remedy);
  }
  const result = found.compute();
  if (result.broken !== undefined) {
    const remedy = 'Change the sentence to what the run shows, or mend the scenario';
    throw new ClaimError(file, name, `no longer holds (${result.broken})`, remedy);
  }
  return result;
}

/** Writes a count: `2,000`. */
export const count = (value: number): string =>
  String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');

/** Writes a share between 0 and 1 with at most one decimal: `4.2 %`, `24 %`. */
export const share = (value: number): string => {
  const percent = value * 100;
  return `${percent < 10 ? Number(percent.toFixed(1)) : Math.round(percent)} %`;
};

/** Writes a whole number of minutes: `12 minutes`, `1 minute`. */
export const minutesText = (value: number): string =>
  `${count(value)} ${Math.round(value) === 1 ? 'minute' : 'minutes'}`;
