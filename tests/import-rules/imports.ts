import path from 'node:path';
import ts from 'typescript';
import { scriptsOf } from '../tidy/scripts.ts';
import type { TrackedFile } from '../tidy/tracked-files.ts';

/** One import of one file. */
export interface Import {
  readonly from: string;
  readonly line: number;
  /** As written: `./a.ts`, `#engine`, `d3-scale`. */
  readonly specifier: string;
  /** A path from the project's root, without a query; undefined for a package. */
  readonly target: string | undefined;
  /** The names taken, without types. Empty for `import './a.css'` and for a whole namespace. */
  readonly names: readonly string[];
}

const ALIASES: readonly (readonly [RegExp, string])[] = [
  [/^#engine$/, 'engine/index.ts'],
  [/^#engine\/spark$/, 'engine/spark/index.ts'],
  [/^#content\//, 'content/'],
];

function resolveTarget(from: string, specifier: string): string | undefined {
  const bare = specifier.replace(/\?.*$/, '');
  if (bare.startsWith('.')) return path.posix.normalize(`${path.posix.dirname(from)}/${bare}`);
  const alias = ALIASES.find(([pattern]) => pattern.test(bare));
  return alias === undefined ? undefined : bare.replace(alias[0], alias[1]);
}

function namesOf(node: ts.ImportDeclaration | ts.ExportDeclaration): readonly string[] {
  const clause = ts.isImportDeclaration(node) ? node.importClause : undefined;
  const bindings = ts.isImportDeclaration(node) ? clause?.namedBindings : node.exportClause;
  if (clause?.phaseModifier === ts.SyntaxKind.TypeKeyword) return [];
  if (bindings === undefined || ts.isNamespaceImport(bindings)) return [];
  if (ts.isNamespaceExport(bindings)) return [];
  const elements: readonly (ts.ImportSpecifier | ts.ExportSpecifier)[] = [...bindings.elements];
  return elements
    .filter((element) => !element.isTypeOnly)
    .map((element) => (element.propertyName ?? element.name).text);
}

function specifierOf(node: ts.Node): ts.StringLiteral | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    const module = node.moduleSpecifier;
    return module !== undefined && ts.isStringLiteral(module) ? module : undefined;
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return ts.isStringLiteral(node.argument.literal) ? node.argument.literal : undefined;
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments;
    return argument !== undefined && ts.isStringLiteral(argument) ? argument : undefined;
  }
  return undefined;
}

/** All imports of a .ts, .mjs, .svelte, .astro or .mdx file: static, dynamic, and of types. */
export function importsOf(file: TrackedFile): readonly Import[] {
  const found: Import[] = [];
  for (const script of scriptsOf(file)) {
    const source = ts.createSourceFile(file.path, script.text, ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node): void => {
      const specifier = specifierOf(node);
      if (specifier !== undefined) {
        const { line } = source.getLineAndCharacterOfPosition(specifier.getStart());
        const isStatement = ts.isImportDeclaration(node) || ts.isExportDeclaration(node);
        found.push({
          from: file.path,
          line: script.firstLine + line,
          specifier: specifier.text,
          target: resolveTarget(file.path, specifier.text),
          names: isStatement ? namesOf(node) : [],
        });
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return found;
}
