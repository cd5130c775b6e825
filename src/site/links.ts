/** Pages that every build has, besides the ones made from content collections. */
const FIXED_PATHS = ['/', '/lessons/', '/exercises/', '/designs/', '/model/', '/data/'] as const;

/** Every address that a text may link to, given the slugs of the content collections. */
export function sitePaths(slugs: { readonly [section: string]: readonly string[] }): Set<string> {
  const paths = new Set<string>(FIXED_PATHS);
  for (const [section, names] of Object.entries(slugs)) {
    for (const name of names) paths.add(`/${section}/${name}/`);
  }
  return paths;
}

/** A link that leads nowhere. Stops the build. */
export class DeadLinkError extends Error {
  override readonly name = 'DeadLinkError';
}

/** Whether a link leads to a page of this site, as an absolute path. */
export function isInternal(target: string): target is `/${string}` {
  return target.startsWith('/') && !target.startsWith('//');
}

/**
 * Checks that an internal link leads to a page.
 * @throws DeadLinkError naming the file, the link and the nearest thing to write instead.
 */
export function checkLink(target: string, paths: ReadonlySet<string>, file: string): void {
  if (!isInternal(target)) return;
  const path = target.replace(/[#?].*$/, '');
  if (paths.has(path)) return;
  const withSlash = `${path}/`;
  const remedy = paths.has(withSlash)
    ? `write ${withSlash}, with the slash at the end`
    : `link to one of: ${[...paths].sort().join(' ')}`;
  throw new DeadLinkError(`${file}: link "${target}" leads to no page; ${remedy}.`);
}

/** The targets of a text's links: `[text](target)` and `href="target"`. */
export function findLinks(source: string): readonly string[] {
  const pattern = /\]\(([^)\s]+)(?:\s+"[^"]*")?\)|\shref="([^"]+)"/g;
  return [...source.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? '');
}
