/** A question that is told only when it is asked. */
export interface Clarification {
  readonly id: string;
  readonly question: string;
  /** Plain text, one paragraph each. */
  readonly paragraphs: readonly string[];
}

/**
 * Reads `clarifications.md`: each `## Question?` and the plain paragraphs under it. Throws when a
 * heading is no question, or has no answer, or is there twice.
 */
export function parseClarifications(markdown: string, file: string): readonly Clarification[] {
  const sections = markdown.split(/^## /m).slice(1);
  if (sections.length === 0) throw new Error(`${file}: write at least one "## Question?" heading`);
  const seen = new Set<string>();
  return sections.map((section) => {
    const [heading = '', ...lines] = section.split('\n');
    const question = heading.trim();
    const paragraphs = lines
      .join('\n')
      .split(/\n\s*\n/)
      .map((paragraph) => paragraph.replace(/\s+/g, ' ').trim())
      .filter((paragraph) => paragraph !== '');
    const place = `${file}: "## ${question}"`;
    if (!question.endsWith('?')) throw new Error(`${place} must be a question that ends with "?"`);
    if (paragraphs.length === 0) throw new Error(`${place} has no answer: write one below it`);
    const id = question
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '');
    if (seen.has(id)) throw new Error(`${place} is there twice: remove one`);
    seen.add(id);
    return { id, question, paragraphs };
  });
}
