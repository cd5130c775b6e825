/**
 * What every piece of content must say about itself. A file that says something else stops the
 * build; the message names the file, the field and what to write instead.
 */
import { z } from 'astro/zod';
import { GLOSSARY, isTermId } from './glossary.ts';

/** Pages longer than this are read twice or not at all. */
export const LESSON_MINUTES_MAX = 12;

/** Lower-case words joined by hyphens, as in an address. */
export const slug = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'write lower-case words joined by hyphens, e.g. event-time');

const sentence = (max: number): z.ZodString =>
  z
    .string()
    .min(8, 'write at least a few words')
    .max(max, `shorten it to ${max} characters or fewer`);

const term = slug.superRefine((id, context) => {
  if (isTermId(id)) return;
  context.addIssue({
    code: 'custom',
    message:
      `unknown term "${id}": define it in content/glossary.ts or use one of ` +
      Object.keys(GLOSSARY).join(', '),
  });
});

/** Front matter of `content/lessons/<order>-<slug>/lesson.mdx`. Unknown keys are refused. */
export const lessonSchema = z.strictObject({
  title: sentence(60),
  /** One sentence, shown in lists and to search engines. */
  summary: sentence(170),
  /** What the interviewer asks, word for word. */
  question: sentence(160),
  /** The wrong belief that the lesson removes. */
  misconception: sentence(120),
  objectives: z.array(sentence(110)).min(1, 'name at least one objective').max(5),
  /** Slugs of lessons to read first. */
  prerequisites: z.array(slug),
  /** Words that the lesson introduces, as ids of `content/glossary.ts`. */
  terms: z.array(term).min(1, 'name at least one term'),
  minutes: z
    .number()
    .int()
    .min(1)
    .max(LESSON_MINUTES_MAX, `split the lesson: ${LESSON_MINUTES_MAX} minutes is the most`),
  draft: z.boolean().default(false),
});

export type LessonData = z.infer<typeof lessonSchema>;

/** Front matter of `content/exercises/<slug>/exercise.mdx`. */
export const exerciseSchema = z.strictObject({
  title: sentence(80),
  summary: sentence(170),
  /** 1: one idea. 2: two ideas that meet. 3: what production taught somebody. */
  difficulty: z.union([z.literal(1), z.literal(2), z.literal(3)]),
  minutes: z.number().int().min(5).max(90),
  concepts: z.array(sentence(110)).min(1, 'name at least one concept'),
  outOfScope: z.array(sentence(110)),
  draft: z.boolean().default(false),
});

export type ExerciseData = z.infer<typeof exerciseSchema>;
