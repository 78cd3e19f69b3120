import { beforeEach, expect, jest, test } from '@jest/globals';
import { ControlHarness } from '../../api/control-harness.ts';

const REQUEST_ID = '6ba7b810-9dad-41d1-80b4-00c04fd430c8';

let control: ControlHarness;

beforeEach(() => {
  control = new ControlHarness();
});

test('a repeated create with a hold leaves no session but the one of its operation behind', async () => {
  const renew = jest.spyOn(control.memory.operations, 'renewSessions');
  const request = { kind: 'work', hold: {}, requestId: REQUEST_ID };
  const { operation } = await control.call('CreateOperation', request);
  await control.call('CreateOperation', request);
  await control.call('CreateOperation', request);
  const { session } = (await control.memory.operations.get(operation?.name ?? '')) ?? {};
  expect(new Set(renew.mock.calls.flatMap(([ids]) => ids))).toEqual(new Set([session]));
});

test('a create that is repeated is given its lease again only when its holder repeats it', async () => {
  const create = (holder: string) =>
    control.call('CreateOperation', { kind: 'work', hold: { holder }, requestId: REQUEST_ID });
  await create('first');
  expect(await create('first')).toMatchObject({ created: false, lease: { fence: '1' } });
  const another = await create('another');
  expect(another['created'] ?? false).toBe(false);
  expect(another).not.toHaveProperty('lease');
});

test('a create with a hold that is refused leaves no session behind', async () => {
  await control.create({ exclusiveKey: 'k' });
  const renew = jest.spyOn(control.memory.operations, 'renewSessions');
  await expect(control.create({ exclusiveKey: 'k', hold: {} })).rejects.toMatchObject({ code: 10 });
  expect(renew).not.toHaveBeenCalled();
});

test('a create with a hold is held though a sweep comes before its answer', async () => {
  const { operations } = control.memory;
  const insert = operations.insert.bind(operations);
  operations.insert = async (operation, also) => {
    const result = await insert(operation, also);
    await control.leases.expireSessions(100, true);
    return result;
  };
  const reply = await control.call('CreateOperation', { kind: 'work', hold: {} });
  expect(reply).toMatchObject({ lease: { fence: '1' } });
  expect(await control.stateOf(reply.operation?.name ?? '')).toBe('RUNNING');
});

test('a create that is repeated after its parent is gone is answered as before', async () => {
  const parentOperation = await control.create();
  const request = { parentOperation, requestId: REQUEST_ID };
  const name = await control.create(request);
  await control.operations.cancel(parentOperation, { reason: 'user', actor: '' });
  await control.operations.delete(parentOperation);
  await control.sweep();
  expect(await control.memory.operations.get(parentOperation)).toBeUndefined();
  expect(await control.create(request)).toBe(name);
});

test('a create that is repeated after its parent has ended is answered as before', async () => {
  const parentOperation = await control.create();
  const request = { parentOperation, requestId: REQUEST_ID };
  const name = await control.create(request);
  await control.memory.operations.update(parentOperation, (it) => ({ ...it, state: 'FAILED' }));
  expect(await control.create(request)).toBe(name);
});

test.each([
  ['its name is taken', { operationId: 'taken' }],
  ['its key is held', { exclusiveKey: 'k' }],
])('a first child that is refused, as %s, leaves its parent as it was', async (_, refused) => {
  await control.create(refused);
  const parentOperation = await control.create();
  const before = await control.memory.operations.get(parentOperation);
  await expect(control.create({ ...refused, parentOperation })).rejects.toThrow();
  expect(await control.memory.operations.get(parentOperation)).toBe(before);
  await control.create({ parentOperation });
  expect((await control.memory.operations.get(parentOperation))?.hasChildren).toBe(true);
});

test('a create that is repeated does not touch its parent', async () => {
  const parentOperation = await control.create();
  const request = { parentOperation, requestId: REQUEST_ID };
  await control.create(request);
  const before = await control.memory.operations.get(parentOperation);
  await control.create(request);
  expect(await control.memory.operations.get(parentOperation)).toBe(before);
});
