import { beforeEach, expect, jest, test } from '@jest/globals';
import { EMPTY, type Any } from '../../src/core/any.ts';
import { Interrupted } from '../../src/core/cancellation.ts';
import type { Operation } from '../../src/operations/operation.ts';
import type { TaskContext, TaskOutcome } from '../../src/operations/task.ts';
import { decodeMessage } from '../../src/schema/protos.ts';
import { any, ControlHarness, type Reply } from './control-harness.ts';

let control: ControlHarness;

beforeEach(() => {
  control = new ControlHarness({ bulkCancelCountMax: 3 });
});

/** Carries out one attempt; `saved` is told of each checkpoint. */
async function attempt(
  { operation }: { readonly operation: Operation },
  {
    checkpoint,
    saved,
  }: {
    readonly checkpoint?: Any | undefined;
    readonly saved?: (count: number, abort: (reason: Error) => void) => void;
  } = {},
): Promise<{ readonly outcome: TaskOutcome | Error; readonly checkpoint: Any | undefined }> {
  const stop = new AbortController();
  const suspend = new AbortController();
  let last = checkpoint;
  let count = 0;
  const context: TaskContext = {
    signal: stop.signal,
    suspend: suspend.signal,
    fence: 1n,
    ...(checkpoint === undefined ? {} : { checkpoint }),
    journal: { begin: async () => undefined, commit: async () => undefined, open: async () => [] },
    reportProgress: () => undefined,
    saveCheckpoint: (state) => {
      last = state;
      saved?.(++count, (reason) => {
        stop.abort(reason);
      });
      return Promise.resolve();
    },
    acknowledge: () => undefined,
  };
  const task = { ...operation, attempt: 1, startTimeMs: 0 };
  const outcome = await control.bulkCancels.handle(task, context).catch((error: unknown) => error as Error);
  return { outcome, checkpoint: last };
}

async function start(request: object): Promise<{ readonly operation: Operation }> {
  const reply: Reply = await control.call('BulkCancel', { parent: 'operations', ...request });
  return { operation: await control.operations.get(reply.name) };
}

function countsOf(outcome: TaskOutcome | Error): object {
  if (outcome === 'suspended' || outcome instanceof Error) throw new Error('it did not end');
  return decodeMessage('longrunning.control.v1.BulkCancelResponse', outcome.response.value);
}

test('a bulk cancel reaches operations whose own API has neither a list nor a cancel', async () => {
  const parent = 'accounts/1/repos/2';
  const create = (id: string) => {
    const identity = { name: `${parent}/operations/${id}`, surface: 'checks', collection: parent };
    return control.operations.create({ ...identity, kind: 'checks.generateScan', request: EMPTY });
  };
  const [{ operation: chosen }, { operation: other }] = [await create('1'), await create('2')];
  const { outcome } = await attempt(await start({ parent, filter: `name = "${chosen.name}"` }));
  expect(countsOf(outcome)).toEqual({ matchedCount: '1', cancelledCount: '1' });
  expect(await control.stateOf(chosen.name)).toBe('CANCELLED');
  expect(await control.stateOf(other.name)).toBe('QUEUED');
});

test('a bulk cancel cancels all that match and nothing else, itself neither', async () => {
  const chosen = await Promise.all(Array.from({ length: 10 }, () => control.create({ labels: { team: 'a' } })));
  const others = [
    await control.create({ labels: { team: 'b' } }),
    await control.create({ parent: 'accounts/1/apps/2' }),
  ];
  const bulk = await start({ filter: 'labels.team = "a"' });
  const { outcome } = await attempt(bulk);
  expect(countsOf(outcome)).toEqual({ matchedCount: '10', cancelledCount: '10' });
  for (const name of chosen) expect(await control.stateOf(name)).toBe('CANCELLED');
  for (const name of others) expect(await control.stateOf(name)).toBe('QUEUED');
  expect((await control.operations.get(chosen[0] ?? '')).cancel).toMatchObject({ actor: bulk.operation.name });
  const all = await start({ filter: '*' });
  await attempt(all);
  expect(await control.stateOf(others[0] ?? '')).toBe('CANCELLED');
  expect(await control.stateOf(all.operation.name)).toBe('QUEUED');
});

test('a bulk cancel counts those apart that somebody else was cancelling', async () => {
  const held = await control.create({ hold: {} });
  await control.operations.cancel(held, { reason: 'user', actor: 'somebody' });
  await control.create({ hold: {} });
  const { outcome } = await attempt(await start({ filter: '*' }));
  expect(countsOf(outcome)).toEqual({ matchedCount: '2', cancelledCount: '1' });
});

