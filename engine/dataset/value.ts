/** What a column may hold. Timestamps are ms since 1970. `null` is SQL's null. */
export type Value =
  null | boolean | number | string | readonly Value[] | { readonly [field: string]: Value };

/** One row: a value for every column of its Dataset. */
export type Row = { readonly [column: string]: Value };

/** The bounds of a window in ms, as its column holds them. `end` is not part of it. */
export interface WindowValue {
  readonly [field: string]: Value;
  readonly start: number;
  readonly end: number;
}

/** A text that is the same for equal values, and only for those. */
export function keyText(values: readonly Value[]): string {
  let text = '';
  for (const value of values) text += `${textOf(value)}\u0001`;
  return text;
}

function textOf(value: Value): string {
  switch (typeof value) {
    case 'string':
      return `s${value}`;
    case 'number':
      return String(value);
    case 'boolean':
      return value ? 't' : 'f';
    default:
      if (value === null) return 'n';
      return isWindow(value) ? `w${value.start},${value.end}` : JSON.stringify(value);
  }
}

function isWindow(value: object): value is WindowValue {
  let place = 0;
  for (const field in value) {
    if (field !== (place === 0 ? 'start' : 'end')) return false;
    if (typeof (value as Record<string, Value>)[field] !== 'number') return false;
    place += 1;
  }
  return place === 2;
}

/** SQL's order: nulls first, then by value; structs and arrays field by field. */
export function compareValues(left: Value, right: Value): number {
  if (left === null || right === null) return Number(left !== null) - Number(right !== null);
  if (typeof left === 'object' && typeof right === 'object') {
    const others = Object.values(right);
    for (const [place, value] of Object.values(left).entries()) {
      const order = compareValues(value as Value, (others[place] ?? null) as Value);
      if (order !== 0) return order;
    }
    return Object.values(left).length - others.length;
  }
  if (left === right) return 0;
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right);
  return (left as number) < (right as number) ? -1 : 1;
}

/**
 * By characters, as UTF-8 bytes are ordered (UTF8String.compareTo). Units of UTF-16 have the same
 * order but for surrogates, which stand for characters behind all others.
 */
function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const [own, other] = [left.charCodeAt(at), right.charCodeAt(at)];
    if (own === other) continue;
    const isOwnLast = isSurrogate(own);
    if (isOwnLast !== isSurrogate(other)) return isOwnLast ? 1 : -1;
    return own < other ? -1 : 1;
  }
  return left.length - right.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
