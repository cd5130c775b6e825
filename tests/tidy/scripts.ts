import type { TrackedFile } from './tracked-files.ts';

/** A piece of TypeScript or JavaScript in a file, and the line of the file where it begins. */
export interface Script {
  readonly text: string;
  readonly firstLine: number;
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}

function findScripts(text: string, pattern: RegExp): readonly Script[] {
  return [...text.matchAll(pattern)].map((match) => {
    const body = match[1] ?? '';
    return { text: body, firstLine: lineAt(text, match.index + match[0].indexOf(body)) };
  });
}

/** The code of a file: all of a .ts, the script blocks of a component, the imports of a page. */
export function scriptsOf({ path, text }: TrackedFile): readonly Script[] {
  if (/\.(ts|mjs|js)$/.test(path)) return [{ text, firstLine: 1 }];
  const blocks = /<script\b[^>]*>([\s\S]*?)<\/script>/g;
  if (path.endsWith('.svelte')) return findScripts(text, blocks);
  if (path.endsWith('.astro')) {
    return [...findScripts(text, /^---\n([\s\S]*?)\n---/g), ...findScripts(text, blocks)];
  }
  if (path.endsWith('.mdx')) return findScripts(text, /^((?:import|export)\s[\s\S]*?;)$/gm);
  return [];
}
