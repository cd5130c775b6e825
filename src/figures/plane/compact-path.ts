/**
 * SVG path data in as few bytes as possible: relative coordinates in tenths of a pixel. Positions
 * are tracked as integers, so rounding never adds up along the path.
 */
export class CompactPath {
  #data = '';
  #x = 0;
  #y = 0;

  /** Starts a new subpath at (x, y). */
  moveTo(x: number, y: number): this {
    return this.#step('m', x, y);
  }

  lineTo(x: number, y: number): this {
    return this.#step('l', x, y);
  }

  horizontalTo(x: number): this {
    const dx = tenths(x) - this.#x;
    this.#x += dx;
    if (dx !== 0) this.#data += `h${short(dx)}`;
    return this;
  }

  verticalTo(y: number): this {
    const dy = tenths(y) - this.#y;
    this.#y += dy;
    if (dy !== 0) this.#data += `v${short(dy)}`;
    return this;
  }

  /** A line of no length: with round ends, the shortest way to write a dot. */
  zeroLine(): this {
    this.#data += 'h0';
    return this;
  }

  /** A closed outline around (x, y). `outline` comes from `glyphOutline`. */
  stamp(x: number, y: number, { start, rest }: Outline): this {
    this.moveTo(x + start[0], y + start[1]);
    this.#data += rest;
    return this;
  }

  toString(): string {
    return this.#data;
  }

  #step(command: 'm' | 'l', x: number, y: number): this {
    const dx = tenths(x) - this.#x;
    const dy = tenths(y) - this.#y;
    this.#x += dx;
    this.#y += dy;
    const gap = dy < 0 ? '' : ' ';
    this.#data += `${command}${short(dx)}${gap}${short(dy)}`;
    return this;
  }
}

/** A closed shape: its start relative to its centre, and the relative commands that follow. */
export interface Outline {
  readonly start: readonly [dx: number, dy: number];
  readonly rest: string;
}

/** Pixels in whole tenths. */
export function tenths(pixels: number): number {
  return Math.round(pixels * 10);
}

/** Tenths as the shortest decimal: 5 → `.5`, -12 → `-1.2`, 30 → `3`. */
export function short(inTenths: number): string {
  const text = String(inTenths / 10);
  if (text.startsWith('0.')) return text.slice(1);
  return text.startsWith('-0.') ? `-${text.slice(2)}` : text;
}