test('a bulk cancel leaves what comes after it alone', async () => {
  const bulk = await start({ filter: '*' });
  await control.clock.advance(1);
  const later = await control.create();
  await attempt(bulk);
  expect(await control.stateOf(later)).toBe('QUEUED');
});

test('a bulk cancel goes on where its last attempt was killed', async () => {
  const names = await Promise.all(Array.from({ length: 10 }, () => control.create()));
  const bulk = await start({ filter: '*' });
  const killed = await attempt(bulk, {
    saved: (count) => {
      if (count === 2) throw new Error('killed');
    },
  });
  expect(killed.outcome).toMatchObject({ message: 'killed' });
  const { outcome } = await attempt(bulk, { checkpoint: killed.checkpoint });
  expect(countsOf(outcome)).toEqual({ matchedCount: '10', cancelledCount: '10' });
  for (const name of names) expect(await control.stateOf(name)).toBe('CANCELLED');
});

test('a bulk cancel stops between two pages when it is cancelled itself', async () => {
  const names = await Promise.all(Array.from({ length: 10 }, () => control.create()));
  const reason = new Interrupted('user', 10_000);
  const { outcome } = await attempt(await start({ filter: '*' }), {
    saved: (_count, abort) => {
      abort(reason);
    },
  });
  expect(outcome).toBe(reason);
  const states = await Promise.all(names.map((name) => control.stateOf(name)));
  expect(states.filter((state) => state === 'CANCELLED').length).toBeLessThanOrEqual(3);
});

test('a bulk cancel with a request id is made once', async () => {
  const requestId = '6ba7b810-9dad-41d1-80b4-00c04fd430c8';
  const [first, second] = [await start({ filter: '*', requestId }), await start({ filter: '*', requestId })];
  expect(second.operation.name).toBe(first.operation.name);
  await expect(start({ filter: 'done = true', requestId })).rejects.toMatchObject({
    info: { reason: 'REQUEST_ID_REUSED' },
  });
});

test('a bulk cancel whose request id was cancelled before it is cancelled from the start', async () => {
  const requestId = '6ba7b810-9dad-41d1-80b4-00c04fd430c8';
  await control.call('CancelByRequestId', { requestId }, 'somebody');
  const { operation } = await start({ filter: '*', requestId });
  expect(operation).toMatchObject({ state: 'CANCELLED', cancel: { reason: 'user', actor: 'somebody' } });
});

test('a bulk cancel gives others their turn while its filter goes through large operations', async () => {
  control = new ControlHarness();
  const metadata = any(1, 100_000);
  await Promise.all(Array.from({ length: 10 }, () => control.create({ metadata })));
  await attempt(await start({ filter: 'kind = "none"' }));
  expect(control.turnCount).toBeGreaterThanOrEqual(4);
});

test('a bulk cancel reads no more at once than so many bytes, and misses none', async () => {
  control = new ControlHarness({ bulkCancelReadBytesMax: 1_000 });
  const names = await Promise.all(Array.from({ length: 5 }, () => control.create({ request: any(1, 600) })));
  const list = jest.spyOn(control.memory.operations, 'list');
  const { outcome } = await attempt(await start({ filter: '*' }));
  expect(countsOf(outcome)).toEqual({ matchedCount: '5', cancelledCount: '5' });
  for (const name of names) expect(await control.stateOf(name)).toBe('CANCELLED');
  const pages = await Promise.all(list.mock.results.map(({ value }) => value as Promise<readonly Operation[]>));
  expect(Math.max(...pages.map(({ length }) => length))).toBeLessThanOrEqual(3);
});

test('a bulk cancel of transfers takes the filter of transfers', async () => {
  const bulk = await start({ parent: 'transferOperations', filter: '{"projectId":"p"}' });
  expect(countsOf((await attempt(bulk)).outcome)).toEqual({ matchedCount: '0', cancelledCount: '0' });
});

test.each([
  ['no parent', { parent: '', filter: '*' }],
  ['no filter', {}],
  ['a filter that cannot be read', { filter: '((' }],
  ['a filter that is too long', { filter: `name = "${'a'.repeat(9000)}"` }],
  ['a parent of no form', { parent: 'nowhere', filter: '*' }],
  ['all transfers', { parent: 'transferOperations', filter: '*' }],
  ['a request id that is none', { filter: '*', requestId: 'x' }],
])('a bulk cancel with %s is refused', async (_, request) => {
  await expect(start(request)).rejects.toMatchObject({ code: 3 });
});
