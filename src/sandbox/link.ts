import { parse } from 'es-module-lexer/js';
import { LinkError } from './link-error.ts';
import type { ModuleId, ModuleText } from './protocol.ts';

/**
 * Cuts a module at the names of the modules it imports. A lexer finds them, so a string or a
 * comment that merely looks like an import stays as it is.
 * @throws LinkError for an import of anything but `available`, and for `import()`.
 */
export function cutModule(id: ModuleId, code: string, available: readonly string[]): ModuleText {
  const [imports] = parse(code);
  const parts: (string | { readonly import: string })[] = [];
  let from = 0;
  for (const found of imports) {
    if (found.type === 'import-meta') continue;
    if (found.type === 'dynamic') {
      throw new LinkError(
        'import() is not available here: import at the top of the file instead',
        code,
        found.importStart,
      );
    }
    if (!available.includes(found.specifier)) {
      throw new LinkError(
        `there is no module "${found.specifier}" here: import from ${available.join(', ')}`,
        code,
        found.start,
      );
    }
    parts.push(code.slice(from, found.start), { import: found.specifier });
    from = found.end;
  }
  parts.push(code.slice(from));
  return { id, parts };
}
