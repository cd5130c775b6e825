/** What to say about a guess, once the reader has committed to it. */
export interface Judgement {
  readonly isClose: boolean;
  readonly text: string;
}

/** A guess within this share of the computed value counts as right. */
export const CLOSE_SHARE = 0.1;

/**
 * Compares a guess with the computed value. Both are counts, ≥ 0.
 * Says by which factor the guess is off, because the order of magnitude is what an interview needs.
 */
export function judgeGuess(guess: number, value: number): Judgement {
  if (guess === value) return { isClose: true, text: 'Exactly.' };
  const isClose = Math.abs(guess - value) <= CLOSE_SHARE * value;
  if (isClose) return { isClose, text: 'Close enough: within a tenth.' };
  const direction = guess < value ? 'Too low' : 'Too high';
  const small = Math.min(guess, value);
  if (small === 0) return { isClose, text: `${direction}.` };
  const factor = Math.max(guess, value) / small;
  const factorText = factor < 10 ? factor.toFixed(1) : String(Math.round(factor));
  return { isClose, text: `${direction}, by a factor of ${factorText}.` };
}

/** Reads `1,200` or `1 200` as a count; undefined when it is not one. */
export function readGuess(text: string): number | undefined {
  const digits = text.replace(/[\s,’']/g, '');
  return /^\d{1,9}$/.test(digits) ? Number(digits) : undefined;
}
