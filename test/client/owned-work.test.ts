/** One attempt of an owner, over a server that answers as it is told. */
import { describe, expect, test } from '@jest/globals';
import type { OperationControlClient } from '../../src/client/operation-control-client.ts';
import { DEFAULT_CLIENT_LIMITS } from '../../src/client/limits.ts';
import { OwnedAttempt, type OwnedHandler } from '../../src/client/owned-work.ts';
import type { OwnerUpdate, UpdateAnswer } from '../../src/client/owner-messages.ts';
import { EMPTY, type Any } from '../../src/core/any.ts';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import { FakeClock } from '../support/fake-clock.ts';

const NAME = 'operations/1';
const LEASE_MS = 30_000;
const MIB = 1024 * 1024;

type Control = Pick<OperationControlClient, 'update' | 'complete' | 'confirmStop' | 'fail' | 'watch'>;

/** An attempt over a server that takes everything, but for what is given. */
function attempting(changes: Partial<Control> = {}) {
  const clock = new FakeClock();
  const updates: OwnerUpdate[] = [];
  const told: string[] = [];
  const tell =
    (what: string, operation: object) =>
    (_lease: unknown, outcome?: object): Promise<object> => {
      told.push(what, ...errorsOf(outcome));
      return Promise.resolve({ name: NAME, ...operation });
    };
  const control: Control = {
    update: (_lease, update): Promise<UpdateAnswer> => {
      updates.push(update ?? {});
      return Promise.resolve({ leaseDurationMs: LEASE_MS });
    },
    complete: tell('complete', { done: true, response: {} }),
    confirmStop: tell('confirm-stop', { done: true, error: { code: Code.CANCELLED } }),
    fail: tell('fail', { done: true, error: { code: Code.INTERNAL } }),
    watch: endlessStream,
    ...changes,
  };
  const client = { control: control as OperationControlClient, limits: DEFAULT_CLIENT_LIMITS };
  const lease = { name: NAME, fence: 1n, durationMs: LEASE_MS };
  const attempt = new OwnedAttempt({ lease, sentMs: 0, attempt: 1, request: EMPTY }, { client, clock });
  return { clock, updates, told, attempt };
}

function errorsOf(outcome: object | undefined): readonly string[] {
  const { error } = (outcome ?? {}) as { readonly error?: StatusError };
  return error === undefined ? [] : [error.info.reason];
}

/** Told nothing until it is left. */
// eslint-disable-next-line require-yield
async function* endlessStream(_request: unknown, options?: { readonly signal?: AbortSignal }): AsyncGenerator<never> {
  await new Promise((_resolve, reject) => {
    options?.signal?.addEventListener('abort', () => reject(options.signal?.reason as Error));
  });
}

function refusing(code: Code, reason: string): () => Promise<never> {
  return () => Promise.reject(new StatusError(code, 'refused', { reason }));
}

const responding: OwnedHandler = () => Promise.resolve({ response: EMPTY });

function bytes(count: number): Any {
  return { typeUrl: EMPTY.typeUrl, value: Buffer.alloc(count) };
}

