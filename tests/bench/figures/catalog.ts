export const FIGURES: readonly any[] = [];
