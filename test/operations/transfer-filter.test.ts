import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import { STATES } from '../../src/operations/operation.ts';
import { matchesWildcards } from '../../src/operations/wildcards.ts';
import { parseTransferFilter, TRANSFER_STATUS } from '../../src/operations/transfer-filter.ts';

function refusal(filter: string): StatusError {
  try {
    parseTransferFilter(filter);
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
  throw new Error(`${filter} was accepted`);
}

describe('a Storage Transfer operations filter', () => {
  test.each([
    ['the smallest', '{"projectId":"p"}', { collection: 'p' }],
    [
      'as gcloud sends it, with explicit nulls and prefixed names',
      '{"jobNames":["transferJobs/1"],"operationNames":null,"projectId":"p","transferStatuses":null}',
      { collection: 'p', resources: ['transferJobs/1'] },
    ],
    ['with white space', ' {\n "projectId" : "p" } ', { collection: 'p' }],
    [
      'with snake_case keys',
      '{"project_id":"p","job_names":["1"]}',
      { collection: 'p', resources: ['transferJobs/1'] },
    ],
    [
      'with bare names',
      '{"projectId":"p","operationNames":["a"]}',
      { collection: 'p', names: ['transferOperations/a'] },
    ],
    [
      'with one name in both spellings',
      '{"projectId":"p","jobNames":["1","transferJobs/1"]}',
      { collection: 'p', resources: ['transferJobs/1'] },
    ],
    ['with empty lists', '{"projectId":"p","jobNames":[],"transferStatuses":[]}', { collection: 'p' }],
    ['with empty patterns', '{"projectId":"p","jobNamePattern":"","operationNamePattern":""}', { collection: 'p' }],
    ['with an escaped key', '{"project\\u0049d":"p"}', { collection: 'p' }],
    // SURFACE 2.6: min and max are inclusive at both ends.
    [
      'with times',
      '{"projectId":"p","minCreationTime":"2026-01-02T03:04:05Z","maxCreationTime":"2026-01-02T04:04:05.5+01:00"}',
      { collection: 'p', createTimeMinMs: 1767323045000, createTimeMaxMs: 1767323045500 },
    ],
    [
      'with nanoseconds, between which no creation time lies',
      '{"projectId":"p","minCreationTime":"2026-01-02T03:04:05.000000001Z","maxCreationTime":"2026-01-02T03:04:05.000999999Z"}',
      { collection: 'p', createTimeMinMs: 1767323045001, createTimeMaxMs: 1767323045000 },
    ],
    ['for one status', '{"projectId":"p","transferStatuses":["SUCCESS"]}', { collection: 'p', states: ['SUCCEEDED'] }],
    // A cancel that is under way shows as in progress, so that is where it is found.
    [
      'for what is in progress',
      '{"projectId":"p","transferStatuses":["IN_PROGRESS"]}',
      { collection: 'p', states: ['RUNNING', 'CANCELLING'] },
    ],
    [
      'for statuses in any case',
      '{"projectId":"p","transferStatuses":["in_progress","Aborted"]}',
      { collection: 'p', states: ['RUNNING', 'CANCELLING', 'CANCELLED'] },
    ],
    [
      'for statuses that the reference leaves out',
      '{"projectId":"p","transferStatuses":["QUEUED","SUSPENDING"]}',
      { collection: 'p', states: ['QUEUED', 'SUSPENDING'] },
    ],
  ])('%s is understood', (_title, filter, expected) => {
    expect(parseTransferFilter(filter)).toEqual(expected);
  });

  test.each([
    ['no text', '', 'filter'],
    ['blanks', '  ', 'filter'],
    ['no JSON', 'projectId=p', 'filter'],
    ['a trailing comma', '{"projectId":"p",}', 'filter'],
    ['an array', '[]', 'filter'],
    ['a string', '"p"', 'filter'],
    ['null', 'null', 'filter'],
    ['no project', '{}', 'filter.projectId'],
    ['a null project', '{"projectId":null}', 'filter.projectId'],
    ['an empty project', '{"projectId":""}', 'filter.projectId'],
    ['a number as project', '{"projectId":12}', 'filter.projectId'],
    ['an unknown member', '{"projectId":"p","jobName":"1"}', 'filter.jobName'],
    ['an unknown null member', '{"projectId":"p","colour":null}', 'filter.colour'],
    ['a member of Object.prototype', '{"projectId":"p","__proto__":{}}', 'filter.__proto__'],
    ['a member twice', '{"projectId":"p","projectId":"q"}', 'filter.projectId'],
    ['a member in both spellings', '{"projectId":"p","project_id":"p"}', 'filter.projectId'],
    ['names that are no array', '{"projectId":"p","jobNames":"1"}', 'filter.jobNames'],
    ['a name that is no string', '{"projectId":"p","jobNames":["1",2]}', 'filter.jobNames[1]'],
    ['an empty name', '{"projectId":"p","operationNames":[""]}', 'filter.operationNames[0]'],
    ['a pattern that is no string', '{"projectId":"p","jobNamePattern":["*"]}', 'filter.jobNamePattern'],
    [
      'a pattern longer than any name',
      `{"projectId":"p","operationNamePattern":"${'*1'.repeat(513)}"}`,
      'filter.operationNamePattern',
    ],
    [
      'a project nested too deeply to quote',
      `{"projectId":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
      'filter.projectId',
    ],
    ['a bad status', '{"projectId":"p","transferStatuses":["DONE"]}', 'filter.transferStatuses[0]'],
    ['the illegal status', '{"projectId":"p","transferStatuses":["STATUS_UNSPECIFIED"]}', 'filter.transferStatuses[0]'],
    [
      'a state that is not on the surface',
      '{"projectId":"p","transferStatuses":["RUNNING"]}',
      'filter.transferStatuses[0]',
    ],
    ['a time without zone', '{"projectId":"p","minCreationTime":"2026-01-02T03:04:05"}', 'filter.minCreationTime'],
    [
      'a day that does not exist',
      '{"projectId":"p","minCreationTime":"2026-02-30T00:00:00Z"}',
      'filter.minCreationTime',
    ],
    [
      'an hour that does not exist',
      '{"projectId":"p","maxCreationTime":"2026-02-03T24:00:00Z"}',
      'filter.maxCreationTime',
    ],
    ['a number as time', '{"projectId":"p","maxCreationTime":1767323045}', 'filter.maxCreationTime'],
    ['an empty time', '{"projectId":"p","maxCreationTime":""}', 'filter.maxCreationTime'],
  ])('%s is INVALID_ARGUMENT naming the member', (_title, filter, field) => {
    const error = refusal(filter);

    expect(error.code).toBe(Code.INVALID_ARGUMENT);
    expect(error.fieldViolations.map((violation) => violation.field)).toEqual([field]);
  });

  test('more names than a query should carry are refused', () => {
    const jobNames = Array.from({ length: 1001 }, (_, index) => String(index));

    expect(refusal(JSON.stringify({ projectId: 'p', jobNames })).fieldViolations[0]?.field).toBe('filter.jobNames');
  });

  test.each([
    ['transferJobs/1*', true],
    ['1*', true],
    ['*2', true],
    ['*', true],
    ['transferJobs/12', true],
    ['12', true],
    ['1', false],
    ['transferJobs/1', false],
    ['*1', false],
    ['2*', false],
  ])('a job pattern must match the full name: %s', (pattern, expected) => {
    const { matches } = parseTransferFilter(JSON.stringify({ projectId: 'p', jobNamePattern: pattern }));

    expect(matches?.({ name: 'transferOperations/transferJobs-12-9', resource: 'transferJobs/12' })).toBe(expected);
  });

  test('both patterns must match', () => {
    const filter = { projectId: 'p', jobNamePattern: '12', operationNamePattern: '*-9' };
    const { matches } = parseTransferFilter(JSON.stringify(filter));

    expect(matches?.({ name: 'transferOperations/transferJobs-12-9', resource: 'transferJobs/12' })).toBe(true);
    expect(matches?.({ name: 'transferOperations/transferJobs-12-8', resource: 'transferJobs/12' })).toBe(false);
    expect(matches?.({ name: 'transferOperations/transferJobs-13-9', resource: 'transferJobs/13' })).toBe(false);
  });

  test('the statuses together stand for every state', () => {
    const transferStatuses = [...new Set(Object.values(TRANSFER_STATUS))];

    const { states } = parseTransferFilter(JSON.stringify({ projectId: 'p', transferStatuses }));

    expect([...(states ?? [])].sort()).toEqual([...STATES].sort());
  });

  test('any text is understood or refused with a StatusError', () => {
    const member = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('p', 'SUCCESS', '2026-01-02T03:04:05Z', '*', null, ['1'], ['paused']),
    );
    const key = fc.oneof(
      fc.constantFrom(
        'projectId',
        'project_id',
        'jobNames',
        'jobNamePattern',
        'operationNames',
        'operation_name_pattern',
      ),
      fc.constantFrom('minCreationTime', 'maxCreationTime', 'transferStatuses', '__proto__', 'constructor'),
      fc.string(),
    );
    const object = fc.array(fc.tuple(key, member)).map((members) => {
      return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
    });
    const text = fc.oneof(object, fc.json(), fc.string());
    fc.assert(
      fc.property(text, (filter) => {
        try {
          parseTransferFilter(filter).matches?.({ name: 'transferOperations/a' });
        } catch (error) {
          expect(error).toBeInstanceOf(StatusError);
          expect((error as StatusError).code).toBe(Code.INVALID_ARGUMENT);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a name pattern', () => {
  test('means what the same regular expression means', () => {
    const letters = fc.array(fc.constantFrom('a', 'b', '.'), { maxLength: 8 }).map((list) => list.join(''));
    const pattern = fc.array(fc.constantFrom('a', 'b', '.', '*', '*'), { maxLength: 8 }).map((list) => list.join(''));
    fc.assert(
      fc.property(letters, pattern, (name, stars) => {
        const expression = new RegExp(`^${stars.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
        expect(matchesWildcards(name, stars)).toBe(expression.test(name));
      }),
      { numRuns: 5000 },
    );
  });

  test('with thousands of stars is decided without trying again', () => {
    const name = 'a'.repeat(20_000);

    // A matcher that goes back to earlier stars would not come back from this.
    expect(matchesWildcards(name, `${'a*'.repeat(5000)}b`)).toBe(false);
    expect(matchesWildcards(name, `${'*a'.repeat(5000)}*b*`)).toBe(false);
    expect(matchesWildcards(name, '*a'.repeat(5000))).toBe(true);
  });
});
