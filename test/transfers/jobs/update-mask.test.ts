import { describe, expect, test } from '@jest/globals';
import { Code } from '../../../src/core/code.ts';
import { StatusError } from '../../../src/core/status-error.ts';
import type { Message } from '../../../src/transfers/jobs/field-rules.ts';
import { maskedUpdate } from '../../../src/transfers/jobs/update-mask.ts';
import { SPEC } from './sample-job.ts';

const CURRENT: Message = {
  name: 'transferJobs/1',
  projectId: 'p',
  description: 'old',
  status: 'ENABLED',
  transferSpec: SPEC,
};
const OTHER_SPEC = { ...SPEC, posixDataSink: { rootDirectory: '/elsewhere' } };
const GCLOUD_MASK = ['description', 'logging_config', 'notification_config', 'schedule', 'status', 'transfer_spec'];

function refusal(action: () => unknown): StatusError {
  try {
    action();
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('an update mask', () => {
  test.each<[string, Message, string[], Message]>([
    ['changes what it names only', { description: 'new', status: 'DISABLED' }, ['status'], { status: 'DISABLED' }],
    ['clears what the job does not have', {}, ['description'], { description: undefined }],
    ['takes snake_case', { transferSpec: OTHER_SPEC }, ['transfer_spec'], { transferSpec: OTHER_SPEC }],
    ['takes camelCase', { transferSpec: OTHER_SPEC }, ['transferSpec'], { transferSpec: OTHER_SPEC }],
    // As the Node client's samples send it.
    [
      'reaches into the spec',
      { transferSpec: { transferOptions: { overwriteWhen: 'NEVER' } } },
      ['transfer_spec.transfer_options'],
      { transferSpec: { ...SPEC, transferOptions: { overwriteWhen: 'NEVER' } } },
    ],
    [
      'reaches deeply into the spec',
      { transferSpec: { transferOptions: { overwriteWhen: 'NEVER' }, posixDataSink: { rootDirectory: '/elsewhere' } } },
      ['transferSpec.posixDataSink.rootDirectory'],
      { transferSpec: OTHER_SPEC },
    ],
    [
      'clears within the spec',
      { transferSpec: {} },
      ['transfer_spec.posix_data_sink'],
      { transferSpec: { posixDataSource: SPEC.posixDataSource } },
    ],
    [
      'of gcloud comes with the whole job as it was read',
      {
        ...CURRENT,
        projectId: undefined,
        description: 'new',
        creationTime: { seconds: '1' },
        lastModificationTime: { seconds: '1' },
        latestOperationName: 'transferOperations/x',
      },
      GCLOUD_MASK,
      { description: 'new' },
    ],
    ['leaves fields of a job alone that it does not name', { name: 'transferJobs/2' }, ['schedule'], {}],
  ])('%s', (_title, body, mask, changes) => {
    const expected = Object.fromEntries(
      Object.entries({ ...CURRENT, ...changes }).filter(([, value]) => value !== undefined),
    );

    expect(maskedUpdate(CURRENT, body, mask)).toEqual(expected);
  });

  test.each([
    'name',
    'project_id',
    'creation_time',
    'latest_operation_name',
    'replication_spec',
    'service_account',
    '*',
    '',
    'transfer_spec.',
    'transfer_spec.colour',
    'transfer_spec.data_source',
    'transferSpec.transferOptions.overwriteWhen.x',
    'description.x',
    'schedule.colour',
    '__proto__',
    'transfer_spec.constructor',
  ])('with the path %j is INVALID_ARGUMENT', (path) => {
    const error = refusal(() => maskedUpdate(CURRENT, CURRENT, [path]));

    expect(error.code).toBe(Code.INVALID_ARGUMENT);
    expect(error.fieldViolations[0]?.field).toBe('update_transfer_job_field_mask');
  });
});

describe('an update without a mask', () => {
  test('changes the fields that are set', () => {
    expect(maskedUpdate(CURRENT, { description: 'new', status: 'STATUS_UNSPECIFIED' }, [])).toEqual({
      ...CURRENT,
      description: 'new',
    });
  });

  test('may repeat which job it is about, and what only the server writes', () => {
    const body = { ...CURRENT, status: 'DISABLED', creationTime: { seconds: '1' } };

    expect(maskedUpdate(CURRENT, body, [])).toEqual({ ...CURRENT, status: 'DISABLED' });
  });

  // "An UpdateTransferJobRequest that specifies other fields are rejected with the error INVALID_ARGUMENT."
  test.each<[Message, string]>([
    [{ name: 'transferJobs/2' }, 'transfer_job.name'],
    [{ projectId: 'q' }, 'transfer_job.project_id'],
    [{ serviceAccount: 'projects/-/serviceAccounts/1' }, 'transfer_job.service_account'],
    [{ replicationSpec: { gcsDataSource: { bucketName: 'b' } } }, 'transfer_job.replication_spec'],
  ])('that sets %j is INVALID_ARGUMENT', (members, field) => {
    const error = refusal(() => maskedUpdate(CURRENT, { ...CURRENT, ...members }, []));

    expect(error.code).toBe(Code.INVALID_ARGUMENT);
    expect(error.fieldViolations[0]?.field).toBe(field);
  });
});
