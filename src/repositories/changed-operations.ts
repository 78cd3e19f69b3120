import type { Change } from '../operations/operation-repository.ts';
import type { Operation } from '../operations/operation.ts';
import { TriedChange } from '../operations/tried-change.ts';
import type { UpdateLanes } from './update-lanes.ts';

/** What a claim or an expiry has changed so far, and what kept it from more. */
export class ChangedOperations {
  readonly #lanes: Pick<UpdateLanes, 'update'>;
  readonly #operations: Operation[] = [];
  readonly #errors: unknown[] = [];

  private constructor(lanes: Pick<UpdateLanes, 'update'>) {
    this.#lanes = lanes;
  }

  /**
   * What the work has changed, also when it ends by an error: that was committed, so it must reach its caller.
   *
   * @throws the first error when nothing was changed.
   */
  static async collect(
    lanes: Pick<UpdateLanes, 'update'>,
    work: (changed: ChangedOperations) => Promise<void>,
  ): Promise<readonly Operation[]> {
    const changed = new ChangedOperations(lanes);
    await work(changed).catch((error: unknown) => {
      changed.#errors.push(error);
    });
    if (changed.count === 0 && changed.#errors.length > 0) throw changed.#errors[0];
    return changed.#operations;
  }

  get count(): number {
    return this.#operations.length;
  }

  /**
   * Changes each on its own.
   *
   * @returns those that the change left as they were, or refused.
   * @throws what keeps the storage from writing: then the next operation would meet it too.
   */
  async changeAll(candidates: readonly Operation[], change: Change): Promise<readonly Operation[]> {
    const left: Operation[] = [];
    const outcomes = await Promise.allSettled(candidates.map(({ name }) => this.#changeOne(name, change)));
    for (const [index, outcome] of outcomes.entries()) {
      const candidate = candidates[index];
      if (outcome.status === 'fulfilled' && outcome.value !== undefined) this.#operations.push(outcome.value);
      else if (candidate !== undefined) left.push(candidate);
    }
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    return left;
  }

  async #changeOne(name: string, change: Change): Promise<Operation | undefined> {
    const step = new TriedChange(name, change);
    try {
      const operation = await this.#lanes.update(name, step.apply);
      return step.hasChanged ? operation : undefined;
    } catch (error) {
      if (!step.isRefusal(error)) throw error;
      if (this.#errors.length === 0) this.#errors.push(error);
      return undefined;
    }
  }
}
