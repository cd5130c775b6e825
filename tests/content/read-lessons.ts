import { globSync, readFileSync } from 'node:fs';

export interface LessonFile {
  readonly file: string;
  readonly source: string;
}

/** Every lesson's text, by its file. */
export function readLessons(): readonly LessonFile[] {
  return globSync('content/lessons/*/lesson.mdx')
    .sort()
    .map((file) => ({ file, source: readFileSync(file, 'utf8') }));
}
