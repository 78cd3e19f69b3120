import { describe, expect, test } from '@jest/globals';
import { Code } from '../../../src/core/code.ts';
import { StatusError } from '../../../src/core/status-error.ts';
import { parseTransferJobFilter } from '../../../src/transfers/jobs/job-filter.ts';

describe('a transfer jobs filter', () => {
  test.each([
    ['{"projectId":"p"}', { projectId: 'p', replications: false }],
    ['{"project_id":"p","jobNames":null,"jobStatuses":null}', { projectId: 'p', replications: false }],
    [
      '{"projectId":"p","jobNames":["1","transferJobs/2"]}',
      { projectId: 'p', names: ['transferJobs/1', 'transferJobs/2'], replications: false },
    ],
    // "Valid values are case-insensitive".
    [
      '{"projectId":"p","job_statuses":["enabled","Deleted"]}',
      { projectId: 'p', statuses: ['ENABLED', 'DELETED'], replications: false },
    ],
    ['{"projectId":"p","dataBackend":"QUERY_REPLICATION_CONFIGS"}', { projectId: 'p', replications: true }],
    ['{"projectId":"p","sourceBucket":"b"}', { projectId: 'p', replications: false, sourceBucket: 'b' }],
    ['{"projectId":"p","sinkBucket":"b"}', { projectId: 'p', replications: false, sinkBucket: 'b' }],
    ['{"projectId":"p","sinkBucket":"","dataBackend":""}', { projectId: 'p', replications: false }],
  ])('%s is understood', (filter, expected) => {
    expect(parseTransferJobFilter(filter)).toEqual(expected);
  });

  test.each([
    ['', 'filter'],
    ['{}', 'filter.projectId'],
    ['{"projectId":"p","jobStatuses":["DONE"]}', 'filter.jobStatuses[0]'],
    ['{"projectId":"p","jobStatuses":"ENABLED"}', 'filter.jobStatuses'],
    ['{"projectId":"p","dataBackend":"X"}', 'filter.dataBackend'],
    ['{"projectId":"p","sourceBucket":1}', 'filter.sourceBucket'],
    ['{"projectId":"p","transferStatuses":["SUCCESS"]}', 'filter.transferStatuses'],
  ])('%s is INVALID_ARGUMENT naming the member', (filter, field) => {
    let error: unknown;
    try {
      parseTransferJobFilter(filter);
    } catch (caught) {
      error = caught;
    }

    expect(error).toBeInstanceOf(StatusError);
    expect(error).toMatchObject({ code: Code.INVALID_ARGUMENT, fieldViolations: [{ field }] });
  });
});
