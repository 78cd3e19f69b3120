import type { Member, Value } from './filter-expression.ts';
import type { Literal } from './goal.ts';

/** A member as a literal: a number such as `1.2` is two values with a dot between them. */
export function literalOf({ path }: Member): Literal {
  return {
    text: path.map(({ text }) => text).join('.'),
    pattern: path.map(({ pattern }) => pattern).reduce(joinedByDot),
  };
}

function joinedByDot(left: Value['pattern'], right: Value['pattern']): Value['pattern'] {
  const seam = `${left.at(-1) ?? ''}.${right[0] ?? ''}`;
  return [...left.slice(0, -1), seam, ...right.slice(1)];
}
