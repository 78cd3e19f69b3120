import { describe, expect, test } from '@jest/globals';
import { DEFAULT_BUCKET_METADATA, type BucketMetadata } from '../../../src/transfers/bucket-metadata.ts';
import { NOTHING_PRESERVED, type PreservedMetadata } from '../../../src/transfers/posix-metadata.ts';
import { Code, codeName } from '../../../src/core/code.ts';
import { StatusError } from '../../../src/core/status-error.ts';
import { snakeCase, type Message } from '../../../src/transfers/jobs/field-rules.ts';
import { dueTimeOf } from '../../../src/transfers/jobs/job-schedule.ts';
import { newTransferJob, withSettings } from '../../../src/transfers/jobs/job-rules.ts';
import { parseTransferJobName, type TransferJob } from '../../../src/transfers/jobs/transfer-job.ts';
import { transferSpecOf } from '../../../src/transfers/jobs/transfer-spec-message.ts';
import { JOB, jobWithSpec, SPEC } from './sample-job.ts';

const NEW = { name: 'transferJobs/1', now: 5000 };
const COMPATIBLE = { bucketName: 'bucket', endpoint: 's3.example.com' };
const AZURE = { storageAccount: 'acct', container: 'photos' };

function specOf({ transferSpec = {} }: TransferJob): Message {
  return transferSpec;
}

function refusal(action: () => unknown): { code: string; field: string | undefined } {
  try {
    action();
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return { code: codeName(error.code), field: error.info.metadata?.['field'] };
  }
  throw new Error('was accepted');
}

function fromSource(source: Message): Message {
  return { ...JOB, transferSpec: { ...source, posixDataSink: SPEC.posixDataSink } };
}

