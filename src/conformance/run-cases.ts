import { errorText } from './error-text.ts';
import type { ConformanceCase, Profile } from './conformance-case.ts';
import type { Ground } from './ground.ts';
import { Unmet } from './operation-source.ts';
import { wildcardMatcher } from './wildcard-matcher.ts';

export type Outcome =
  | { readonly kind: 'held' }
  | { readonly kind: 'failed'; readonly finding: string }
  | { readonly kind: 'skipped'; readonly reason: string };

export interface CaseResult {
  readonly id: string;
  readonly collection: string;
  readonly outcome: Outcome;
}

export interface CaseSelection {
  readonly profile: Profile;
  /** Patterns of ids with `*`; none = all. */
  readonly only: readonly string[];
  readonly skip: readonly string[];
}

/** The cases that a selection names, each once. */
export function selectCases(
  cases: readonly ConformanceCase[],
  { only, skip }: CaseSelection,
): readonly ConformanceCase[] {
  const isWanted = only.length === 0 ? () => true : wildcardMatcher(only);
  const isSkipped = wildcardMatcher(skip);
  return cases.filter(({ id }) => isWanted(id) && !isSkipped(id));
}

/** What holds for all cases of a run. */
export interface RunOptions {
  readonly profile: Profile;
  /** Once it aborts no case begins. */
  readonly signal: AbortSignal;
  /** Once it is true the cases that are left are skipped. */
  readonly isOver: () => boolean;
}

/** Why a case of a run that took too long is skipped. */
export const RUN_OVER = 'the time of the run is over; --run-timeout gives it more';

/** Runs the cases that bind this ground one after the other, and tells each outcome as it comes. */
export async function* runCases(
  cases: readonly ConformanceCase[],
  ground: Ground,
  { profile, signal, isOver }: RunOptions,
): AsyncGenerator<CaseResult> {
  for (const each of cases) {
    if (signal.aborted) return;
    if (each.language !== undefined && each.language !== ground.language) continue;
    const isBeyond = each.profile === 'longrunning' && profile === 'standard';
    const outcome: Outcome = isBeyond
      ? { kind: 'skipped', reason: 'no specification asks for it; --profile longrunning does' }
      : isOver()
        ? { kind: 'skipped', reason: RUN_OVER }
        : await outcomeOf(each, ground);
    yield { id: each.id, collection: ground.collection, outcome };
  }
}

async function outcomeOf(each: ConformanceCase, ground: Ground): Promise<Outcome> {
  try {
    const finding = await each.run(ground);
    return finding === undefined ? { kind: 'held' } : { kind: 'failed', finding };
  } catch (error) {
    if (error instanceof Unmet) return { kind: 'skipped', reason: error.message };
    return { kind: 'failed', finding: errorText(error) };
  }
}
