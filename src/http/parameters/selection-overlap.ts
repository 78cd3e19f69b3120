import type { FieldSelection } from './field-selection.ts';

/**
 * In how many ways a selection may select one member at once: `a.x,*.y` selects within `a` in two. Each value of an answer is looked at once for
 * each way; every `*` beside a name may double them.
 */
export function selectionOverlap({ members, each }: FieldSelection): number {
  let named = 0;
  for (const member of members.values()) named = Math.max(named, selectionOverlap(member));
  return Math.max(1, named + (each === undefined ? 0 : selectionOverlap(each)));
}
