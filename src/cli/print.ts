import type { Json } from '../client/json.ts';
import type { CommandContext } from './command-context.ts';
import { jsonText } from './format/json-text.ts';
import { colourStyle, plainStyle } from './format/style.ts';
import { isPlain, type Looks } from './terminal.ts';

/** Lines for people, or for a program that reads lines. */
export function printLines({ stdout }: CommandContext, lines: readonly string[]): void {
  if (lines.length > 0) stdout.write(lines.map((line) => `${line}\n`).join(''));
}

/** One JSON value in a line. */
export function printJson({ stdout }: CommandContext, value: Json): void {
  stdout.write(`${jsonText(value)}\n`);
}

/** What is not the answer itself, for people. */
export function printNotice({ stderr }: CommandContext, line: string): void {
  stderr.write(`longrunning: ${line}\n`);
}

/** How stdout may look: nothing is cut where a program reads it. */
export function looksOf({ stdout, environment }: CommandContext): Looks {
  return {
    width: stdout.isTerminal ? stdout.columns : Number.POSITIVE_INFINITY,
    style: isPlain(stdout, environment) ? plainStyle : colourStyle,
  };
}