describe('a new transfer job', () => {
  test('keeps what its owner says, and when it was made', () => {
    const job = newTransferJob({ ...JOB, description: 'nightly' }, NEW);

    expect(job).toEqual({
      name: 'transferJobs/1',
      projectId: 'p',
      description: 'nightly',
      status: 'ENABLED',
      transferSpec: SPEC,
      createTimeMs: 5000,
      modifyTimeMs: 5000,
    });
  });

  test.each<[string, Message]>([
    ['an empty schedule, which the real API returns', { schedule: {} }],
    ['a schedule whose members are empty', { schedule: { scheduleStartDate: {} } }],
    ['gcloud --no-enable-posix-transfer-logs', { loggingConfig: { enableOnpremGcsTransferLogs: false } }],
    ['an unspecified payload format', { notificationConfig: { payloadFormat: 'PAYLOAD_FORMAT_UNSPECIFIED' } }],
    ['empty names', { serviceAccount: '', latestOperationName: '' }],
    ['times, which are the server’s', { creationTime: { seconds: '1' }, deletionTime: { seconds: '2' } }],
  ])('may come with %s, which is not kept', (_title, members) => {
    expect(newTransferJob({ ...JOB, ...members }, NEW)).toEqual(newTransferJob(JOB, NEW));
  });

  test('keeps its schedule, and from when on that counts', () => {
    const schedule = { scheduleStartDate: { year: 2026, month: 1, day: 2 } };

    expect(newTransferJob({ ...JOB, schedule }, NEW)).toMatchObject({ schedule, scheduleTimeMs: 5000 });
  });

  test.each<[string, Message]>([
    ['objectConditions', { objectConditions: {} }],
    ['agent pools', { sourceAgentPoolName: '', sinkAgentPoolName: '' }],
    ['a manifest', { transferManifest: { location: '' } }],
    ['delete options that are off', { transferOptions: { deleteObjectsUniqueInSink: false } }],
    ['the members a decoder adds for a oneof', { dataSource: 'posixDataSource', dataSink: 'posixDataSink' }],
  ])('may have a spec with empty %s', (_title, members) => {
    expect(transferSpecOf(specOf(newTransferJob(jobWithSpec(members), NEW)))).toEqual(transferSpecOf(SPEC));
  });

  test('has an endpoint with the defaults of the proto where its source says no more', () => {
    const job = newTransferJob(fromSource({ awsS3CompatibleDataSource: COMPATIBLE }), NEW);
    expect(transferSpecOf(specOf(job)).source).toEqual({
      kind: 's3-endpoint',
      endpoint: 'https://s3.example.com',
      region: '',
      bucket: 'bucket',
      path: '',
      // "When not specified, the default value of RequestModel REQUEST_MODEL_VIRTUAL_HOSTED_STYLE is used."
      isVirtualHosted: true,
      listsByMarker: false,
    });
  });

  test.each<[string, Message, string]>([
    ['no project', { ...JOB, projectId: '' }, 'transfer_job.project_id'],
    ['a project that is none', { ...JOB, projectId: 'a/b' }, 'transfer_job.project_id'],
    // "This value MUST be specified for CreateTransferJobRequests."
    ['no status', { ...JOB, status: undefined }, 'transfer_job.status'],
    // "Zero is an illegal value."
    ['the illegal status', { ...JOB, status: 'STATUS_UNSPECIFIED' }, 'transfer_job.status'],
    ['a status nobody knows', { ...JOB, status: 9 }, 'transfer_job.status'],
    ['the status DELETED', { ...JOB, status: 'DELETED' }, 'transfer_job.status'],
    // "Its max length is 1024 bytes when Unicode-encoded."
    ['a description of 1025 bytes', { ...JOB, description: `a${'ü'.repeat(512)}` }, 'transfer_job.description'],
    ['no spec', { ...JOB, transferSpec: undefined }, 'transfer_job.transfer_spec'],
    [
      'no source',
      { ...JOB, transferSpec: { posixDataSink: SPEC.posixDataSink } },
      'transfer_job.transfer_spec.data_source',
    ],
    ['HDFS', jobWithSpec({ hdfsDataSource: { path: '/' } }), 'transfer_job.transfer_spec.hdfs_data_source'],
    [
      'a bucket without a name',
      { ...JOB, transferSpec: { posixDataSource: SPEC.posixDataSource, gcsDataSink: {} } },
      'transfer_job.transfer_spec.gcs_data_sink.bucket_name',
    ],
    [
      'a path that begins with a slash',
      {
        ...JOB,
        transferSpec: { posixDataSource: SPEC.posixDataSource, gcsDataSink: { bucketName: 'abc', path: '/p/' } },
      },
      'transfer_job.transfer_spec.gcs_data_sink.path',
    ],
    [
      'no sink',
      { ...JOB, transferSpec: { posixDataSource: SPEC.posixDataSource } },
      'transfer_job.transfer_spec.data_sink',
    ],
    [
      'a pool that is none',
      jobWithSpec({ sourceAgentPoolName: 'agentPools/a' }),
      'transfer_job.transfer_spec.source_agent_pool_name',
    ],
    [
      'a source without directory',
      jobWithSpec({ posixDataSource: {} }),
      'transfer_job.transfer_spec.posix_data_source.root_directory',
    ],
    [
      'a container without an account',
      fromSource({ azureBlobStorageDataSource: { ...AZURE, storageAccount: '' } }),
      'transfer_job.transfer_spec.azure_blob_storage_data_source.storage_account',
    ],
    [
      'an account that would be another host',
      fromSource({ azureBlobStorageDataSource: { ...AZURE, storageAccount: 'evil.example.com/' } }),
      'transfer_job.transfer_spec.azure_blob_storage_data_source.storage_account',
    ],
    [
      'an account without a container',
      fromSource({ azureBlobStorageDataSource: { ...AZURE, container: 'a/b' } }),
      'transfer_job.transfer_spec.azure_blob_storage_data_source.container',
    ],
    [
      'an endpoint with something behind it',
      fromSource({ awsS3CompatibleDataSource: { ...COMPATIBLE, endpoint: 's3.example.com/path' } }),
      'transfer_job.transfer_spec.aws_s3_compatible_data_source.endpoint',
    ],
    [
      'an endpoint with a user',
      fromSource({ awsS3CompatibleDataSource: { ...COMPATIBLE, endpoint: 'https://a:b@s3.example.com' } }),
      'transfer_job.transfer_spec.aws_s3_compatible_data_source.endpoint',
    ],
    [
      'a bucket of no endpoint',
      fromSource({ awsS3CompatibleDataSource: { bucketName: 'bucket' } }),
      'transfer_job.transfer_spec.aws_s3_compatible_data_source.endpoint',
    ],
    [
      'two protocols',
      fromSource({
        awsS3CompatibleDataSource: {
          ...COMPATIBLE,
          endpoint: 'http://s3.example.com',
          s3Metadata: { protocol: 'NETWORK_PROTOCOL_HTTPS' },
        },
      }),
      'transfer_job.transfer_spec.aws_s3_compatible_data_source.endpoint',
    ],
    [
      'a region that would be another header',
      fromSource({ awsS3CompatibleDataSource: { ...COMPATIBLE, region: 'a/b' } }),
      'transfer_job.transfer_spec.aws_s3_compatible_data_source.region',
    ],
    [
      'a schedule that is none',
      { ...JOB, schedule: { scheduleEndDate: { year: 2026, month: 1, day: 2 } } },
      'transfer_job.schedule.schedule_start_date',
    ],
    // "This option and delete_objects_from_source_after_transfer are mutually exclusive."
    [
      'both delete options',
      jobWithSpec({ transferOptions: { deleteObjectsUniqueInSink: true, deleteObjectsFromSourceAfterTransfer: true } }),
      'transfer_job.transfer_spec.transfer_options',
    ],
    // "If the option delete_objects_unique_in_sink is `true` and time-based object conditions … are specified, the request fails
    // with an INVALID_ARGUMENT error."
    [
      'a deletion by time',
      jobWithSpec({
        transferOptions: { deleteObjectsUniqueInSink: true },
        objectConditions: { lastModifiedSince: { seconds: '1' } },
      }),
      'transfer_job.transfer_spec.object_conditions',
    ],
  ])('with %s is INVALID_ARGUMENT', (_title, message, field) => {
    expect(refusal(() => newTransferJob(message, NEW))).toEqual({ code: 'INVALID_ARGUMENT', field });
  });

  test.each<[Message, string]>([
    [{ serviceAccount: 'projects/-/serviceAccounts/1' }, 'service_account'],
    [{ somethingNew: true }, 'something_new'],
    [{ constructor: 'x' }, 'constructor'],
  ])('with %j is UNIMPLEMENTED naming the field', (members, field) => {
    expect(refusal(() => newTransferJob({ ...JOB, ...members }, NEW))).toEqual({
      code: 'UNIMPLEMENTED',
      field: `transfer_job.${field}`,
    });
  });

  test.each<[Message, string]>([
    [
      { gcsDataSource: { bucketName: 'b', managedFolderTransferEnabled: true } },
      'gcs_data_source.managed_folder_transfer_enabled',
    ],
    [{ awsS3DataSource: { bucketName: 'b', roleArn: 'arn' } }, 'aws_s3_data_source.role_arn'],
    [{ awsS3DataSource: { bucketName: 'b', credentialsSecret: 's' } }, 'aws_s3_data_source.credentials_secret'],
    [
      { azureBlobStorageDataSource: { ...AZURE, credentialsSecret: 's' } },
      'azure_blob_storage_data_source.credentials_secret',
    ],
    [
      { awsS3CompatibleDataSource: { ...COMPATIBLE, s3Metadata: { authMethod: 'AUTH_METHOD_AWS_SIGNATURE_V2' } } },
      'aws_s3_compatible_data_source.s3_metadata.auth_method',
    ],
    [
      { gcsIntermediateDataLocation: { bucketName: 'bucket', managedFolderTransferEnabled: true } },
      'gcs_intermediate_data_location.managed_folder_transfer_enabled',
    ],
    [{ objectConditions: { matchGlob: '**' } }, 'object_conditions.match_glob'],
    [
      { sourceAgentPoolName: 'projects/p/agentPools/a', sinkAgentPoolName: 'projects/p/agentPools/b' },
      'sink_agent_pool_name',
    ],
    [
      { transferOptions: { metadataOptions: { symlink: 'SYMLINK_FOLLOW' } } },
      'transfer_options.metadata_options.symlink',
    ],
    [{ transferOptions: { metadataOptions: { mode: 'MODE_KEEP' } } }, 'transfer_options.metadata_options.mode'],
    [
      { transferOptions: { metadataOptions: { storageClass: 'STORAGE_CLASS_GLACIER' } } },
      'transfer_options.metadata_options.storage_class',
    ],
    [{ transferOptions: { overwriteWhen: 7 } }, 'transfer_options.overwrite_when'],
  ])('with the spec %j is UNIMPLEMENTED naming the field', (members, field) => {
    expect(refusal(() => newTransferJob(jobWithSpec(members), NEW))).toEqual({
      code: 'UNIMPLEMENTED',
      field: `transfer_job.transfer_spec.${field}`,
    });
  });

  // transfer_types.proto: "For transfers between file systems, specifies a Cloud Storage bucket to be used as an intermediate location
  // through which to transfer data."
  test.each<Message>([{ bucketName: 'bucket' }, { bucketName: 'bucket', path: 'on/the/way/' }])(
    'between file systems keeps the intermediate bucket %j',
    (gcsIntermediateDataLocation) => {
      const job = newTransferJob(jobWithSpec({ gcsIntermediateDataLocation }), NEW);

      expect(specOf(job)).toEqual({ ...SPEC, gcsIntermediateDataLocation });
    },
  );

  const ON_THE_WAY = { gcsIntermediateDataLocation: { bucketName: 'bucket' } };
  test.each<[string, Message, string]>([
    ['of no bucket', { ...SPEC, gcsIntermediateDataLocation: {} }, '.bucket_name'],
    ['of a name that no bucket has', { ...SPEC, gcsIntermediateDataLocation: { bucketName: 'B' } }, '.bucket_name'],
    [
      'whose path does not end in a slash',
      { ...SPEC, gcsIntermediateDataLocation: { bucketName: 'bucket', path: 'a' } },
      '.path',
    ],
    ['into a bucket', { ...ON_THE_WAY, posixDataSource: SPEC.posixDataSource, gcsDataSink: { bucketName: 'to1' } }, ''],
    ['out of a bucket', { ...ON_THE_WAY, gcsDataSource: { bucketName: 'b-1' }, posixDataSink: SPEC.posixDataSink }, ''],
    [
      'from a list of URLs',
      { ...ON_THE_WAY, httpDataSource: { listUrl: 'http://h/list' }, posixDataSink: SPEC.posixDataSink },
      '',
    ],
  ])('with an intermediate location %s is INVALID_ARGUMENT', (_title, transferSpec, field) => {
    expect(refusal(() => newTransferJob({ ...JOB, transferSpec }, NEW))).toEqual({
      code: 'INVALID_ARGUMENT',
      field: `transfer_job.transfer_spec.gcs_intermediate_data_location${field}`,
    });
  });

  test('may spell out the metadata options that a copy has anyway', () => {
    const metadataOptions = { symlink: 'SYMLINK_SKIP', gid: 'GID_SKIP', temporaryHold: 'TEMPORARY_HOLD_PRESERVE' };

    const job = newTransferJob(jobWithSpec({ transferOptions: { metadataOptions } }), NEW);

    expect(job.transferSpec).toEqual({ ...SPEC, transferOptions: { metadataOptions } });
  });
});

