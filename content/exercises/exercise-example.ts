/** What a right operator makes of the visible example, as a table. The last column: numbers. */
export interface ExerciseExample {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}
