import {
  CONSOLE_CHARACTERS_MAX,
  CONSOLE_LINE_CHARACTERS_MAX,
  CONSOLE_LINES_MAX,
  type ConsoleLevel,
} from '../protocol.ts';
import { formatValue } from './format-value.ts';

export interface ConsoleTarget {
  readonly line: (level: ConsoleLevel, text: string) => void;
  /** Called once, when the limits are reached. */
  readonly cut: () => void;
}

export interface CappedConsole {
  /** Prints a finished text, within the limits. */
  readonly print: (level: ConsoleLevel, text: string) => void;
  /** Starts counting afresh, for another run. */
  readonly restart: () => void;
  /** What the learner's code sees as `console`. */
  readonly facade: { readonly [method: string]: (...values: unknown[]) => void };
}

/** A console that can't flood: so many lines, so many characters, and then nothing more. */
export function createCappedConsole(target: ConsoleTarget): CappedConsole {
  let lineCount = 0;
  let characterCount = 0;
  let isCut = false;

  function print(level: ConsoleLevel, text: string): void {
    if (isCut) return;
    const isLong = text.length > CONSOLE_LINE_CHARACTERS_MAX;
    const line = isLong ? `${text.slice(0, CONSOLE_LINE_CHARACTERS_MAX)}…` : text;
    lineCount += 1;
    characterCount += line.length;
    isCut = lineCount > CONSOLE_LINES_MAX || characterCount > CONSOLE_CHARACTERS_MAX;
    if (isCut) target.cut();
    else target.line(level, line);
  }

  function restart(): void {
    lineCount = 0;
    characterCount = 0;
    isCut = false;
  }

  const printer =
    (level: ConsoleLevel) =>
    (...values: unknown[]): void => {
      // Formatting is the costly part: a flood must not pay for what nobody will see.
      if (!isCut) print(level, values.map(formatValue).join(' '));
    };
  const log = printer('log');
  const facade = { log, info: log, debug: log, warn: printer('warn'), error: printer('error') };
  return { print, restart, facade };
}
