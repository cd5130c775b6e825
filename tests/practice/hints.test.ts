import { describe, expect, test } from 'vitest';
import { splitHints } from '../../src/practice/hints.ts';

describe('cutting hints at their headings', () => {
  test('gives each heading what stands under it', () => {
    const html =
      '<h2 id="a">Which <code>state</code>?</h2><p>A map.</p>\n<h2>When?</h2><p>Later.</p>';
    expect(splitHints(html)).toEqual([
      { titleHtml: 'Which <code>state</code>?', html: '<p>A map.</p>' },
      { titleHtml: 'When?', html: '<p>Later.</p>' },
    ]);
  });

  test('refuses text that no heading introduces', () => {
    expect(() => splitHints('<p>Oops</p><h2>A</h2>')).toThrow('hints.md must start with a "## "');
  });

  test('an empty file has no hints', () => {
    expect(splitHints('')).toEqual([]);
  });
});
