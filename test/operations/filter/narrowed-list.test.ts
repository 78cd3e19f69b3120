import { expect, test } from '@jest/globals';
import { readOperationFilter } from '../../../src/operations/filter/operation-filter.ts';
import { DEFAULT_OPERATIONS_LIMITS } from '../../../src/operations/limits.ts';
import { protoAnyResolver } from '../../../src/schema/resolver.ts';

const LIVE = ['QUEUED', 'RUNNING', 'SUSPENDING', 'PAUSED', 'CANCELLING'];
const DONE = ['SUCCEEDED', 'FAILED', 'CANCELLED'];
const TEN = '1970-01-01T00:00:00.010Z';

test.each<[filter: string, query: object, isAll: boolean]>([
  ['', {}, true],
  ['name = operations/1', { names: ['operations/1'] }, true],
  ['name:"operations/1"', { names: ['operations/1'] }, true],
  ['name = (operations/1 OR operations/2)', { names: ['operations/1', 'operations/2'] }, true],
  ['name = operations/1 name = operations/2', { names: [] }, true],
  ['done = true', { states: DONE }, true],
  ['done:*', { states: DONE }, true],
  ['done != true', { states: LIVE }, true],
  ['NOT done = true', { states: LIVE }, true],
  ['state = (RUNNING OR PAUSED)', { states: ['RUNNING', 'PAUSED'] }, true],
  ['state != QUEUED AND done = false', { states: ['RUNNING', 'SUSPENDING', 'PAUSED', 'CANCELLING'] }, true],
  ['state = RUNNING OR done = true', { states: ['RUNNING', ...DONE] }, true],
  [`create_time >= ${TEN} AND create_time < 1970-01-01T00:00:01Z`, { createTimeMinMs: 10, createTimeMaxMs: 999 }, true],
  [`create_time > ${TEN}`, { createTimeMinMs: 11 }, true],
  [`createTime <= ${TEN}`, { createTimeMaxMs: 10 }, true],
  [`create_time = ${TEN} done = true`, { createTimeMinMs: 10, createTimeMaxMs: 10, states: DONE }, true],
  ['create_time > 1970-01-01T00:00:00.0105Z', { createTimeMinMs: 11 }, true],
  ['create_time >= 1970-01-01T00:00:00.0105Z', { createTimeMinMs: 11 }, true],
  ['create_time < 1970-01-01T00:00:00.0105Z', { createTimeMaxMs: 10 }, true],
  // An index serves a part of these; the rest is asked of each record.
  ['done = false AND labels.env = prod', { states: LIVE }, false],
  ['metadata.status = PAUSED create_time >= 1970-01-01T00:00:00Z', { createTimeMinMs: 0 }, false],
  ['name = operations/1 AND report', { names: ['operations/1'] }, false],
  ['(name = operations/1 OR name = operations/2) AND kind = x', { names: ['operations/1', 'operations/2'] }, false],
  // And nothing of these.
  ['kind = x', {}, false],
  ['name = operations/*', {}, false],
  ['name != operations/1', {}, false],
  ['NOT name = operations/1', {}, false],
  ['done = true OR labels.env = prod', {}, false],
  ['done = true OR name = operations/1', {}, false],
  ['NOT (done = true AND kind = x)', {}, false],
  [`create_time != ${TEN}`, {}, false],
  [`NOT create_time > ${TEN}`, {}, false],
])('%s', (filter, query, isAll) => {
  const read = readOperationFilter(filter, protoAnyResolver, DEFAULT_OPERATIONS_LIMITS);
  expect(read.query).toEqual(query);
  expect(read.isServed).toBe(isAll);
});
