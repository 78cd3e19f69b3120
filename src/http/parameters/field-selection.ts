/** What `fields` selects of a message: a tree of members' names, where a list or a map stands for each of its elements. */
export interface FieldSelection {
  /** Everything within. */
  readonly isWhole: boolean;
  readonly members: ReadonlyMap<string, FieldSelection>;
  /** `*`: of every member. */
  readonly each?: FieldSelection;
}

/** What several selections select of one member; empty when none does. */
export function withinMember(selections: readonly FieldSelection[], name: string): readonly FieldSelection[] {
  return selections.flatMap(({ members, each }) => [members.get(name), each].filter((found) => found !== undefined));
}

/** Whether nothing is left to be selected within. */
export function isWhole(selections: readonly FieldSelection[]): boolean {
  return selections.some((selection) => selection.isWhole);
}
