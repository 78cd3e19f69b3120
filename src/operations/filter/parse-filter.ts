/**
 * Reads filters by AIP-160's EBNF grammar: one method for each of its rules, each character looked at a few times at most.
 *
 * The grammar leaves open what a TEXT is. Here it ends at a space, parenthesis, comma, dot, quote or comparator; in an argument a colon
 * belongs to it, so that times of day need no quotes.
 */
import type { StatusError } from '../../core/status-error.ts';
import type {
  Argument,
  Comparable,
  Composite,
  Expression,
  FunctionCall,
  Junction,
  Span,
  Value,
} from './filter-expression.ts';
import { FilterReader, type Characters, type StringFault } from './filter-reader.ts';
import { refusedFilter, type Objection } from './refused-filter.ts';

export interface FilterLimits {
  /** UTF-8 bytes of a filter. */
  readonly filterBytesMax: number;
  /** Restrictions and lone texts in a filter: each may be evaluated for each record. */
  readonly filterTermCountMax: number;
  /** Parentheses within parentheses, and values of one path. */
  readonly filterDepthMax: number;
}

export interface ParsedFilter {
  /** Undefined for a filter of nothing but spaces, which leaves nothing out. */
  readonly expression: Expression | undefined;
  readonly termCount: number;
}

type SyntaxLimits = Omit<FilterLimits, 'filterBytesMax'>;

/** @throws StatusError INVALID_ARGUMENT, as refusedFilter, for what the grammar does not have and what is beyond a limit. */
export function parseFilter(text: Characters, limits: SyntaxLimits): ParsedFilter {
  return new FilterParser(text, limits).parse();
}

const KEYWORDS: readonly string[] = ['AND', 'OR', 'NOT'];

/** How much of what follows is quoted where nothing could be read, characters. */
const AHEAD_LENGTH = 20;

class FilterParser {
  readonly #text: Characters;
  readonly #limits: SyntaxLimits;
  readonly #reader: FilterReader;
  #depth = 0;
  #termCount = 0;

  constructor(text: Characters, limits: SyntaxLimits) {
    this.#text = text;
    this.#limits = limits;
    this.#reader = new FilterReader(text);
  }

  parse(): ParsedFilter {
    this.#reader.skipSpace();
    const expression = this.#reader.isAtEnd ? undefined : this.#expression();
    if (!this.#reader.isAtEnd) throw this.#refusedHere(OUTSIDE);
    return { expression, termCount: this.#termCount };
  }

  // expression : sequence {WS AND WS sequence}
  #expression(): Expression {
    return this.#joined('and', 'AND', () => this.#sequence());
  }

  // sequence : factor {WS factor}
  #sequence(): Expression {
    const first = this.#factor();
    const rest: Expression[] = [];
    while (!this.#isSequenceOver()) {
      if (!this.#reader.isBehindSpace) throw this.#refusedHere(SPACE_MISSING);
      rest.push(this.#factor());
    }
    return junctionOf('sequence', first, rest);
  }

  #isSequenceOver(): boolean {
    const reader = this.#reader;
    return reader.isAtEnd || reader.isAt(')') || reader.isAt(',') || reader.isAtKeyword('AND');
  }

  // factor : term {WS OR WS term}
  #factor(): Expression {
    return this.#joined('or', 'OR', () => this.#term());
  }

  #joined(kind: Junction['kind'], keyword: string, operand: () => Expression): Expression {
    const first = operand();
    const rest: Expression[] = [];
    while (this.#reader.isAtKeyword(keyword)) {
      if (!this.#reader.isBehindSpace) throw this.#refusedHere(SPACE_MISSING);
      this.#reader.takeKeyword(keyword);
      rest.push(operand());
    }
    return junctionOf(kind, first, rest);
  }

  // term : [(NOT WS | MINUS)] simple
  #term(): Expression {
    const { position } = this.#reader;
    const isMinus = this.#reader.take('-');
    if (!isMinus && !this.#reader.takeKeyword('NOT')) return this.#simple();
    if (this.#reader.isAt('-') || this.#reader.isAtKeyword('NOT')) throw this.#refusedHere(NEGATED_TWICE);
    const operand = this.#simple();
    return { kind: 'not', isMinus, operand, position, end: operand.end };
  }

  // simple : restriction | composite
  #simple(): Expression {
    const simple = this.#reader.isAt('(') ? this.#composite().expression : this.#restriction();
    this.#reader.skipSpace();
    return simple;
  }

  // composite : LPAREN expression RPAREN
  #composite(): Composite {
    const { position } = this.#reader;
    const expression = this.#enclosed(() => this.#expression());
    return { kind: 'composite', expression, ...this.#spanFrom(position) };
  }

