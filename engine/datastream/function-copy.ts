import { cloneValue } from '../core/clone.ts';
import { ConfigError } from '../core/errors.ts';

/**
 * A copy of a user's function, as Flink makes one for every subtask by serializing the instance:
 * each subtask and each attempt starts with the fields as they were when the job was built.
 * Simplified: a class whose constructor takes no arguments is constructed anew (so that private
 * fields work) and then given copies of the other's public fields.
 */
export function copyFunction<T extends object>(original: T): T {
  const prototype = Object.getPrototypeOf(original) as { constructor: new () => T } & object;
  const isConstructible =
    prototype !== Object.prototype &&
    typeof prototype.constructor === 'function' &&
    prototype.constructor.length === 0;
  const copy: T = isConstructible ? new prototype.constructor() : (Object.create(prototype) as T);
  for (const field of Object.keys(original)) {
    const value = (original as Record<string, unknown>)[field];
    (copy as Record<string, unknown>)[field] = copyField(field, value);
  }
  return copy;
}

function copyField(field: string, value: unknown): unknown {
  // Functions have no state of their own here: arrow functions as fields are shared.
  if (typeof value === 'function') return value;
  try {
    return cloneValue(value);
  } catch (error) {
    throw new ConfigError(
      'the fields of a function must be serializable',
      field,
      `${error instanceof Error ? error.message : String(error)}; create it in open() instead`,
    );
  }
}
