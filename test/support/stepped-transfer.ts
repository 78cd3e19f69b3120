import type { Copier } from '../../src/transfers/copier.ts';
import type { TransferContext } from '../../src/transfers/run-transfer.ts';
import type { TransferEnvironment } from '../../src/transfers/transfer-environment.ts';

/** What runTransfer is given beside its request. */
export interface TransferParts {
  readonly context: TransferContext;
  readonly environment: TransferEnvironment;
}

/**
 * A transfer that tells each of its steps before it does it, counted from 1: an entry of the journal, a commit, a write of the checkpoint,
 * a call of the copier. They come in their order however slow the machine is; times do not.
 */
export function steppedTransfer(
  { context, environment }: TransferParts,
  onStep: (count: number) => void,
): TransferParts {
  let count = 0;
  const step = (): void => {
    onStep((count += 1));
  };
  const { journal, saveCheckpoint } = context;
  return {
    context: {
      ...context,
      journal: {
        ...journal,
        begin: told(step, journal.begin),
        commit: told(step, journal.commit),
      },
      saveCheckpoint: told(step, saveCheckpoint),
    },
    environment: withCopier(environment, (copier) => ({
      stage: told(step, (group) => copier.stage(group)),
      publish: told(step, (group) => copier.publish(group)),
      stageSlice: told(step, (object) => copier.stageSlice(object)),
      publishLarge: told(step, (object) => copier.publishLarge(object)),
    })),
  };
}

/** An environment whose copier does something else where it is told to. */
export function withCopier(
  environment: TransferEnvironment,
  change: (copier: Copier) => Partial<Copier>,
): TransferEnvironment {
  return {
    ...environment,
    open: async (spec, options) => {
      const ends = await environment.open(spec, options);
      return { ...ends, copier: overriding(ends.copier, change(ends.copier)) };
    },
  };
}

function overriding(copier: Copier, change: Partial<Copier>): Copier {
  return new Proxy(copier, {
    get: (target, name) => {
      const own: unknown = Reflect.get(change, name);
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name, target);
      // Its methods go on to see what is private to it.
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

function told<Args extends readonly unknown[], Result>(
  step: () => void,
  call: (...args: Args) => Result,
): (...args: Args) => Result {
  return (...args) => {
    step();
    return call(...args);
  };
}