describe('a job’s own messages', () => {
  const TOPIC = 'projects/p/topics/t';
  const EVERYTHING = {
    eventStream: {
      name: 'projects/p/subscriptions/s',
      eventStreamStartTime: { seconds: '1' },
      eventStreamExpirationTime: { seconds: '2' },
    },
    notificationConfig: {
      pubsubTopic: TOPIC,
      eventTypes: ['TRANSFER_OPERATION_SUCCESS', 'TRANSFER_OPERATION_FAILED'],
      payloadFormat: 'JSON',
    },
    loggingConfig: { logActions: ['FIND', 'COPY'], logActionStates: ['FAILED'], enableOnpremGcsTransferLogs: true },
  };

  test('are kept as its owner wrote them', () => {
    expect(newTransferJob({ ...JOB, ...EVERYTHING }, NEW)).toMatchObject(EVERYTHING);
  });

  test.each<[string, Message, string]>([
    // "Must be of the format: `projects/{project}/topics/{topic}`."
    ['a topic that is none', { notificationConfig: { pubsubTopic: 't', payloadFormat: 'NONE' } }, 'pubsub_topic'],
    [
      'a topic of a topic',
      { notificationConfig: { pubsubTopic: `${TOPIC}/u`, payloadFormat: 'NONE' } },
      'pubsub_topic',
    ],
    // "Required. The desired format of the notification message payloads."
    ['no format', { notificationConfig: { pubsubTopic: TOPIC } }, 'payload_format'],
    // "Illegal value, to avoid allowing a default."
    [
      'the illegal format',
      { notificationConfig: { pubsubTopic: TOPIC, payloadFormat: 'PAYLOAD_FORMAT_UNSPECIFIED' } },
      'payload_format',
    ],
    [
      'the illegal event',
      { notificationConfig: { pubsubTopic: TOPIC, payloadFormat: 'NONE', eventTypes: ['EVENT_TYPE_UNSPECIFIED'] } },
      'event_types[0]',
    ],
    // "Default value. This value is unused."
    [
      'an action that says nothing',
      { loggingConfig: { logActions: ['LOGGABLE_ACTION_UNSPECIFIED'] } },
      'log_actions[0]',
    ],
    [
      'a state that says nothing',
      { loggingConfig: { logActionStates: ['LOGGABLE_ACTION_STATE_UNSPECIFIED'] } },
      'log_action_states[0]',
    ],
    ['an action nobody knows', { loggingConfig: { logActions: ['COPY', 9] } }, 'log_actions[1]'],
    ['a state twice', { loggingConfig: { logActionStates: ['FAILED', 'FAILED'] } }, 'log_action_states'],
    ['a stream that is no queue', { eventStream: { name: 'queue' } }, 'name'],
    [
      'a stream that ends first',
      { eventStream: { ...EVERYTHING.eventStream, eventStreamStartTime: { seconds: '2' } } },
      'event_stream_expiration_time',
    ],
  ])('with %s are INVALID_ARGUMENT', (_title, members, field) => {
    const [key = ''] = Object.keys(members);
    const path = `transfer_job.${snakeCase(key)}.${field}`;

    expect(refusal(() => newTransferJob({ ...JOB, ...members }, NEW))).toEqual({
      code: 'INVALID_ARGUMENT',
      field: path,
    });
  });

  test('may name a queue of SQS', () => {
    const eventStream = { name: 'arn:aws:sqs:us-east-1:1234567891011:s3-notification-queue' };

    expect(newTransferJob({ ...JOB, eventStream }, NEW)).toMatchObject({ eventStream });
  });

  // "When EventStream is specified, the Schedule fields are ignored."
  test('keep a schedule from counting beside an event stream', () => {
    const schedule = { scheduleStartDate: { year: 2026, month: 1, day: 2 } };

    const job = newTransferJob({ ...JOB, ...EVERYTHING, schedule }, NEW);

    expect(job).toMatchObject({ schedule });
    expect(dueTimeOf(job)).toBeUndefined();
  });
});

