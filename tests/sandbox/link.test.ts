import { describe, expect, test } from 'vitest';
import { LinkError } from '../../src/sandbox/link-error.ts';
import { cutModule } from '../../src/sandbox/link.ts';

/** The module put together again, imported names in angle brackets. */
function cut(code: string): string {
  const { parts } = cutModule('operator', code, ['#engine']);
  return parts.map((part) => (typeof part === 'string' ? part : `<${part.import}>`)).join('');
}

describe('cutting a module at its imports', () => {
  test.each([
    ['named', `import { a } from '#engine';`, `import { a } from '<#engine>';`],
    ['minified', `import{a as b}from"#engine";b()`, `import{a as b}from"<#engine>";b()`],
    ['re-exported', `export * from '#engine';`, `export * from '<#engine>';`],
    ['for its effect', `import '#engine';`, `import '<#engine>';`],
    ['none', `export const a = 1;`, `export const a = 1;`],
  ])('finds an import: %s', (_name, code, expected) => {
    expect(cut(code)).toBe(expected);
  });

  test.each([
    `const text = "import { a } from '#engine'";`,
    `// import { a } from '#engine'`,
    'const text = `from "#engine"`;',
    `const pattern = /from '#engine'/;`,
  ])('leaves what only looks like an import: %s', (code) => {
    expect(cut(code)).toBe(code);
  });

  test('refuses a module that is not there, at its place', () => {
    expect(() => cut(`const a = 1;\nimport fs from 'node:fs';`)).toThrow(LinkError);
    try {
      cut(`const a = 1;\nimport fs from 'node:fs';`);
    } catch (error) {
      expect(error).toMatchObject({ line: 2, column: 17 });
      expect(String(error)).toContain('there is no module "node:fs" here: import from #engine');
    }
  });

  test('refuses import(), which could name anything', () => {
    expect(() => cut(`await import('https://example.com/x.js');`)).toThrow('import() is not');
  });
});
