import type { Argument, Expression, Value } from '../../../src/operations/filter/filter-expression.ts';

/** How a filter is written where the grammar leaves a choice. */
export interface Style {
  readonly space: '' | ' ' | '\n\t ';
}

const PLAIN: Style = { space: ' ' };

/** Tighter binds more: what is looser than its place asks for needs parentheses. */
const TIGHTNESS: Readonly<Record<Expression['kind'], number>> = {
  and: 0,
  sequence: 1,
  or: 2,
  not: 3,
  restriction: 4,
  member: 4,
  function: 4,
};

/** An expression as text, by the grammar's rules, with parentheses only where they are needed. */
export function printed(expression: Expression, style: Style = PLAIN, tightness = 0): string {
  const text = bare(expression, style);
  return TIGHTNESS[expression.kind] < tightness ? `(${style.space}${text}${style.space})` : text;
}

function bare(expression: Expression, style: Style): string {
  const between = style.space === '' ? ' ' : style.space;
  const operands = (tightness: number, separator: string): string =>
    'operands' in expression
      ? expression.operands.map((operand) => printed(operand, style, tightness)).join(separator)
      : '';
  switch (expression.kind) {
    case 'and':
      return operands(1, `${between}AND${between}`);
    case 'sequence':
      return operands(2, between);
    case 'or':
      return operands(3, `${between}OR${between}`);
    case 'not':
      return (expression.isMinus ? '-' : 'NOT ') + printed(expression.operand, style, 4);
    case 'restriction':
      return [
        printedArgument(expression.comparable, style),
        expression.comparator,
        printedArgument(expression.argument, style),
      ].join(style.space);
    default:
      return printedArgument(expression, style);
  }
}

function printedArgument(argument: Argument, style: Style): string {
  switch (argument.kind) {
    case 'member':
      return argument.path.map(printedValue).join('.');
    case 'function':
      return `${argument.name}(${argument.arguments.map((each) => printedArgument(each, style)).join(`,${style.space}`)})`;
    case 'composite':
      return `(${style.space}${printed(argument.expression, style)}${style.space})`;
  }
}

function printedValue({ text, pattern, isQuoted }: Value): string {
  return isQuoted ? `"${pattern.map((part) => part.replace(/["\\*]/g, '\\$&')).join('*')}"` : text;
}

/** The same without places in a text, so that expressions can be compared. */
export function withoutPlaces(expression: unknown): unknown {
  if (Array.isArray(expression)) return expression.map(withoutPlaces);
  if (typeof expression !== 'object' || expression === null) return expression;
  const { position: _position, end: _end, ...rest } = expression as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, withoutPlaces(value)]));
}
