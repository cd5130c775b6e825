import { CALL_NOTES_MAX, type CallNote } from '../protocol.ts';
import { formatValue } from './format-value.ts';

const ARGUMENT_CHARACTERS_MAX = 160;

/** Who is told of the calls of the learner's methods. */
export interface CallWatcher {
  /** A call is about to begin. */
  readonly onCall: (call: CallNote) => void;
  /** A call has ended by throwing. */
  readonly onThrow: (thrown: unknown) => void;
}

/**
 * Announces each call of a method of the learner's exported classes, before it begins. A worker in
 * an endless loop can't be asked where it is, so it has to have said so before.
 */
export function watchCalls(module: object, watcher: CallWatcher): void {
  let count = 0;

  function announce(method: string, argument: unknown): void {
    count += 1;
    if (count > CALL_NOTES_MAX) return;
    const text = argument === undefined ? '' : formatValue(argument);
    watcher.onCall({ method, argument: text.slice(0, ARGUMENT_CHARACTERS_MAX), count });
  }

  for (const exported of Object.values(module)) {
    if (typeof exported !== 'function') continue;
    const prototype = (exported as { prototype?: object }).prototype;
    if (prototype !== undefined) watchMethods(prototype, announce, watcher.onThrow);
  }
}

function watchMethods(
  prototype: object,
  announce: (method: string, argument: unknown) => void,
  onThrow: (thrown: unknown) => void,
): void {
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const property = Object.getOwnPropertyDescriptor(prototype, name);
    const method: unknown = property?.value;
    if (name === 'constructor' || typeof method !== 'function') continue;
    Object.defineProperty(prototype, name, {
      ...property,
      value(this: unknown, ...values: unknown[]): unknown {
        announce(name, values[0]);
        try {
          return Reflect.apply(method, this, values);
        } catch (thrown) {
          onThrow(thrown);
          throw thrown;
        }
      },
    });
  }
}
