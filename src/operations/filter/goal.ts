import type { Comparator } from './filter-expression.ts';

/** What stands on the right of a comparator. */
export interface Literal {
  readonly text: string;
  /** What stands between its wildcards. */
  readonly pattern: readonly string[];
}

/** What a restriction asks. */
export interface Goal {
  /** The first is a field of the message that is tested. */
  readonly path: readonly string[];
  readonly comparator: Comparator;
  readonly literal: Literal;
}

/** The literal that only asks whether something is there. */
export const STAR: Literal = { text: '*', pattern: ['', ''] };

/** Whether a restriction asks for presence alone. */
export function asksPresence({ comparator, literal }: Pick<Goal, 'comparator' | 'literal'>): boolean {
  const { pattern } = literal;
  return comparator === ':' && pattern.length === 2 && pattern[0] === '' && pattern[1] === '';
}
