import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { readMappings } from '../../src/sandbox/source-map.ts';

const SOURCE = `import type { Nothing } from './nothing.ts';

interface Flight {
  readonly origin: string;
}

export class Count {
  count = 0;

  add(flight: Flight): void {
    if (flight.origin === '') throw new Error('no origin');
    this.count += 1;
  }
}
`;

function compile(source: string): { lines: readonly string[]; mappings: string } {
  const { outputText, sourceMapText = '' } = ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ESNext, sourceMap: true },
  });
  const { mappings } = JSON.parse(sourceMapText) as { mappings: string };
  return { lines: outputText.split('\n'), mappings };
}

describe('finding the TypeScript of a place in JavaScript', () => {
  const { lines, mappings } = compile(SOURCE);
  const findSource = readMappings(mappings);

  test.each(['throw new Error', 'this.count += 1', 'class Count'])('finds “%s”', (text) => {
    const line = lines.findIndex((candidate) => candidate.includes(text)) + 1;
    const column = (lines[line - 1] ?? '').indexOf(text) + 1;
    const sourceLines = SOURCE.split('\n');
    const sourceLine = sourceLines.findIndex((candidate) => candidate.includes(text)) + 1;
    expect(line).not.toBe(sourceLine);
    const found = findSource({ line, column });
    expect(found?.line).toBe(sourceLine);
  });

  test('answers within a statement with the nearest mapping before', () => {
    const line = lines.findIndex((candidate) => candidate.includes('throw new Error')) + 1;
    const column = (lines[line - 1] ?? '').indexOf("'no origin'") + 3;
    const sourceLine = SOURCE.split('\n')[10] ?? '';
    expect(findSource({ line, column })).toEqual({
      line: 11,
      column: sourceLine.indexOf("'no origin'") + 1,
    });
  });

  test('knows nothing of a line that was not emitted', () => {
    expect(findSource({ line: 999, column: 1 })).toBeUndefined();
  });
});
