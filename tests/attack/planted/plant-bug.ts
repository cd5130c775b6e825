import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

/** A slip of the pen: what a file of `engine/` has exactly once, and what it has instead. */
export interface TextChange {
  readonly name: string;
  /** In `engine/`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/**
 * Changes the text of one file while it is loaded; nothing on the disk is changed, and the engine
 * knows nothing of it. To be called before the engine is imported.
 */
export function plantBug({ name, file, find, replace }: TextChange): void {
  const target = new URL(`../../../engine/${file}`, import.meta.url).href;
  registerHooks({
    load(url, context, nextLoad) {
      if (url !== target) return nextLoad(url, context);
      const text = readFileSync(fileURLToPath(url), 'utf8');
      const pieces = text.split(find);
      if (pieces.length !== 2) {
        throw new Error(
          `engine/${file} has the text of "${name}" ${pieces.length - 1} times, not once: ` +
            'bring the list of planted bugs up to date',
        );
      }
      return { format: 'module-typescript', source: pieces.join(replace), shortCircuit: true };
    },
  });
}
