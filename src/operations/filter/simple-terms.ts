/** From what the grammar allows to what is served: each restriction a path compared with one literal, and no functions. */
import type {
  Argument,
  Comparator,
  Expression,
  FunctionCall,
  Member,
  Negation,
  Restriction,
  Span,
} from './filter-expression.ts';
import type { Characters } from './filter-reader.ts';
import { literalOf } from './literal-of.ts';
import type { Goal } from './goal.ts';
import { refusedFilter, type Objection } from './refused-filter.ts';

/** A path compared with a literal. */
export interface GoalTerm extends Span, Goal {
  readonly kind: 'goal';
}

/** A literal that stands alone. */
export interface TextTerm extends Span {
  readonly kind: 'text';
  /** What stands between its wildcards. */
  readonly pattern: readonly string[];
}

export interface NotTerm {
  readonly kind: 'not';
  readonly operand: Term;
}

export interface JunctionTerm {
  readonly kind: 'and' | 'or';
  readonly operands: readonly Term[];
}

export type Term = GoalTerm | TextTerm | NotTerm | JunctionTerm;

/** Words that other languages connect terms with; looked for as texts they would find the wrong things. */
const MISTAKEN: ReadonlyMap<string, string> = new Map([
  ['and', 'AND'],
  ['or', 'OR'],
  ['not', 'NOT'],
  ['&&', 'AND'],
  ['||', 'OR'],
]);

/**
 * Simplifies an expression.
 *
 * `a = (x OR y)` becomes `a = x OR a = y`; a sequence becomes an AND.
 * @param isField  whether a word is a field's name: alone it was meant as a comparison, not as a text.
 * @throws StatusError INVALID_ARGUMENT, as refusedFilter, for a function, or an argument that holds more than literals.
 */
export function simpleTerms(text: Characters, expression: Expression, isField: (word: string) => boolean): Term {
  return new Simplifier(text, isField).term(expression);
}

class Simplifier {
  readonly #text: Characters;
  readonly #isField: (word: string) => boolean;

  constructor(text: Characters, isField: (word: string) => boolean) {
    this.#text = text;
    this.#isField = isField;
  }

  term(expression: Expression): Term {
    switch (expression.kind) {
      case 'and':
      case 'sequence':
      case 'or':
        return junction(
          expression.kind,
          expression.operands.map((operand) => this.term(operand)),
        );
      case 'not':
        return { kind: 'not', operand: this.term(expression.operand) };
      case 'restriction':
        return this.#restriction(expression);
      case 'member':
        return this.#alone(expression);
      case 'function':
        throw this.#refusedFunction(expression);
    }
  }

  #alone(member: Member): TextTerm {
    const [word] = member.path;
    if (word !== undefined && !word.isQuoted) {
      const meant = member.path.length === 1 ? MISTAKEN.get(word.text) : undefined;
      if (meant !== undefined) throw this.#refused(member, mistakenFor(meant));
      if (this.#isField(word.text)) throw this.#refused(member, LONE_FIELD);
    }
    return { kind: 'text', pattern: literalOf(member).pattern, position: member.position, end: member.end };
  }

  #restriction({ comparable, comparator, argument, position, end }: Restriction): Term {
    if (comparable.kind === 'function') throw this.#refusedFunction(comparable);
    const path = comparable.path.map(({ text }) => text);
    return this.#compared({ path, comparator, position, end }, argument);
  }

  #compared(left: Omit<GoalTerm, 'kind' | 'literal'>, argument: Argument | Expression): Term {
    switch (argument.kind) {
      case 'member':
        return { kind: 'goal', ...left, literal: literalOf(argument) };
      case 'composite':
        if (!DISTRIBUTED.includes(left.comparator)) throw this.#refused(argument, NOT_DISTRIBUTED);
        return this.#compared(left, argument.expression);
      case 'and':
      case 'sequence':
      case 'or':
        return junction(
          argument.kind,
          argument.operands.map((operand) => this.#compared(left, operand)),
        );
      case 'not':
        return this.#negated(left, argument);
      case 'function':
        throw this.#refusedFunction(argument);
      case 'restriction':
        throw this.#refused(argument, NOT_A_LITERAL);
    }
  }

  // ebnf-filtering: "Unary expressions negate the simple expression, either mathematically `-` or logically `NOT`."
  #negated(left: Omit<GoalTerm, 'kind' | 'literal'>, { isMinus, operand }: Negation): Term {
    const number = isMinus && operand.kind === 'member' && isNumber(operand) ? literalOf(operand).text : undefined;
    if (number === undefined) return { kind: 'not', operand: this.#compared(left, operand) };
    return { kind: 'goal', ...left, literal: { text: `-${number}`, pattern: [`-${number}`] } };
  }

  #refusedFunction(call: FunctionCall): Error {
    return this.#refused(call, NO_FUNCTIONS);
  }

  #refused(span: Span, objection: Objection): Error {
    return refusedFilter(this.#text, span, objection);
  }
}

function junction(kind: 'and' | 'sequence' | 'or', operands: readonly Term[]): JunctionTerm {
  return { kind: kind === 'or' ? 'or' : 'and', operands };
}

/** A number, or a duration. */
function isNumber({ path }: Member): boolean {
  return path.every(({ isQuoted }) => !isQuoted) && /^\d[\d.eE+-]*s?$/.test(path.map(({ text }) => text).join('.'));
}

const DISTRIBUTED: readonly Comparator[] = ['=', ':'];

const NOT_DISTRIBUTED: Objection = {
  problem: 'only = and : take values in parentheses',
  expected: 'write a comparison for each value, or NOT field = (a OR b)',
};

const NOT_A_LITERAL: Objection = {
  problem: 'the right side of a comparator holds a comparison',
  expected: 'give literals, connected with AND, OR and NOT',
};

const NO_FUNCTIONS: Objection = {
  problem: 'functions are not served',
  expected: 'compare fields, or put a space before the parenthesis',
};

const LONE_FIELD: Objection = {
  problem: 'a field stands alone',
  expected: 'compare it, as in done = true or error:*; quote it if it is a text to look for',
};

function mistakenFor(keyword: string): Objection {
  return {
    problem: 'is no operator but a text to look for',
    expected: `write ${keyword}, or quote it if it is a text`,
  };
}
