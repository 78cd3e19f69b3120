import type { FilterLanguage, Ground } from './ground.ts';
import type { FoundOperations, Need } from './operation-source.ts';
import type { RuleId } from './rules/rule.ts';

/** What a case looks at: the promises of the specifications, or those that this product makes beyond them. */
export type Profile = 'standard' | 'longrunning';

/** A finding: what the server did, and should not have; undefined when the rule is held. */
export type Finding = string | undefined;

/** Which server a rule binds. */
export interface CaseScope {
  /** Runs with this profile only; absent = always. */
  readonly profile?: 'longrunning';
  /** Runs on collections with filters of this language only. */
  readonly language?: FilterLanguage;
}

/** A case as it is written: it asks, and a pure function judges the answers. */
export interface CaseDefinition<Answers> extends CaseScope {
  /** kebab-case, unique, named after what is held. */
  readonly id: string;
  /** The sentences that it holds. */
  readonly rules: readonly RuleId[];
  /** What the server must have for it; without one of them the case is skipped by name. */
  readonly needs?: readonly Need[];
  /** @param found  the operations of each need, in the order of `needs`. @throws Unmet when the server has not what it takes. */
  readonly ask: (ground: Ground, ...found: readonly FoundOperations[]) => Promise<Answers>;
  readonly check: (answers: Answers) => Finding;
}

/** A case as it is run. */
export interface ConformanceCase extends CaseScope {
  readonly id: string;
  readonly rules: readonly RuleId[];
  readonly needs: readonly Need[];
  /** @throws Unmet when the server has not what it takes. */
  run(ground: Ground): Promise<Finding>;
}

/** Joins asking and judging, so that cases of different answers stand in one list. */
export function conformanceCase<Answers>(definition: CaseDefinition<Answers>): ConformanceCase {
  const { ask, check, needs = [], ...rest } = definition;
  return {
    ...rest,
    needs,
    run: async (ground) => {
      const found: FoundOperations[] = [];
      for (const need of needs) found.push(await ground.source.find(need));
      return check(await ask(ground, ...found));
    },
  };
}