describe('a replication', () => {
  const REPLICATION: Message = {
    gcsDataSource: { bucketName: 'from' },
    gcsDataSink: { bucketName: 'to' },
    objectConditions: { includePrefixes: ['a/'] },
    transferOptions: { metadataOptions: { storageClass: 'STORAGE_CLASS_NEARLINE' } },
  };

  function create(members: Message, job: Message = {}): TransferJob {
    const { transferSpec: _spec, ...rest } = JOB;
    return newTransferJob({ ...rest, ...job, replicationSpec: { ...REPLICATION, ...members } }, NEW);
  }

  test('is kept as its owner wrote it, without a transfer', () => {
    const job = create({ dataSource: 'gcsDataSource' });

    expect(job.replicationSpec).toEqual(REPLICATION);
    expect(job).not.toHaveProperty('transferSpec');
  });

  test.each<[string, Message, string]>([
    ['no source', { gcsDataSource: undefined }, 'gcs_data_source.bucket_name'],
    ['no sink', { gcsDataSink: { path: 'a/' } }, 'gcs_data_sink.bucket_name'],
    // "For replication jobs, only `include_prefixes` and `exclude_prefixes` are supported."
    ['a condition on time', { objectConditions: { lastModifiedSince: {} } }, 'object_conditions.last_modified_since'],
    [
      'a prefix with a slash',
      { objectConditions: { excludePrefixes: ['/a'] } },
      'object_conditions.exclude_prefixes[0]',
    ],
    // "If a delete option is specified, the request fails with an INVALID_ARGUMENT error."
    [
      'a delete option',
      { transferOptions: { deleteObjectsUniqueInSink: true } },
      'transfer_options.delete_objects_unique_in_sink',
    ],
  ])('with %s is INVALID_ARGUMENT', (_title, members, field) => {
    expect(refusal(() => create(members))).toEqual({
      code: 'INVALID_ARGUMENT',
      field: `transfer_job.replication_spec.${field}`,
    });
  });

  test('beside a transfer is INVALID_ARGUMENT', () => {
    expect(refusal(() => create({}, { transferSpec: SPEC }))).toEqual({
      code: 'INVALID_ARGUMENT',
      field: 'transfer_job.replication_spec',
    });
  });
});

