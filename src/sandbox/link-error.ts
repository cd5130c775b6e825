/** The learner's module names something that the sandbox does not have. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
  /** Place in the module's JavaScript, from 1. */
  readonly line: number;
  readonly column: number;

  constructor(message: string, code: string, index: number) {
    super(message);
    const before = code.slice(0, index).split('\n');
    this.line = before.length;
    this.column = (before.at(-1)?.length ?? 0) + 1;
  }
}
