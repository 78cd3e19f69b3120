import { invalidArgument } from '../core/status-error.ts';

// eslint-disable-next-line no-control-regex
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * A text that is kept, and shown in one line.
 *
 * @param lengthMax  characters.
 * @throws StatusError INVALID_ARGUMENT naming the field.
 */
export function plainText(field: string, text: string, lengthMax: number): string {
  const problem = plainTextProblem(text, lengthMax);
  if (problem === undefined) return text;
  throw invalidArgument(field, problem);
}

/** What keeps a text from being one, for a message. @param lengthMax  characters. */
export function plainTextProblem(text: string, lengthMax: number): string | undefined {
  if (text.length <= lengthMax && !CONTROL_CHARACTER.test(text) && text.isWellFormed()) return undefined;
  return `must have at most ${String(lengthMax)} characters, no control characters`;
}
