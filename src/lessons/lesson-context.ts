import type { Claims } from '../../content/claims.ts';
import { isFactId, SYSTEMS, type FactId } from '../../content/facts.ts';
import type { Comparison } from '../../content/lesson-module.ts';

/** What a lesson's components need to know about the lesson they stand in. */
export interface LessonContext {
  /** For messages: the lesson's file, from the project's root. */
  readonly file: string;
  readonly claims: Claims;
  readonly tables: { readonly [name: string]: Comparison };
  /** The facts that the text uses, in order of first use: a footnote's number is its place here. */
  readonly facts: readonly FactId[];
}

/**
 * The lesson that a component stands in.
 * @throws Error when the component is used outside a lesson's page.
 */
export function lessonOf(locals: App.Locals, component: string): LessonContext {
  if (locals.lesson !== undefined) return locals.lesson;
  throw new Error(`<${component}> stands outside a lesson: use it in content/lessons/*/lesson.mdx`);
}

/** The facts of a subject, one a system, in the order of `SYSTEMS`. */
export function factsAbout(topic: string): readonly FactId[] {
  return SYSTEMS.map((system) => `${system}-${topic}`).filter(isFactId);
}

/** The facts that a lesson's comparisons show, in order of first use. */
export function findFacts(source: string): readonly FactId[] {
  const comparisons = [...source.matchAll(/<Compare\b[\s\S]*?\/>/g)].map((match) => match[0]);
  const quoted = [...comparisons.join(' ').matchAll(/["']([a-z0-9-]+)["']/g)];
  return [...new Set(quoted.flatMap((match) => factsAbout(match[1] ?? '')))];
}

/** The names in `<Claim name="…" />`, and in `claim="…"` of other components. */
export function findClaimNames(source: string): readonly string[] {
  const pattern = /<Claim\s+name="([^"]*)"|\sclaim="([^"]*)"/g;
  const names = [...source.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? '');
  return [...new Set(names)];
}