describe('what a spec overwrites', () => {
  // "If not set, overwrite behavior is determined by overwrite_objects_already_existing_in_sink."
  test.each<[Message, string]>([
    [{}, 'DIFFERENT'],
    [{ overwriteObjectsAlreadyExistingInSink: true }, 'ALWAYS'],
    [{ overwriteWhen: 'OVERWRITE_WHEN_UNSPECIFIED', overwriteObjectsAlreadyExistingInSink: true }, 'ALWAYS'],
    [{ overwriteWhen: 'NEVER', overwriteObjectsAlreadyExistingInSink: true }, 'NEVER'],
    [{ overwriteWhen: 'ALWAYS' }, 'ALWAYS'],
    [{ overwriteWhen: 'DIFFERENT' }, 'DIFFERENT'],
  ])('%j is %s', (transferOptions, expected) => {
    const job = newTransferJob(jobWithSpec({ transferOptions }), NEW);

    expect(transferSpecOf(specOf(job))).toEqual({
      source: { kind: 'posix', rootDirectory: '/data/from' },
      sink: { kind: 'posix', rootDirectory: '/data/to' },
      overwriteWhen: expected,
      metadata: NOTHING_PRESERVED,
      bucketMetadata: DEFAULT_BUCKET_METADATA,
      deletes: 'nothing',
    });
  });
});

