import { getCollection } from 'astro:content';
import { sitePaths } from './links.ts';

/** Every address of the site that is being built. */
export async function readSitePaths(): Promise<ReadonlySet<string>> {
  const slugsOf = async (name: 'lessons' | 'exercises'): Promise<readonly string[]> =>
    (await getCollection(name)).filter((entry) => !entry.data.draft).map((entry) => entry.id);
  const designs = Object.keys(import.meta.glob('/content/designs/*/question.mdx'));
  return sitePaths({
    lessons: await slugsOf('lessons'),
    exercises: await slugsOf('exercises'),
    designs: designs.map((file) => file.split('/').at(-2)?.replace(/^\d+-/, '') ?? ''),
  });
}
