/** Compares what was typed for an estimate with what is computed. */
import { formatCount } from '#engine';
import type { Estimate } from '#content/designs/schema.ts';

export interface EstimateCheck {
  readonly type: 'empty' | 'unreadable' | 'right' | 'off';
  readonly mark: string;
  readonly words: string;
  /** The computed value with its unit. */
  readonly computed: string;
}

const SUFFIXES: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, b: 1e9 };

/** `18,600`, `18.6k`, `2e4`: the number that a text says, or undefined. */
export function readNumber(text: string): number | undefined {
  const match = /^([\d.,_ ]+(?:e\d+)?)\s*([kmgb]?)$/i.exec(text.trim());
  if (match === null) return undefined;
  const [, digits = '', suffix = ''] = match;
  const value = Number(digits.replace(/[,_ ]/g, ''));
  if (digits.trim() === '' || !Number.isFinite(value)) return undefined;
  return value * (SUFFIXES[suffix.toLowerCase()] ?? 1);
}

/** Right means within the estimate's factor, either way. */
export function checkEstimate(estimate: Estimate, text: string): EstimateCheck {
  const computed = `${formatCount(estimate.value)} ${estimate.unit}`;
  if (text.trim() === '') return { type: 'empty', mark: '', words: 'Not tried.', computed };
  const answer = readNumber(text);
  if (answer === undefined || answer <= 0) {
    const words = `“${text.trim()}” is no number above 0: write one like 20000, 20k or 2e4.`;
    return { type: 'unreadable', mark: '!', words, computed };
  }
  const ratio = answer / estimate.value;
  const factor = Math.max(ratio, 1 / ratio);
  if (factor <= estimate.toleranceFactor) {
    return { type: 'right', mark: '✓', words: 'Close enough.', computed };
  }
  const times = factor < 10 ? factor.toFixed(1) : formatCount(factor);
  const words = `${times} times too ${ratio > 1 ? 'high' : 'low'}.`;
  return { type: 'off', mark: '✗', words, computed };
}