describe('what a spec deletes', () => {
  test.each<[Message, string]>([
    [{}, 'nothing'],
    [{ deleteObjectsUniqueInSink: false, deleteObjectsFromSourceAfterTransfer: false }, 'nothing'],
    [{ deleteObjectsUniqueInSink: true }, 'unique-in-sink'],
    [{ deleteObjectsFromSourceAfterTransfer: true }, 'from-source'],
  ])('%j is %s', (transferOptions, expected) => {
    const job = newTransferJob(jobWithSpec({ transferOptions }), NEW);

    expect(transferSpecOf(specOf(job)).deletes).toBe(expected);
  });
});

describe('what a spec preserves', () => {
  // MetadataOptions: "By default, mode is not preserved", and so with the others.
  test.each<[Message, Partial<PreservedMetadata>]>([
    [{}, {}],
    [{ mode: 'MODE_UNSPECIFIED', uid: 'UID_UNSPECIFIED', gid: 'GID_UNSPECIFIED', symlink: 'SYMLINK_UNSPECIFIED' }, {}],
    [{ mode: 'MODE_SKIP', uid: 'UID_SKIP', gid: 'GID_SKIP', symlink: 'SYMLINK_SKIP' }, {}],
    [{ mode: 'MODE_PRESERVE' }, { mode: true }],
    [{ uid: 'UID_NUMBER' }, { uid: true }],
    [{ gid: 'GID_NUMBER' }, { gid: true }],
    [{ symlink: 'SYMLINK_PRESERVE' }, { symlinks: true }],
  ])('with %j is %j', (metadataOptions, preserved) => {
    const job = newTransferJob(jobWithSpec({ transferOptions: { metadataOptions } }), NEW);

    expect(transferSpecOf(specOf(job)).metadata).toEqual({ ...NOTHING_PRESERVED, ...preserved });
  });

  test.each<[Message, Partial<BucketMetadata>]>([
    [{}, {}],
    [{ storageClass: 'STORAGE_CLASS_UNSPECIFIED', temporaryHold: 'TEMPORARY_HOLD_UNSPECIFIED' }, {}],
    [{ acl: 'ACL_UNSPECIFIED', kmsKey: 'KMS_KEY_UNSPECIFIED', timeCreated: 'TIME_CREATED_UNSPECIFIED' }, {}],
    [{ storageClass: 'STORAGE_CLASS_DESTINATION_BUCKET_DEFAULT', temporaryHold: 'TEMPORARY_HOLD_PRESERVE' }, {}],
    [
      {
        acl: 'ACL_DESTINATION_BUCKET_DEFAULT',
        kmsKey: 'KMS_KEY_DESTINATION_BUCKET_DEFAULT',
        timeCreated: 'TIME_CREATED_SKIP',
      },
      {},
    ],
    [{ storageClass: 'STORAGE_CLASS_PRESERVE' }, { storageClass: 'of-source' }],
    [{ storageClass: 'STORAGE_CLASS_STANDARD' }, { storageClass: 'STANDARD' }],
    [{ storageClass: 'STORAGE_CLASS_NEARLINE' }, { storageClass: 'NEARLINE' }],
    [{ storageClass: 'STORAGE_CLASS_COLDLINE' }, { storageClass: 'COLDLINE' }],
    [{ storageClass: 'STORAGE_CLASS_ARCHIVE' }, { storageClass: 'ARCHIVE' }],
    [{ temporaryHold: 'TEMPORARY_HOLD_SKIP' }, { temporaryHold: false }],
    [{ kmsKey: 'KMS_KEY_PRESERVE' }, { kmsKey: true }],
    [{ timeCreated: 'TIME_CREATED_PRESERVE_AS_CUSTOM_TIME' }, { createTime: true }],
    [{ acl: 'ACL_PRESERVE' }, { acl: true }],
  ])('with %j is %j of what is for buckets', (metadataOptions, kept) => {
    const job = newTransferJob(jobWithSpec({ transferOptions: { metadataOptions } }), NEW);

    expect(transferSpecOf(specOf(job)).bucketMetadata).toEqual({ ...DEFAULT_BUCKET_METADATA, ...kept });
  });
});

