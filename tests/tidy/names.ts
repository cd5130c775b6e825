import ts from 'typescript';
import type { Rule } from './rules.ts';
import { scriptsOf } from './scripts.ts';

const LONG_FORMS: ReadonlyMap<string, string> = new Map([
  ['btn', 'button'],
  ['cb', 'callback'],
  ['cfg', 'config'],
  ['ckpt', 'checkpoint'],
  ['cnt', 'count'],
  ['cur', 'current'],
  ['el', 'element'],
  ['elem', 'element'],
  ['evt', 'record, simEvent or traceEvent'],
  ['idx', 'index'],
  ['msg', 'message'],
  ['prev', 'previous'],
  ['res', 'result'],
  ['rec', 'record'],
  ['tmp', 'what it holds'],
  ['val', 'value'],
  ['wm', 'watermark'],
]);

function isDeclaration(node: ts.Identifier): boolean {
  const parent = node.parent;
  return (
    (ts.isVariableDeclaration(parent) ||
      ts.isParameter(parent) ||
      ts.isBindingElement(parent) ||
      ts.isPropertySignature(parent) ||
      ts.isPropertyDeclaration(parent) ||
      ts.isFunctionDeclaration(parent) ||
      ts.isMethodDeclaration(parent)) &&
    parent.name === node
  );
}

/** The words of a camelCase name, in lower case. */
function wordsOf(name: string): readonly string[] {
  return name.split(/(?=[A-Z])|_/).map((word) => word.toLowerCase());
}

/** What is declared has a whole name. */
export const wholeNames: Rule = ({ path, text }) => {
  const problems: string[] = [];
  for (const script of scriptsOf({ path, text })) {
    const source = ts.createSourceFile(path, script.text, ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node) && isDeclaration(node)) {
        const short = wordsOf(node.text).find((word) => LONG_FORMS.has(word));
        if (short !== undefined) {
          const line = source.getLineAndCharacterOfPosition(node.getStart()).line;
          const where = `${path}:${script.firstLine + line}`;
          problems.push(`${where}: ${node.text}: write out "${short}" (${LONG_FORMS.get(short)})`);
        }
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return problems;
};
