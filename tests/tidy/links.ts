import path from 'node:path';
import type { TrackedFile } from './tracked-files.ts';

/** The relative links of the .md files that lead to no tracked file or folder. */
export function deadLinks(
  files: readonly TrackedFile[],
  paths: readonly string[],
): readonly string[] {
  return files
    .filter((file) => /^[A-Z]+\.md$/.test(file.path) || file.path.startsWith('docs/'))
    .flatMap(({ path: from, text }) =>
      [...text.matchAll(/\]\(([^)#:\s]+)(#[^)]*)?\)/g)]
        .map((match) => path.posix.join(path.posix.dirname(from), match[1] ?? ''))
        .filter((target) => !paths.some((name) => name === target || name.startsWith(`${target}/`)))
        .map((target) => `${from}: links to ${target}, which is not there: correct the link`),
    );
}
