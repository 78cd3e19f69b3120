import { expect, test } from '@jest/globals';
import { MemoryTables } from '../../src/repositories/memory-tables.ts';
import { sampleOperation } from '../operations/sample-operation.ts';

test('asking for a collection or a kind that nobody knows leaves nothing behind', () => {
  const tables = new MemoryTables();
  expect([...tables.listOf('longrunning', 'unknown')]).toEqual([]);
  expect([...tables.queueOf('unknown')]).toEqual([]);
  expect(tables.indexCount).toBe(0);
});

test('the last operation of a collection takes its indexes along', () => {
  const tables = new MemoryTables();
  tables.replace(undefined, sampleOperation());
  expect(tables.indexCount).toBe(2);
  tables.replace(sampleOperation(), undefined);
  expect(tables.indexCount).toBe(0);
});