describe('an outcome', () => {
  test.each([
    [Code.UNAVAILABLE, 'AWAY'],
    [Code.RESOURCE_EXHAUSTED, 'WRITE_QUEUE_FULL'],
    [Code.RESOURCE_EXHAUSTED, 'STORAGE_FULL'],
    [Code.DEADLINE_EXCEEDED, 'DEADLINE_EXCEEDED'],
    [Code.CANCELLED, 'CALL_CANCELLED'],
    [Code.UNAUTHENTICATED, 'UNAUTHENTICATED'],
    [Code.PERMISSION_DENIED, 'PERMISSION_DENIED'],
  ])(
    'that is not taken for now (%d %s) is told again until it is, its lease renewed meanwhile',
    async (code, reason) => {
      let isBusy = true;
      const { clock, attempt, updates } = attempting({
        complete: () => (isBusy ? refusing(code, reason)() : Promise.resolve({ name: NAME, done: true, response: {} })),
      });

      const ended = attempt.run(responding);
      await clock.advance(10 * LEASE_MS);
      isBusy = false;
      await clock.advance(LEASE_MS);

      expect(await ended).toMatchObject({ kind: 'succeeded' });
      expect(updates).toHaveLength(30);
    },
  );

  test('that is told under a lease which could not be renewed either is given up in the end, with why', async () => {
    const { clock, attempt } = attempting({
      update: refusing(Code.UNAVAILABLE, 'AWAY'),
      complete: refusing(Code.UNAVAILABLE, 'AWAY'),
    });

    const ended = attempt.run(responding);
    await clock.advance(10 * DEFAULT_CLIENT_LIMITS.reconnectMaxMs);

    expect(await ended).toMatchObject({ kind: 'lost', loss: { info: { reason: 'AWAY' } } });
  });

  test('of somebody else’s operation is lost at once', async () => {
    const { attempt } = attempting({ complete: refusing(Code.ABORTED, 'STALE_FENCE') });

    expect(await attempt.run(responding)).toMatchObject({ kind: 'lost', loss: { info: { reason: 'STALE_FENCE' } } });
  });

  test.each([
    [Code.RESOURCE_EXHAUSTED, 'MESSAGE_TOO_LARGE'],
    [Code.RESOURCE_EXHAUSTED, 'OPERATION_TOO_LARGE'],
    [Code.INVALID_ARGUMENT, 'MALFORMED_ANY'],
  ])('that will never be taken (%d %s) fails the operation with why, which its owner is told', async (code, reason) => {
    const { attempt, told } = attempting({ complete: refusing(code, reason) });

    expect(await attempt.run(responding)).toMatchObject({ kind: 'failed', error: { info: { reason } } });
    expect(told).toEqual(['fail', reason]);
  });

  test('that the server breaks at each time fails the operation in the end', async () => {
    const { attempt, told, clock } = attempting({ complete: refusing(Code.INTERNAL, 'INTERNAL') });

    const ended = attempt.run(responding);
    await clock.advance(DEFAULT_CLIENT_LIMITS.reconnectMaxMs - 1);
    expect(told).toEqual([]);
    await clock.advance(2 * DEFAULT_CLIENT_LIMITS.reconnectDelayMs.maxMs);

    expect(await ended).toMatchObject({ kind: 'failed', error: { info: { reason: 'INTERNAL' } } });
  });

  test('whose failure the server breaks at too is told itself once more each time', async () => {
    let isBroken = true;
    const { attempt, told, clock } = attempting({
      complete: () => {
        if (isBroken) return refusing(Code.INTERNAL, 'INTERNAL')();
        return Promise.resolve({ name: NAME, done: true, response: {} });
      },
      fail: () => {
        told.push('fail');
        isBroken = false;
        return refusing(Code.INTERNAL, 'INTERNAL')();
      },
    });

    const ended = attempt.run(responding);
    await clock.advance(2 * DEFAULT_CLIENT_LIMITS.reconnectMaxMs);

    expect(await ended).toEqual({
      ...{ name: NAME, kind: 'succeeded' },
      operation: { name: NAME, done: true, response: {} },
    });
    expect(told).toEqual(['fail']);
  });

  test('of a stop is told without the report that is refused', async () => {
    const cancel = { reason: 'user', actor: '', requestTimeMs: 0, graceLeftMs: 1000 } as const;
    const { attempt, told, clock } = attempting({
      update: () => Promise.resolve({ leaseDurationMs: LEASE_MS, cancel }),
      confirmStop: (_lease, report) => {
        told.push('confirm-stop', ...Object.keys(report ?? {}));
        if (report?.metadata !== undefined) return refusing(Code.INVALID_ARGUMENT, 'MALFORMED_ANY')();
        return Promise.resolve({ name: NAME, done: true, error: { code: Code.CANCELLED } });
      },
    });

    const ended = attempt.run(async (work) => {
      await new Promise((resolve) => work.signal.addEventListener('abort', resolve));
      work.report({ metadata: EMPTY });
      throw work.signal.reason;
    });
    await clock.advance(LEASE_MS);

    expect(await ended).toMatchObject({ kind: 'cancelled', error: { info: { reason: 'MALFORMED_ANY' } } });
    expect(told).toEqual(['confirm-stop', 'metadata', 'confirm-stop']);
  });

  test('that came when the lease could not be renewed in its time is told: the fence decides', async () => {
    const { attempt, clock } = attempting({ update: refusing(Code.UNAVAILABLE, 'AWAY') });
    const go = Promise.withResolvers<undefined>();

    const ended = attempt.run(async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await go.promise;
      return { response: EMPTY };
    });
    await clock.advance(2 * LEASE_MS);
    go.resolve(undefined);

    expect(await ended).toMatchObject({ kind: 'succeeded' });
  });
});

describe('an error of the work itself', () => {
  const bug = new TypeError('a bug');

  test('is told with the loss when the server could not be told', async () => {
    const { attempt } = attempting({ fail: refusing(Code.ABORTED, 'STALE_FENCE') });

    expect(await attempt.run(() => Promise.reject(bug))).toMatchObject({
      ...{ kind: 'lost', error: bug },
      loss: { info: { reason: 'STALE_FENCE' } },
    });
  });

  test('is told with the loss when somebody else has the lease', async () => {
    const { attempt, clock } = attempting({ update: refusing(Code.ABORTED, 'STALE_FENCE') });

    const ended = attempt.run(async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw bug;
    });
    await clock.advance(LEASE_MS);

    expect(await ended).toMatchObject({ kind: 'lost', error: bug, loss: { info: { reason: 'STALE_FENCE' } } });
  });
});

