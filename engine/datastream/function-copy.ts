import { cloneValue } from '../core/clone.ts';
import { ConfigError } from '../core/errors.ts';

/**
 * A copy of a user's function, as Flink makes one for every subtask by serializing the instance:
 * each subtask and each attempt starts with the fields as they were when the job was built.
 * Simplified: its class is constructed anew, without arguments (so that private fields work), and
 * given copies of the original's public fields. Nobody but the class itself can read `#private`
 * fields, so one that a constructor sets from its arguments is refused.
 * @throws ConfigError when a copy could not behave as the original does.
 */
export function copyFunction<T extends object>(original: T): T {
  const prototype = Object.getPrototypeOf(original) as object;
  const isPlain = prototype === Object.prototype;
  const copy = (isPlain ? {} : createAnew(prototype)) as T;
  for (const field of Object.keys(original)) {
    const value = (original as Record<string, unknown>)[field];
    const own = (copy as Record<string, unknown>)[field];
    // A fresh instance has functions of its own, which see its own fields.
    if (typeof value === 'function' && typeof own === 'function') continue;
    (copy as Record<string, unknown>)[field] = copyField(field, value, isPlain);
  }
  return copy;
}

/** Whether calls of a function can't show in which order they came: it has nowhere to keep that. */
export function keepsNothing(userFunction: object): boolean {
  // What the operator itself has set.
  const fields = Object.keys(userFunction).filter((field) => field !== 'boundRuntimeContext');
  const prototype = Object.getPrototypeOf(userFunction) as object;
  return fields.length === 0 && ancestorsOf(prototype).every((source) => !/#[\w$]/.test(source));
}

function createAnew(prototype: object): object {
  const { constructor } = prototype as { constructor: new () => object };
  if (typeof constructor !== 'function') return Object.create(prototype) as object;
  checkPrivateArguments(prototype);
  try {
    return new constructor();
  } catch (error) {
    // A constructor that refuses to go without its arguments: private names need it, others don't.
    const name = ancestorsOf(prototype).map(privateNameOf).find(Boolean);
    if (name !== undefined) throw unreadable(prototype, name, String(error));
    return Object.create(prototype) as object;
  }
}

function copyField(field: string, value: unknown, isPlain: boolean): unknown {
  if (typeof value === 'function') {
    if (!isPlain && isBoundArrow(value)) {
      throw new ConfigError(
        'an arrow function in a field keeps `this` of the instance it was made in',
        field,
        'make it a method, or let the constructor work without arguments',
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

/** The most derived constructor decides what all are given: does it set private fields from it? */
function checkPrivateArguments(prototype: object): void {
  for (const source of ancestorsOf(prototype)) {
    const found = /\bconstructor\s*\(([^)]*)\)\s*\{/.exec(source);
    if (found === null) continue;
    const [head, parameters = ''] = found;
    const body = blockAt(source, found.index + head.length);
    const name = /\bthis\.(#[\w$]+)\s*=/.exec(body)?.[1];
    if (parameters.trim() === '' || name === undefined) return;
    throw unreadable(prototype, name, 'its constructor sets it from its arguments');
  }
}

function unreadable(prototype: object, name: string, why: string): ConfigError {
  const { constructor } = prototype as { constructor: { name: string } };
  return new ConfigError(
    'a function whose #private names depend on constructor arguments cannot be copied',
    `${constructor.name}.${name} (${why})`,
    'use `private` without #: every subtask gets a copy; or create what it holds in open()',
  );
}

/** Source texts of a class and those that it extends, most derived first. */
function ancestorsOf(prototype: object): string[] {
  const sources: string[] = [];
  let ancestor: object | null = prototype;
  while (ancestor !== null && ancestor !== Object.prototype) {
    sources.push(sourceOf((ancestor as { constructor: object }).constructor));
    ancestor = Object.getPrototypeOf(ancestor) as object | null;
  }
  return sources;
}

function privateNameOf(source: string): string | undefined {
  return /\bthis\.(#[\w$]+)/.exec(source)?.[1];
}

/** The text from `start`, which lies behind an opening brace, to the closing one. */
function blockAt(source: string, start: number): string {
  let depth = 1;
  for (let at = start; at < source.length; at += 1) {
    if (source[at] === '{') depth += 1;
    else if (source[at] === '}') depth -= 1;
    if (depth === 0) return source.slice(start, at);
  }
  return source.slice(start);
}

function sourceOf(value: object): string {
  return typeof value === 'function' ? Function.prototype.toString.call(value) : '';
}
