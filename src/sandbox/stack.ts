import { MODULE_FILES, type ModuleId, type StackFrame } from './protocol.ts';

const FRAMES_MAX = 30;

/** `at f (operator.js:3:7)` in Chromium; `f@operator.js:3:7` in Firefox and Safari. */
const FRAME_PATTERN = /^\s*(?:at (?:(.*?) \()?|(.*?)@)(.*?):(\d+):(\d+)\)?$/;

/**
 * The frames of a stack as text, innermost first. Lines that aren't frames are skipped.
 * `addresses` says which module an address belongs to, for browsers that don't honour the file
 * names that modules give themselves.
 */
export function parseStack(
  stack: string,
  addresses: ReadonlyMap<string, ModuleId> = new Map(),
): readonly StackFrame[] {
  const frames: StackFrame[] = [];
  for (const line of stack.split('\n')) {
    const match = FRAME_PATTERN.exec(line);
    if (match === null || frames.length >= FRAMES_MAX) continue;
    const [, chromiumName, otherName, file = '', lineText, columnText] = match;
    frames.push({
      module: moduleOf(file, addresses),
      functionName: chromiumName ?? otherName ?? '',
      line: Number(lineText),
      column: Number(columnText),
    });
  }
  return frames;
}

function moduleOf(file: string, addresses: ReadonlyMap<string, ModuleId>): ModuleId | undefined {
  const byAddress = addresses.get(file);
  if (byAddress !== undefined) return byAddress;
  const ids = Object.keys(MODULE_FILES) as ModuleId[];
  return ids.find((id) => file === MODULE_FILES[id] || file.endsWith(`/${MODULE_FILES[id]}`));
}
