import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { highlight } from '../../src/editor/highlight.ts';

/** The coloured tokens as `kind:text`. */
const colored = (text: string): readonly string[] =>
  highlight(text)
    .filter(({ kind }) => kind !== 'plain')
    .map((token) => `${token.kind}:${token.text}`);

describe('colouring code without the editor', () => {
  test.each([
    ['const a = 900_000;', ['keyword:const', 'number:900_000']],
    ["f('it\\'s', `a ${b}`)", ["string:'it\\'s'", 'string:`a ${b}`']],
    ['// const "x"', ['comment:// const "x"']],
    ['/* a\n b */ 1', ['comment:/* a\n b */', 'number:1']],
    ['class A extends MapState<K> {}', 'keyword:class type:A keyword:extends type:MapState type:K'],
    ['constant information', []],
    ["'open", ["string:'open"]],
  ])('%s', (text, expected) => {
    expect(colored(text)).toEqual(typeof expected === 'string' ? expected.split(' ') : expected);
  });

  test('loses nothing of a text', () => {
    const text = readFileSync(new URL('../../src/editor/highlight.ts', import.meta.url), 'utf8');
    expect(
      highlight(text)
        .map((token) => token.text)
        .join(''),
    ).toBe(text);
  });
});
