import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { href } from '../../src/site/href.ts';
import { checkLink, findLinks, sitePaths } from '../../src/site/links.ts';

const slugsOf = (section: string): readonly string[] =>
  globSync(`content/${section}/*/*.mdx`)
    .map((file) => file.split('/').at(-2)?.replace(/^\d+-/, '') ?? '')
    .filter((slug, index, all) => all.indexOf(slug) === index);

const paths = sitePaths({
  lessons: slugsOf('lessons'),
  exercises: slugsOf('exercises'),
  designs: slugsOf('designs'),
});

describe('links in the content', () => {
  test('every internal link leads to a page', () => {
    const files = globSync('content/**/*.{md,mdx}');
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      for (const target of findLinks(readFileSync(file, 'utf8'))) checkLink(target, paths, file);
    }
  });

  test('a dead link names the file, the link and where it could lead', () => {
    const check = (): void => checkLink('/lessons/nowhere/', new Set(['/', '/model/']), 'a.mdx');
    expect(check).toThrow(
      'a.mdx: link "/lessons/nowhere/" leads to no page; link to one of: / /model/.',
    );
  });

  test('a missing slash at the end is named as such', () => {
    const check = (): void => checkLink('/model', new Set(['/model/']), 'a.mdx');
    expect(check).toThrow('write /model/, with the slash at the end');
  });

  test('a fragment or query does not hide the page, and other sites are left alone', () => {
    const known = new Set(['/model/']);
    for (const target of [
      '/model/#clocks',
      '/model/?a=1',
      'https://example.org/x',
      '//example.org',
    ]) {
      expect(() => checkLink(target, known, 'a.mdx')).not.toThrow();
    }
  });

  test('links are found in Markdown and in components', () => {
    expect(findLinks('a [b](/c/ "d") e <x href="/f/" /> ![g](h.png)')).toEqual([
      '/c/',
      '/f/',
      'h.png',
    ]);
  });
});

describe('href', () => {
  test('keeps a path under whatever base the site is served from', () => {
    expect([
      href('/model/', '/'),
      href('/', '/'),
      href('/model/', '/mill/'),
      href('/', '/mill'),
    ]).toEqual(['/model/', '/', '/mill/model/', '/mill/']);
  });
});
