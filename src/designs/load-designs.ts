/** Finds the design questions of `content/designs/` and checks them, while the site is built. */
import type { MarkdownInstance, MDXInstance } from 'astro';
import { parseClarifications } from '#content/designs/question-and-answer.ts';
import type { Clarification } from '#content/designs/question-and-answer.ts';
import { designSchema } from '#content/designs/schema.ts';
import type { DesignData, DesignScenario, Estimate, Rubric } from '#content/designs/schema.ts';

type Mdx = MDXInstance<Record<string, unknown>>;

const questions = import.meta.glob<Mdx>('/content/designs/*/question.mdx', { eager: true });
const answers = import.meta.glob<Mdx>('/content/designs/*/answer.mdx', { eager: true });
const followUps = import.meta.glob<MarkdownInstance<Record<string, unknown>>>(
  '/content/designs/*/follow-ups.md',
  { eager: true },
);
const clarifications = import.meta.glob<string>('/content/designs/*/clarifications.md', {
  eager: true,
  query: '?raw',
  import: 'default',
});
const scenarios = import.meta.glob<DesignScenario>('/content/designs/*/scenario.ts', {
  eager: true,
  import: 'scenario',
});
const estimates = import.meta.glob<readonly Estimate[]>('/content/designs/*/estimates.ts', {
  eager: true,
  import: 'estimates',
});
const rubrics = import.meta.glob<Rubric>('/content/designs/*/rubric.ts', {
  eager: true,
  import: 'rubric',
});

export interface DesignQuestion {
  readonly slug: string;
  readonly data: DesignData;
  readonly Question: Mdx['Content'];
  readonly Answer: Mdx['Content'];
  readonly FollowUps: MarkdownInstance<Record<string, unknown>>['Content'];
  readonly clarifications: readonly Clarification[];
  readonly scenario: DesignScenario;
  readonly estimates: readonly Estimate[];
  readonly rubric: Rubric;
}

/** All questions that are not drafts, by slug. Throws with file and field when one is not whole. */
export function loadDesigns(): readonly DesignQuestion[] {
  return Object.keys(questions)
    .sort()
    .map((file) => loadDesign(file.split('/').at(-2) ?? file))
    .filter(({ data }) => !data.draft);
}

function loadDesign(slug: string): DesignQuestion {
  const folder = `/content/designs/${slug}`;
  const question = part(questions, `${folder}/question.mdx`);
  const clarificationsFile = `${folder}/clarifications.md`;
  return {
    slug,
    data: readData(question.frontmatter, `${folder}/question.mdx`),
    Question: question.Content,
    Answer: part(answers, `${folder}/answer.mdx`).Content,
    FollowUps: part(followUps, `${folder}/follow-ups.md`).Content,
    clarifications: parseClarifications(
      part(clarifications, clarificationsFile),
      clarificationsFile,
    ),
    scenario: part(scenarios, `${folder}/scenario.ts`),
    estimates: part(estimates, `${folder}/estimates.ts`),
    rubric: part(rubrics, `${folder}/rubric.ts`),
  };
}

function part<T>(parts: Readonly<Record<string, T>>, file: string): T {
  const found = parts[file];
  if (found === undefined) throw new Error(`${file} is missing: a design question needs it`);
  return found;
}

function readData(frontmatter: Record<string, unknown>, file: string): DesignData {
  const { file: _file, url: _url, ...fields } = frontmatter;
  const result = designSchema.safeParse(fields);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`${file}: front matter is wrong: ${issues.join('; ')}`);
}
