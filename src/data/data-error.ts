/** A data file that can't be used: which file, which field, the value found, and what to do. */
export class DataError extends Error {
  readonly file: string;
  readonly field: string;
  readonly value: string;
  readonly remedy: string;

  constructor(problem: DataProblem) {
    const { file, field, value, expected, remedy } = problem;
    super(`${file}: ${field} is ${value}, expected ${expected}. ${remedy}`);
    this.name = 'DataError';
    this.file = file;
    this.field = field;
    this.value = value;
    this.remedy = remedy;
  }
}

export interface DataProblem {
  readonly file: string;
  readonly field: string;
  readonly value: string;
  readonly expected: string;
  readonly remedy: string;
}