  // restriction : comparable [comparator arg]
  #restriction(): Expression {
    const { position } = this.#reader;
    this.#countTerm();
    const comparable = this.#comparable(false);
    this.#reader.skipSpace();
    const comparator = this.#reader.takeComparator();
    if (comparator === undefined) return comparable;
    this.#reader.skipSpace();
    const argument = this.#argument();
    return { kind: 'restriction', comparable, comparator, argument, position, end: argument.end };
  }

  // arg : comparable | composite
  #argument(): Argument {
    const argument = this.#reader.isAt('(') ? this.#composite() : this.#comparable(true);
    this.#reader.skipSpace();
    return argument;
  }

  // comparable : member | function; member : value {DOT field}
  #comparable(inArgument: boolean): Comparable {
    const { position } = this.#reader;
    const path = [this.#value(inArgument)];
    while (this.#reader.take('.')) path.push(this.#value(inArgument));
    const max = this.#limits.filterDepthMax;
    if (path.length > max) throw this.#refused(this.#spanFrom(position), tooManyParts(max));
    if (this.#reader.isAt('(')) return this.#function(path, position);
    const [first] = path;
    if (first?.isQuoted === false && KEYWORDS.includes(first.text)) throw this.#refused(first, LONE_KEYWORD);
    return { kind: 'member', path, ...this.#spanFrom(position) };
  }

  // function : name {DOT name} LPAREN [argList] RPAREN
  #function(path: readonly Value[], position: number): FunctionCall {
    if (path.some(({ isQuoted }) => isQuoted)) throw this.#refusedHere(SPACE_MISSING);
    const name = path.map(({ text }) => text).join('.');
    if (KEYWORDS.includes(name)) throw this.#refusedHere(KEYWORD_AS_FUNCTION, position);
    const list = this.#enclosed(() => (this.#reader.isAt(')') ? [] : this.#argumentList()));
    return { kind: 'function', name, arguments: list, ...this.#spanFrom(position) };
  }

  // argList : arg {COMMA arg}
  #argumentList(): readonly Argument[] {
    const list = [this.#argument()];
    while (this.#reader.take(',')) {
      this.#reader.skipSpace();
      list.push(this.#argument());
    }
    return list;
  }

  // value : TEXT | STRING
  #value(inArgument: boolean): Value {
    if (!this.#reader.isAtQuote) {
      const value = this.#reader.takeText(inArgument);
      if (value.text === '' || value.text.startsWith('!')) throw this.#refusedHere(VALUE_MISSING, value.position);
      return value;
    }
    const value = this.#reader.takeString();
    if ('fault' in value) throw this.#refusedHere(STRING_FAULTS[value.fault], value.position);
    return value;
  }

  /** What stands between two parentheses. */
  #enclosed<T>(read: () => T): T {
    const { position } = this.#reader;
    const max = this.#limits.filterDepthMax;
    this.#depth += 1;
    if (this.#depth > max) throw this.#refusedHere(beyond(`is within more than ${max} parentheses`));
    this.#reader.take('(');
    this.#reader.skipSpace();
    const content = read();
    if (this.#reader.isAtEnd) throw this.#refusedHere(UNCLOSED, position);
    if (!this.#reader.take(')')) throw this.#refusedHere(OUTSIDE);
    this.#depth -= 1;
    return content;
  }

  #countTerm(): void {
    this.#termCount += 1;
    const max = this.#limits.filterTermCountMax;
    if (this.#termCount > max) throw this.#refusedHere(beyond(`is one of more than ${max} terms`));
  }

  #spanFrom(position: number): Span {
    return { position, end: this.#reader.position };
  }

  #refused(span: Span, objection: Objection): StatusError {
    return refusedFilter(this.#text, span, objection);
  }

  #refusedHere(objection: Objection, position = this.#reader.position): StatusError {
    return this.#refused({ position, end: position + AHEAD_LENGTH }, objection);
  }
}

function junctionOf(kind: Junction['kind'], first: Expression, rest: readonly Expression[]): Expression {
  const last = rest.at(-1);
  return last === undefined ? first : { kind, operands: [first, ...rest], position: first.position, end: last.end };
}

function beyond(problem: string): Objection {
  return { problem, expected: 'ask for less in one filter' };
}

function tooManyParts(max: number): Objection {
  return { problem: `has more than ${max} parts`, expected: 'quote it if it is a text' };
}

const OUTSIDE: Objection = {
  problem: 'follows where an expression is over',
  expected: 'look for a parenthesis too many',
};

const UNCLOSED: Objection = { problem: 'is never closed', expected: 'add the closing parenthesis' };

const SPACE_MISSING: Objection = { problem: 'follows without a space', expected: 'put a space between two terms' };

const NEGATED_TWICE: Objection = { problem: 'is negated twice', expected: 'write NOT or - once, or use parentheses' };

const LONE_KEYWORD: Objection = {
  problem: 'is a keyword with nothing to connect',
  expected: 'put a term on each side of AND and OR, and one behind NOT; quote it if it is a text',
};

// ebnf-filtering: "function names may include keywords … It is not recommended"; what is meant is always the keyword.
const KEYWORD_AS_FUNCTION: Objection = {
  problem: 'a keyword stands right before a parenthesis, as a function would',
  expected: 'put a space between them',
};

const VALUE_MISSING: Objection = {
  problem: 'a name or a value is missing',
  expected: 'write restrictions as field = value, and quote what holds special characters',
};

const STRING_FAULTS: Readonly<Record<StringFault['fault'], Objection>> = {
  unclosed: { problem: 'the quote is never closed', expected: 'end the string with the quote it begins with' },
  escape: {
    problem: 'the backslash escapes nothing',
    expected: 'behind a backslash write a quote, *, n, r, t or another backslash',
  },
};
