const PIECES = {
  exercises: [
    'exercise.mdx',
    'starter.ts',
    'solution.ts',
    'example.ts',
    'checks.ts',
    'wrong/',
    'hints.md',
    'discussion.mdx',
  ],
  designs: [
    'question.mdx',
    'clarifications.md',
    'estimates.ts',
    'answer.mdx',
    'rubric.ts',
    'follow-ups.md',
  ],
} as const;

/** What the folders of content/exercises and content/designs lack, given all paths. */
export function missingPieces(paths: readonly string[]): readonly string[] {
  return Object.entries(PIECES).flatMap(([kind, pieces]) => {
    const pattern = new RegExp(`^content/${kind}/[^/]+/`);
    const folders = new Set(paths.flatMap((name) => pattern.exec(name)?.[0] ?? []));
    return [...folders].flatMap((folder) =>
      pieces
        .filter((piece) => !paths.some((name) => isPiece(name, folder + piece)))
        .map((piece) => `${folder}${piece}: missing: CONTRIBUTING.md says what it holds`),
    );
  });
}

function isPiece(path: string, piece: string): boolean {
  return piece.endsWith('/') ? path.startsWith(piece) : path === piece;
}
