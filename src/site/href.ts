/**
 * The address of a page or file of this site, under whatever path it is served from.
 * `path` starts with `/`; pages also end with one: `href('/lessons/')`.
 */
export function href(path: `/${string}`, base: string = import.meta.env.BASE_URL): string {
  return base.replace(/\/+$/, '') + path;
}
