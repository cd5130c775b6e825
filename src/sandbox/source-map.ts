/** A place in a text, both numbers counted from 1, as people do. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Says where in the TypeScript a place in the emitted JavaScript comes from. */
export type FindSource = (generated: Place) => Place | undefined;

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

interface Segment {
  readonly generatedColumn: number;
  readonly source: Place;
}

/**
 * Reads the `mappings` of a source map (version 3) with one source, as TypeScript emits them.
 * Returns a function that answers with the nearest mapping at or before the place.
 */
export function readMappings(mappings: string): FindSource {
  const lines: Segment[][] = [];
  let sourceLine = 0;
  let sourceColumn = 0;
  for (const lineText of mappings.split(';')) {
    const segments: Segment[] = [];
    let generatedColumn = 0;
    for (const text of lineText.split(',')) {
      const [columnDelta, , lineDelta, sourceColumnDelta] = decodeNumbers(text);
      if (columnDelta === undefined) continue;
      generatedColumn += columnDelta;
      if (lineDelta === undefined || sourceColumnDelta === undefined) continue;
      sourceLine += lineDelta;
      sourceColumn += sourceColumnDelta;
      const source = { line: sourceLine + 1, column: sourceColumn + 1 };
      segments.push({ generatedColumn, source });
    }
    lines.push(segments);
  }
  return ({ line, column }) => {
    const segments = lines[line - 1] ?? [];
    const found = segments.findLast(({ generatedColumn }) => generatedColumn <= column - 1);
    return (found ?? segments[0])?.source;
  };
}

/** Numbers in base 64: five bits a digit, lowest first; the lowest bit of all is the sign. */
function decodeNumbers(text: string): readonly number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const digit of text) {
    const bits = BASE64.indexOf(digit);
    value += (bits & 31) << shift;
    shift += 5;
    if ((bits & 32) !== 0) continue;
    numbers.push((value & 1) === 1 ? -(value >> 1) : value >> 1);
    value = 0;
    shift = 0;
  }
  return numbers;
}
