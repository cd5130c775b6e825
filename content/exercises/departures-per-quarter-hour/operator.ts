import { KeyedProcessFunction } from '#engine';
import type { Operator } from './job.ts';

/** The class that the learner's module has to export. */
export const OPERATOR_NAME = 'DeparturesPerQuarterHour';

/** The learner's class, or a sentence on why it can't be used. */
export function findOperator(userModule: unknown): Operator | string {
  const names = exportedNames(userModule);
  if (!names.includes(OPERATOR_NAME)) {
    const found = names.length === 0 ? 'nothing' : names.join(', ');
    return `The file must export a class ${OPERATOR_NAME}; it exports ${found}.`;
  }
  const exported = (userModule as { readonly [name: string]: unknown })[OPERATOR_NAME];
  if (!isProcessFunctionClass(exported)) {
    return (
      `${OPERATOR_NAME} must be a class that extends KeyedProcessFunction; it is ` +
      `${typeof exported === 'function' ? 'another function' : `a ${typeof exported}`}.`
    );
  }
  try {
    const instance = new exported();
    if (typeof instance.processElement === 'function') return exported;
    return `${OPERATOR_NAME} needs a method processElement(flight, context, out).`;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return `new ${OPERATOR_NAME}() threw an error: ${message}`;
  }
}

function exportedNames(userModule: unknown): string[] {
  return typeof userModule === 'object' && userModule !== null ? Object.keys(userModule) : [];
}

function isProcessFunctionClass(value: unknown): value is Operator {
  if (typeof value !== 'function') return false;
  const prototype: unknown = value.prototype;
  return prototype instanceof KeyedProcessFunction;
}
