import { beforeEach, expect, jest, test } from '@jest/globals';
import { ControlHarness } from '../../api/control-harness.ts';

let control: ControlHarness;

beforeEach(() => {
  control = new ControlHarness({ pendingCancelCountMax: 3 });
});

function cancel(number: number): Promise<unknown> {
  const requestId = `6ba7b810-9dad-41d1-80b4-00c04fd430${String(number + 10)}`;
  return control.call('CancelByRequestId', { requestId });
}

async function keptCount(): Promise<number> {
  return (await control.memory.resources.list({ kind: 'pending-cancel', collection: '', limit: 99 })).length;
}

test('no more cancels are kept than the limit says, however many come together', async () => {
  await cancel(1);
  const outcomes = await Promise.allSettled([2, 3, 4, 5, 6].map(cancel));
  expect(await keptCount()).toBe(3);
  const refused = outcomes.filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(3);
  for (const outcome of refused) {
    expect(outcome).toMatchObject({
      reason: { code: 8, info: { reason: 'TOO_MANY_PENDING_CANCELS' }, retryDelayMs: 1_000 },
    });
  }
});

test('a cancel that is kept makes room when its create has come', async () => {
  await Promise.all([1, 2, 3].map(cancel));
  await control.create({ requestId: '6ba7b810-9dad-41d1-80b4-00c04fd43011' });
  await cancel(4);
  expect(await keptCount()).toBe(3);
});

test('a cancel that is kept already is kept on when there is no room', async () => {
  await Promise.all([1, 2, 3].map(cancel));
  await expect(cancel(4)).rejects.toMatchObject({ code: 8 });
  await cancel(3);
});

test('a cancel beyond the limit is refused without reading those that are kept', async () => {
  await Promise.all([1, 2, 3].map(cancel));
  const list = jest.spyOn(control.memory.resources, 'list');
  const write = jest.spyOn(control.memory.resources, 'write');
  await expect(cancel(4)).rejects.toMatchObject({ code: 8 });
  await expect(cancel(5)).rejects.toMatchObject({ code: 8 });
  expect(list).not.toHaveBeenCalled();
  // Whoever comes before the delay is over is refused without another look.
  expect(write).toHaveBeenCalledTimes(1);
  await control.clock.advance(1_000);
  await expect(cancel(4)).rejects.toMatchObject({ code: 8 });
  expect(write).toHaveBeenCalledTimes(2);
});
