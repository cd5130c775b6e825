import { CALL_NOTES_MAX, type CallNote } from '../protocol.ts';
import { formatValue } from './format-value.ts';

const ARGUMENT_CHARACTERS_MAX = 160;

/**
 * Announces each call of a method of the learner's exported classes, before it begins. A worker in
 * an endless loop can't be asked where it is, so it has to have said so before.
 */
export function watchCalls(module: object, note: (call: CallNote) => void): void {
  let count = 0;

  function announce(method: string, argument: unknown): void {
    count += 1;
    if (count > CALL_NOTES_MAX) return;
    const text = argument === undefined ? '' : formatValue(argument);
    note({ method, argument: text.slice(0, ARGUMENT_CHARACTERS_MAX), count });
  }

  for (const exported of Object.values(module)) {
    if (typeof exported !== 'function') continue;
    const prototype = (exported as { prototype?: object }).prototype;
    if (prototype !== undefined) watchMethods(prototype, announce);
  }
}

function watchMethods(prototype: object, announce: (method: string, argument: unknown) => void) {
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const property = Object.getOwnPropertyDescriptor(prototype, name);
    const method: unknown = property?.value;
    if (name === 'constructor' || typeof method !== 'function') continue;
    Object.defineProperty(prototype, name, {
      ...property,
      value(this: unknown, ...values: unknown[]): unknown {
        announce(name, values[0]);
        return Reflect.apply(method, this, values);
      },
    });
  }
}
