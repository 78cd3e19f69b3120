import { beforeEach, expect, test } from '@jest/globals';
import { ControlHarness } from '../../api/control-harness.ts';

const REQUEST_ID = '6ba7b810-9dad-41d1-80b4-00c04fd430c8';

let control: ControlHarness;

beforeEach(() => {
  control = new ControlHarness();
});

test('cancels by one request id that come together are all kept', async () => {
  const replies = await Promise.all(
    Array.from({ length: 8 }, () => control.call('CancelByRequestId', { requestId: REQUEST_ID })),
  );
  for (const reply of replies) expect(reply).toHaveProperty('pendingUntilTime');
});

test('a cancel by request id reaches an operation that was deleted while it runs', async () => {
  const name = await control.create({ requestId: REQUEST_ID });
  await control.leases.claim('s', { kinds: ['work'], limit: 1, alone: false });
  await control.operations.delete(name);
  expect(await control.call('CancelByRequestId', { requestId: REQUEST_ID })).toMatchObject({ operation: { name } });
  expect(await control.stateOf(name)).toBe('CANCELLING');
  expect(control.interrupted).toEqual([name]);
});

test('a cancel by request id of an operation that goes meanwhile is kept for the next create', async () => {
  const name = await control.create({ requestId: REQUEST_ID });
  const { index, operations } = control.memory;
  const byRequestId = index.byRequestId.bind(index);
  index.byRequestId = async (...key) => {
    const found = await byRequestId(...key);
    await operations.update(name, (it) => ({ ...it, state: 'FAILED', deleted: true })).catch(() => undefined);
    return found;
  };
  expect(await control.call('CancelByRequestId', { requestId: REQUEST_ID })).toHaveProperty('pendingUntilTime');
});