describe('a job’s status', () => {
  const job = newTransferJob(JOB, NEW);

  test('DELETED comes with the time of the deletion, which stays', () => {
    const deleted = withSettings(job, { ...job, status: 'DELETED' }, 6000);

    expect(deleted).toMatchObject({ status: 'DELETED', deleteTimeMs: 6000, modifyTimeMs: 6000 });
    expect(withSettings(deleted, { ...deleted, description: 'x' }, 7000)).toMatchObject({ deleteTimeMs: 6000 });
  });

  test('ENABLED takes a deletion back', () => {
    const deleted = withSettings(job, { ...job, status: 'DELETED' }, 6000);

    expect(withSettings(deleted, { ...deleted, status: 'ENABLED' }, 7000)).not.toHaveProperty('deleteTimeMs');
  });
});

describe('a job name', () => {
  // "This name must start with "transferJobs/" prefix and end with a letter or a number, and should be no more than 128 characters."
  test.each([
    ['transferJobs/1', true],
    ['transferJobs/OPI-a._~b', true],
    [`transferJobs/${'a'.repeat(115)}`, true],
    [`transferJobs/${'a'.repeat(116)}`, false],
    ['transferJobs/', false],
    ['transferJobs', false],
    ['transferJobs/a-', false],
    ['transferJobs/a/b', false],
    ['transferJobs/a:b', false],
    ['transferJobs/a b', false],
    ['transferJobs/a\n', false],
    ['transferOperations/a', false],
    ['a', false],
    ['', false],
  ])('%j: %s', (name, isValid) => {
    const parse = () => parseTransferJobName(name, 'job_name');

    if (isValid) expect(parse()).toBe(name);
    else expect(refusal(parse)).toEqual({ code: codeName(Code.INVALID_ARGUMENT), field: 'job_name' });
  });
});
