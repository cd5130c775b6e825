import { ConfigError } from './errors.ts';

/** Plain JSON: whatever a trace carries can be stored, sent and compared as text. */
export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [field: string]: Json };

const DEPTH_MAX = 64;

/**
 * A deep copy, as a serializer would make it: the copy shares nothing with the original. Keeps
 * arrays, maps, sets, dates, typed arrays and the prototypes of class instances.
 * @throws ConfigError for functions, symbols and values nested deeper than 64 (or circular).
 */
export function cloneValue<T>(value: T, depth = 0): T {
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'function' || typeof value === 'symbol') {
      throw new ConfigError(
        'records and state must be data that can be serialized',
        value,
        'store plain objects, arrays, numbers or strings',
      );
    }
    return value;
  }
  return cloneObject(value, depth) as T;
}

function cloneObject(value: object, depth: number): object {
  if (depth > DEPTH_MAX) {
    throw new ConfigError(
      `records and state may be nested ${DEPTH_MAX} deep`,
      'a deeper or circular value',
      'keep references out of records and state',
    );
  }
  if (Array.isArray(value)) return value.map((item) => cloneValue(item, depth + 1));
  if (value instanceof Map) {
    const copy = new Map();
    for (const [key, item] of value)
      copy.set(cloneValue(key, depth + 1), cloneValue(item, depth + 1));
    return copy;
  }
  if (value instanceof Set) {
    const copy = new Set();
    for (const item of value) copy.add(cloneValue(item, depth + 1));
    return copy;
  }
  if (value instanceof Date) return new Date(value.getTime());
  if (ArrayBuffer.isView(value)) return cloneView(value);
  const prototype: object | null = Object.getPrototypeOf(value);
  const copy: Record<string, unknown> =
    prototype === Object.prototype ? {} : Object.create(prototype);
  for (const field of Object.keys(value)) {
    copy[field] = cloneValue((value as Record<string, unknown>)[field], depth + 1);
  }
  return copy;
}

function cloneView(view: ArrayBufferView): ArrayBufferView {
  const bytes = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
  const constructor = view.constructor as new (buffer: ArrayBufferLike) => ArrayBufferView;
  return new constructor(bytes);
}

/**
 * A value as plain JSON, for the trace. Maps become `{ "Map": [[k, v], …] }`, sets
 * `{ "Set": […] }`, dates `{ "Date": ms }`, numbers that JSON lacks `{ "Number": "NaN" }`.
 * Never throws: what can't be shown becomes `{ "Opaque": "…" }`.
 */
export function toJson(value: unknown, depth = 0): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : numberToJson(value);
    case 'bigint':
      return { BigInt: String(value) };
    case 'undefined':
      return null;
    case 'object':
      if (value === null) return null;
      return depth > DEPTH_MAX ? { Opaque: 'nested too deeply' } : objectToJson(value, depth);
    default:
      return { Opaque: typeof value };
  }
}

function numberToJson(value: number): Json {
  return Object.is(value, -0) ? 0 : { Number: String(value) };
}

function objectToJson(value: object, depth: number): Json {
  if (Array.isArray(value)) return value.map((item) => toJson(item, depth + 1));
  if (value instanceof Map) {
    return {
      Map: [...value].map(([key, item]) => [toJson(key, depth + 1), toJson(item, depth + 1)]),
    };
  }
  if (value instanceof Set) return { Set: [...value].map((item) => toJson(item, depth + 1)) };
  if (value instanceof Date) return { Date: value.getTime() };
  if (ArrayBuffer.isView(value)) return { Bytes: value.byteLength };
  // A copy of the whole is made faster than one field by field.
  const result: Record<string, unknown> = { ...value };
  for (const field in result) {
    const item = result[field];
    if (item === undefined) Reflect.deleteProperty(result, field);
    else if (!isJson(item)) result[field] = toJson(item, depth + 1);
  }
  return result as Record<string, Json>;
}

/** Whether a value is JSON as it is; false for all that have parts. */
function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value) && (value !== 0 || 1 / value > 0);
  return typeof value === 'string' || typeof value === 'boolean' || value === null;
}
