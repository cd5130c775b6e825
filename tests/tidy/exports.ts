import ts from 'typescript';
import type { Rule } from './rules.ts';

type Declared = ts.FunctionDeclaration | ts.ClassDeclaration;

function isExported(node: ts.Node): node is Declared {
  if (!ts.isFunctionDeclaration(node) && !ts.isClassDeclaration(node)) return false;
  return ts.getModifiers(node)?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword) === true;
}

/**
 * An exported function or class says what it means. Where it is the only one of its file, the
 * comment that opens the file says it.
 */
export const documentedExports: Rule = ({ path, text }) => {
  if (!/^(engine|src|tools)\/.*\.(ts|mjs)$/.test(path)) return [];
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const declared = source.statements.filter(isExported);
  const isOpened = /^(\/\*\*|\/\/)/.test(text);
  if (isOpened && declared.length === 1) return [];
  // Of an overloaded function, one signature is documented for all.
  const documented = new Set(
    declared.filter((node) => ts.getJSDocCommentsAndTags(node).length > 0).map((n) => n.name?.text),
  );
  return declared
    .filter((node) => !documented.has(node.name?.text))
    .map((node) => {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      const remedy = 'say in a /** comment */ what it means, its units and its errors';
      return `${path}:${line + 1}: ${node.name?.text ?? 'export'}: ${remedy}`;
    });
};
