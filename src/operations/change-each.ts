import type { Database } from './database.ts';
import { encoding } from './encoding.ts';
import type { Operation } from './operation.ts';
import type { Change } from './operation-repository.ts';
import type { OperationEncoder } from './presenter.ts';
import { TriedChange } from './tried-change.ts';

export interface ChangeEachParts {
  readonly database: Database;
  readonly encode: OperationEncoder;
}

/** Who is told what became of each, in the order of the names. */
export interface EachOutcome {
  /** It is as the change made it, or left it. */
  written(operation: Operation, hasChanged: boolean): void;
  /** Nothing can be written of this one, or it has gone. */
  refused(name: string, error: unknown): void;
}

/**
 * Applies a change to many operations in one write, each on its own: what only one of them refuses keeps no other.
 *
 * @throws what is wrong with the storage, once all that was written has been told.
 */
export async function changeEach(
  { database, encode }: ChangeEachParts,
  names: readonly string[],
  change: Change,
  outcome: EachOutcome,
): Promise<void> {
  if (names.length === 0) return;
  const tried = names.map((name) => ({ name, step: new TriedChange(name, encoding(change, encode)) }));
  const results = await database.operations.updateMany(tried.map(({ name, step }) => ({ name, change: step.apply })));
  const faults: unknown[] = [];
  for (const [index, { name, step }] of tried.entries()) {
    const result = results[index];
    if (result?.status === 'fulfilled') outcome.written(result.value, step.hasChanged);
    else if (step.isRefusal(result?.reason)) outcome.refused(name, result?.reason);
    else faults.push(result?.reason);
  }
  if (faults.length > 0) throw faults[0];
}
