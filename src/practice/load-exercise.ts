import type { ExerciseExample } from '#content/exercises/exercise-example.ts';
import type { MDXInstance } from 'astro';
import { type Hint, splitHints } from './hints.ts';

/** The files of an exercise's folder that the page shows. */
export interface ExerciseFiles {
  readonly starter: string;
  readonly solution: string;
  readonly hints: readonly Hint[];
  readonly example: ExerciseExample;
  /** Rendered `discussion.mdx`. */
  readonly Discussion: DiscussionContent;
}

interface MarkdownModule {
  readonly compiledContent: () => Promise<string>;
}
interface DiscussionModule {
  readonly Content: DiscussionContent;
}
type DiscussionContent = MDXInstance<Record<string, unknown>>['Content'];

const ROOT = '../../content/exercises';
const codes = import.meta.glob<string>('../../content/exercises/*/{starter,solution}.ts', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const examples = import.meta.glob<ExerciseExample>('../../content/exercises/*/example.ts', {
  import: 'example',
  eager: true,
});
const hints = import.meta.glob<MarkdownModule>('../../content/exercises/*/hints.md', {
  eager: true,
});
const discussions = import.meta.glob<DiscussionModule>('../../content/exercises/*/discussion.mdx', {
  eager: true,
});

/**
 * Reads the files beside `exercise.mdx`.
 * @throws Error naming the file that is missing and what belongs in it.
 */
export async function loadExercise(slug: string): Promise<ExerciseFiles> {
  return {
    starter: need(codes, slug, 'starter.ts', 'the code the reader starts from'),
    solution: need(codes, slug, 'solution.ts', 'a commented answer'),
    example: need(examples, slug, 'example.ts', 'what the visible example must give'),
    hints: splitHints(
      await need(hints, slug, 'hints.md', 'a "## " heading for each hint').compiledContent(),
    ),
    Discussion: need(discussions, slug, 'discussion.mdx', 'what to know after solving').Content,
  };
}

function need<T>(
  files: { readonly [path: string]: T },
  slug: string,
  name: string,
  purpose: string,
): T {
  const file = files[`${ROOT}/${slug}/${name}`];
  if (file !== undefined) return file;
  throw new Error(`content/exercises/${slug}/${name} is missing: add it, with ${purpose}`);
}
