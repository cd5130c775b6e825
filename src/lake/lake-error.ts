/** A table that can't be written as files: the rule, the value and the next step. */
export class LakeError extends Error {
  override readonly name = 'LakeError';

  constructor(rule: string, got: string, remedy: string) {
    super(`${rule}: got ${got}; ${remedy}`);
  }
}
