/**
 * One step of help: a heading to choose by, and what it gives away. Both are HTML made from our own
 * Markdown while building.
 */
export interface Hint {
  readonly titleHtml: string;
  readonly html: string;
}

const HEADING = /<h2[^>]*>([\s\S]*?)<\/h2>/g;

/**
 * Cuts the rendered `hints.md` at its second-level headings, so that hints open one at a time.
 * @throws Error when there is text before the first heading: it would never be shown.
 */
export function splitHints(html: string): readonly Hint[] {
  const headings = [...html.matchAll(HEADING)];
  const before = html.slice(0, headings[0]?.index).trim();
  if (before !== '') {
    throw new Error(
      `hints.md must start with a "## " heading: got "${before.slice(0, 60)}"; ` +
        'put the text under a heading that says what it helps with',
    );
  }
  return headings.map((heading, index) => {
    const from = heading.index + heading[0].length;
    const to = headings[index + 1]?.index ?? html.length;
    return { titleHtml: heading[1] ?? '', html: html.slice(from, to).trim() };
  });
}
