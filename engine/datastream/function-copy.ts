import { cloneValue } from '../core/clone.ts';
import { ConfigError } from '../core/errors.ts';

/**
 * A copy of a user's function, as Flink makes one for every subtask by serializing the instance:
 * each subtask and each attempt starts with the fields as they were when the job was built.
 * Simplified: a class whose constructor takes no arguments is constructed anew (so that private
 * fields work) and then given copies of the other's public fields. Nobody but the class itself can
 * read `#private` fields, so a class that has them and takes constructor arguments is refused.
 * @throws ConfigError when a copy could not behave as the original does.
 */
export function copyFunction<T extends object>(original: T): T {
  const prototype = Object.getPrototypeOf(original) as { constructor: new () => T } & object;
  const isConstructible =
    prototype !== Object.prototype &&
    typeof prototype.constructor === 'function' &&
    prototype.constructor.length === 0;
  checkPrivateNames(prototype, isConstructible);
  const copy: T = isConstructible ? new prototype.constructor() : (Object.create(prototype) as T);
  for (const field of Object.keys(original)) {
    const value = (original as Record<string, unknown>)[field];
    const own = (copy as Record<string, unknown>)[field];
    // A fresh instance has functions of its own, which see its own fields.
    if (typeof value === 'function' && typeof own === 'function') continue;
    (copy as Record<string, unknown>)[field] = copyField(field, value, prototype);
  }
  return copy;
}

function copyField(field: string, value: unknown, prototype: object): unknown {
  if (typeof value === 'function') {
    if (prototype !== Object.prototype && isBoundArrow(value)) {
      throw new ConfigError(
        'a function that takes constructor arguments cannot be copied with arrow functions',
        field,
        'make it a method: an arrow function in a field keeps `this` of the first instance',
      );
    }
    // Functions have no state of their own here: arrow functions as fields are shared.
    return value;
  }
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

function isBoundArrow(value: object): boolean {
  return !('prototype' in value) && /\bthis\b/.test(sourceOf(value));
}

const PRIVATE_FIELD = /(?:^|[{;}])\s*(#[\w$]+)\s*(?:=[^>=]|;|\n)/;
const PRIVATE_METHOD = /(?:^|[{;}])\s*(?:async\s+|get\s+|set\s+)?\*?\s*(#[\w$]+)\s*\(/;

/** A class with private names and a constructor with parameters can't be copied faithfully. */
function checkPrivateNames(prototype: object, isConstructible: boolean): void {
  let ancestor: object | null = prototype;
  let privateName: string | undefined;
  // What the most derived constructor takes: it alone decides what the others are given.
  let parameters: string | undefined;
  while (ancestor !== null && ancestor !== Object.prototype) {
    const source = sourceOf((ancestor as { constructor: object }).constructor);
    parameters ??= /\bconstructor\s*\(([^)]*)\)/.exec(source)?.[1];
    privateName ??= PRIVATE_FIELD.exec(source)?.[1];
    // Methods come with any new instance, whatever its arguments.
    if (!isConstructible) privateName ??= PRIVATE_METHOD.exec(source)?.[1];
    ancestor = Object.getPrototypeOf(ancestor) as object | null;
  }
  const takesArguments = !isConstructible || (parameters ?? '').trim() !== '';
  if (!takesArguments || privateName === undefined) return;
  const { name } = (prototype as { constructor: { name: string } }).constructor;
  throw new ConfigError(
    'a function with constructor arguments cannot be copied with its #private names',
    `${name}.${privateName}`,
    'use `private` without #: every subtask gets a copy; or create what it holds in open()',
  );
}

function sourceOf(value: object): string {
  return typeof value === 'function' ? Function.prototype.toString.call(value) : '';
}
