import { beforeEach, expect, test } from '@jest/globals';
import { typeUrl } from '../../src/core/any.ts';
import { APP, ChecksHarness } from './checks-harness.ts';

let checks: ChecksHarness;

beforeEach(() => {
  checks = new ChecksHarness();
});

test('a report can be read once its operation has ended with it, and not before', async () => {
  const { name, report } = await checks.uploaded();
  await expect(checks.published.getReport({ name: report })).rejects.toMatchObject({
    info: { reason: 'REPORT_NOT_FOUND' },
  });

  const operation = await checks.complete(name, { name: report, appBundle: { bundleId: 'com.example' } });

  expect(operation).toMatchObject({ name, done: true });
  expect(await checks.published.getReport({ name: report })).toEqual({
    name: report,
    appBundle: { bundleId: 'com.example' },
  });
});

test.each([
  ['another name', { name: `${APP}/reports/other` }],
  ['no name', {}],
])('a report of %s is refused, and the operation goes on', async (_, message) => {
  const { name } = await checks.uploaded();
  await expect(checks.complete(name, message)).rejects.toMatchObject({
    info: { metadata: { field: 'response.name' } },
  });
  expect(await checks.control.stateOf(name)).toBe('RUNNING');
  expect((await checks.published.listReports({ parent: APP })).messages).toEqual([]);
});

test('a report with a time that JSON has no form for is refused, as nobody could read it, and the operation goes on', async () => {
  const { name, report } = await checks.uploaded();
  const stateMetadata = { lastFailingTime: { seconds: '253402300800' } };
  await expect(checks.complete(name, { name: report, checks: [{ stateMetadata }] })).rejects.toMatchObject({
    code: 3,
    message: 'response: cannot be told as JSON: 253402300800 s and 0 ns are no timestamp',
  });
  expect(await checks.control.stateOf(name)).toBe('RUNNING');
});

test('a response that is no report is refused, and the operation goes on', async () => {
  const { name } = await checks.uploaded();
  const { lease } = await checks.control.call('AcquireOperation', { name });
  const response = { type_url: typeUrl('google.protobuf.Empty'), value: Buffer.alloc(0) };
  const { fence } = lease as { readonly fence: string };
  await expect(checks.control.call('CompleteOperation', { name, fence, response })).rejects.toMatchObject({
    info: { metadata: { field: 'response', type: 'google.protobuf.Empty' } },
  });
  expect(await checks.control.stateOf(name)).toBe('RUNNING');
});

test('a completion that is repeated is answered as the first one was', async () => {
  const { name, report } = await checks.uploaded();
  const first = await checks.complete(name, { name: report });
  expect(await checks.completeAgain(name, '1', { name: report })).toEqual(first);
});

test('of a completion that is made twice at once both are answered, and one report is published', async () => {
  const { name, report } = await checks.uploaded();
  await checks.control.call('AcquireOperation', { name });
  const answers = await Promise.all([
    checks.completeAgain(name, '1', { name: report }),
    checks.completeAgain(name, '1', { name: report }),
  ]);
  expect(answers[0]).toEqual(answers[1]);
  expect((await checks.published.listReports({ parent: APP })).messages).toHaveLength(1);
});

test('a worker that has lost its lease publishes nothing', async () => {
  const { name, report } = await checks.uploaded();
  await checks.control.call('AcquireOperation', { name });
  await expect(checks.completeAgain(name, '2', { name: report })).rejects.toMatchObject({
    info: { reason: 'STALE_FENCE' },
  });
  expect((await checks.published.listReports({ parent: APP })).messages).toEqual([]);
});

test('work that is cancelled and ends all the same publishes its report', async () => {
  const { name, report } = await checks.uploaded();
  await checks.control.call('AcquireOperation', { name });
  await checks.control.operations.cancel(name, { reason: 'user', actor: 'test' });
  await checks.completeAgain(name, '1', { name: report });
  expect(await checks.published.getReport({ name: report })).toEqual({ name: report });
});

test('an upload that nobody looks into in time has failed', async () => {
  const { name } = await checks.uploaded();
  await checks.control.clock.advance(60_001);
  await checks.control.sweep();
  expect(await checks.control.get(name)).toMatchObject({
    done: true,
    error: { code: 14, message: `${name} was given up: nobody has acquired it in time` },
  });
});

test('a report goes when it is too old', async () => {
  const name = await checks.publish();
  await checks.control.clock.advance(checks.limits.reportRetentionMs);
  await checks.control.memory.operations.purge(100);
  await expect(checks.published.getReport({ name })).rejects.toMatchObject({ info: { reason: 'REPORT_NOT_FOUND' } });
});
