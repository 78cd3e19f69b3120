import { expect, test } from '@jest/globals';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import { LeasedWrites } from '../../src/workers/leased-writes.ts';
import { DEFAULT_WORKER_LIMITS } from '../../src/workers/limits.ts';
import { OperationsFixture } from '../operations/operations-fixture.ts';
import { RecordingLogger } from '../support/recording-logger.ts';

test('writes that fail together, and again and again, are told once in ten seconds', async () => {
  const fixture = new OperationsFixture();
  const { clock, leases } = fixture;
  const logger = new RecordingLogger();
  const writes = new LeasedWrites({
    lease: await fixture.createRunning('operations/1'),
    leases,
    clock,
    logger,
    limits: DEFAULT_WORKER_LIMITS,
    random: () => 0.5,
    lost: new AbortController().signal,
    onStale: () => undefined,
  });
  const full = new StatusError(Code.RESOURCE_EXHAUSTED, 'the database is full', { reason: 'STORAGE_FULL' });
  let isFull = true;
  const write = () => writes.write(() => (isFull ? Promise.reject(full) : Promise.resolve('written')));

  const waiting = Array.from({ length: 12 }, write);
  await clock.advance(9_000);
  expect(logger.records).toEqual([
    { level: 'warn', fields: { error: full, failureCount: 1, operation: 'operations/1' }, message: expect.any(String) },
  ]);
  await clock.advance(9_000);
  expect(logger.records).toHaveLength(2);
  isFull = false;
  await clock.advance(1_000);
  expect(await Promise.all(waiting)).toEqual(Array.from({ length: 12 }, () => 'written'));
});