test('work that was lost and has stopped threw nothing of its own', async () => {
  const { attempt, clock } = attempting({ update: refusing(Code.ABORTED, 'STALE_FENCE') });

  const ended = attempt.run(
    ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
  );
  await clock.advance(LEASE_MS);

  expect(await ended).not.toHaveProperty('error');
});

describe('the signal of work that has ended stays silent', () => {
  const cancel = { reason: 'user', actor: '', requestTimeMs: 0, graceLeftMs: 1000 } as const;

  test.each<[what: string, update: Control['update'], act: (attempt: OwnedAttempt) => void]>([
    ['for a cancel', () => Promise.resolve({ leaseDurationMs: LEASE_MS, cancel }), () => undefined],
    ['when the lease is lost', refusing(Code.ABORTED, 'STALE_FENCE'), () => undefined],
    ['in a drain', () => Promise.resolve({ leaseDurationMs: LEASE_MS }), (attempt) => attempt.drain(0)],
  ])('%s while its outcome is told', async (_what, update, act) => {
    const taken = Promise.withResolvers<{ readonly name: string; readonly done: boolean }>();
    const { attempt, clock } = attempting({ update, complete: () => taken.promise });
    const signals: AbortSignal[] = [];

    const ended = attempt.run(({ signal }) => {
      signals.push(signal);
      return Promise.resolve({ response: EMPTY });
    });
    await clock.advance(LEASE_MS / 2);
    act(attempt);
    taken.resolve({ name: NAME, done: true });
    await ended;

    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  });
});

describe('what can never be sent', () => {
  const tooLarge = { metadata: bytes(5 * MIB) };
  // What no type allows, and what JavaScript hands over all the same.
  const unencodable = { metadata: undefined, progress: { stage: 'a', timeLeftMs: Number.NaN, errorSamples: 7 } };

  test.each([
    ['too large', tooLarge],
    ['no message', unencodable as unknown as typeof tooLarge],
  ])('is refused to its reporter at once, and the lease goes on (%s)', async (_what, report) => {
    const { attempt, clock, updates } = attempting();
    const refusals: unknown[] = [];

    const ended = attempt.run(async (work) => {
      try {
        work.report(report);
      } catch (error) {
        refusals.push(error);
      }
      await work.saveCheckpoint(EMPTY, report).catch((error: unknown) => refusals.push(error));
      await clock.sleep(2 * LEASE_MS);
      return { response: EMPTY };
    });
    await clock.advance(2 * LEASE_MS);

    expect(await ended).toMatchObject({ kind: 'succeeded' });
    expect(refusals).toMatchObject([{ code: Code.INVALID_ARGUMENT }, { code: Code.INVALID_ARGUMENT }]);
    expect(updates.every((update) => Object.keys(update).length === 0)).toBe(true);
  });

  test('is refused as a checkpoint too', async () => {
    const { attempt } = attempting();

    const { error } = await attempt.run(async (work) => {
      await work.saveCheckpoint(bytes(5 * MIB));
      return { response: EMPTY };
    });

    expect(error).toMatchObject({ code: Code.INVALID_ARGUMENT, info: { metadata: { field: 'checkpoint' } } });
  });
});

describe('listening for a cancel', () => {
  test.each([
    [Code.RESOURCE_EXHAUSTED, 'TOO_MANY_WATCHES'],
    [Code.INTERNAL, 'INTERNAL'],
  ])('begins anew after any error (%d)', async (code, reason) => {
    let count = 0;
    const { attempt, clock } = attempting({
      // eslint-disable-next-line require-yield
      async *watch() {
        count += 1;
        await refusing(code, reason)();
      },
    });
    const go = Promise.withResolvers<undefined>();

    const ended = attempt.run(async () => {
      await go.promise;
      return { response: EMPTY };
    });
    await clock.advance(20_000);
    go.resolve(undefined);
    await ended;

    expect(count).toBeGreaterThan(3);
    expect(count).toBeLessThan(10);
    expect(clock.sleeperCount).toBe(0);
  });

  test('that breaks in a way nobody foresaw ends nothing', async () => {
    const { attempt, clock } = attempting({
      watch: () => {
        throw new TypeError('a bug');
      },
      update: () => Promise.reject(new TypeError('another one')),
    });
    const go = Promise.withResolvers<undefined>();

    const ended = attempt.run(async () => {
      await go.promise;
      return { response: EMPTY };
    });
    await clock.advance(LEASE_MS / 2);
    go.resolve(undefined);

    expect(await ended).toMatchObject({ kind: 'succeeded' });
  });
});
