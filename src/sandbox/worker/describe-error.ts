import type { ErrorReport, ModuleId } from '../protocol.ts';
import { parseStack } from '../stack.ts';

const CAUSE_DEPTH_MAX = 4;
const TEXT_CHARACTERS_MAX = 4_000;

/** Whatever was thrown, as data. */
export function describeError(
  thrown: unknown,
  addresses: ReadonlyMap<string, ModuleId>,
  depth = 0,
): ErrorReport {
  if (!(thrown instanceof Error)) return { name: 'Thrown', message: textOf(thrown), frames: [] };
  const frames = parseStack(textOf(thrown.stack), addresses);
  const report = { name: textOf(thrown.name), message: textOf(thrown.message), frames };
  if (!(thrown.cause instanceof Error) || depth >= CAUSE_DEPTH_MAX) return report;
  return { ...report, cause: describeError(thrown.cause, addresses, depth + 1) };
}

function textOf(value: unknown): string {
  try {
    return String(value).slice(0, TEXT_CHARACTERS_MAX);
  } catch {
    return '(a value that throws when it is read)';
  }
}
