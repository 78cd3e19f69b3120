/**
 * What a filter says, as AIP-160's EBNF grammar has it. Positions count UTF-16 code units from the filter's first, 0.
 *
 * Parentheses leave no trace of their own but where they are an argument: what they enclose is an operand.
 */

export type Comparator = '=' | '!=' | '<' | '<=' | '>' | '>=' | ':';

/** Where something stands in the filter's text; `end` is behind its last character. */
export interface Span {
  readonly position: number;
  readonly end: number;
}

/** A TEXT or a STRING of the grammar. */
export interface Value extends Span {
  /** Its characters, escapes resolved. */
  readonly text: string;
  /** What stands between its `*` wildcards: one part where there are none. */
  readonly pattern: readonly string[];
  readonly isQuoted: boolean;
}

/** Values joined by dots: a field's path, or a literal. Standing alone it is a text to be looked for. */
export interface Member extends Span {
  readonly kind: 'member';
  /** At least one. */
  readonly path: readonly Value[];
}

export interface FunctionCall extends Span {
  readonly kind: 'function';
  readonly name: string;
  readonly arguments: readonly Argument[];
}

export type Comparable = Member | FunctionCall;

/** A parenthesized expression in the place of an argument. */
export interface Composite extends Span {
  readonly kind: 'composite';
  readonly expression: Expression;
}

export type Argument = Comparable | Composite;

export interface Restriction extends Span {
  readonly kind: 'restriction';
  readonly comparable: Comparable;
  readonly comparator: Comparator;
  readonly argument: Argument;
}

export interface Negation extends Span {
  readonly kind: 'not';
  /** Written as `-`, which before a number in an argument is its sign. */
  readonly isMinus: boolean;
  readonly operand: Expression;
}

/** Two or more operands. A sequence is an AND that is written as a space, and binds tighter than AND. */
export interface Junction extends Span {
  readonly kind: 'and' | 'or' | 'sequence';
  readonly operands: readonly Expression[];
}

export type Expression = Junction | Negation | Restriction | Comparable;
