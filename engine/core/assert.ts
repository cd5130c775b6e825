/** The engine itself is wrong: never thrown for what a learner or a scenario did. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Stops the run at once when the engine's own reasoning does not hold. Always on. */
export function assert(condition: boolean, message = 'an invariant'): asserts condition {
  if (!condition) throw new AssertionError(`Engine bug: ${message} does not hold.`);
}

/** Ends a switch over a union: fails to compile when a variant is missing. */
export function unreachable(variant: never): never {
  throw new AssertionError(`Engine bug: no case for ${JSON.stringify(variant)}.`);
}
