import { glob } from 'astro/loaders';
import { defineCollection } from 'astro:content';
import { exerciseSchema, lessonSchema } from '../content/schema.ts';

/** `10-two-clocks/lesson.mdx` → `two-clocks`: the number gives order, not address. */
function toSlug({ entry }: { entry: string }): string {
  return entry.replace(/\/[^/]*$/, '').replace(/^\d+-/, '');
}

export const collections = {
  lessons: defineCollection({
    loader: glob({ base: './content/lessons', pattern: '*/lesson.mdx', generateId: toSlug }),
    schema: lessonSchema,
  }),
  exercises: defineCollection({
    loader: glob({ base: './content/exercises', pattern: '*/exercise.mdx', generateId: toSlug }),
    schema: exerciseSchema,
  }),
};
