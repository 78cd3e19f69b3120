/** A field or value of the proto's options, and the test that would fail without it. */
export interface HeldOption {
  /** Of google.storagetransfer.v1, such as `Schedule.repeat_interval`. */
  readonly name: string;
  /** Of transfer_types.proto, word for word. */
  readonly sentence: string;
  /** Below test/. */
  readonly file: string;
  /** What stands in that file: the test's name, or the row of its table. */
  readonly test: string;
}

/** Every field and value of these messages, in the order of the proto. */
export const MESSAGES = [
  'ObjectConditions',
  'AgentPool',
  'TransferOptions',
  'TransferSpec',
  'MetadataOptions',
  'Schedule',
  'EventStream',
  'NotificationConfig',
  'LoggingConfig',
] as const;

export const OPTIONS: readonly HeldOption[] = [
  {
    name: 'ObjectConditions.min_time_elapsed_since_last_modification',
    sentence:
      'Ensures that objects are not transferred until a specific minimum time has elapsed after the "last modification time".',
    file: 'transfers/conditions.test.ts',
    test: '[\'min: "equal to or greater than the value"\'',
  },
  {
    name: 'ObjectConditions.max_time_elapsed_since_last_modification',
    sentence:
      'Ensures that objects are not transferred if a specific maximum time has elapsed since the "last modification time".',
    file: 'transfers/conditions.test.ts',
    test: '[\'max: "less than the value"\'',
  },
  {
    name: 'ObjectConditions.include_prefixes',
    sentence: 'Objects must start with one of the matching `include_prefixes` for inclusion in the transfer.',
    file: 'transfers/conditions.test.ts',
    test: '"Objects must start with one of the matching include_prefixes"',
  },
  {
    name: 'ObjectConditions.exclude_prefixes',
    sentence: 'Objects must not start with one of the matching',
    file: 'transfers/conditions.test.ts',
    test: '"must not start with any of the exclude_prefixes"',
  },
  {
    name: 'ObjectConditions.last_modified_since',
    sentence: 'only objects with a "last modification time" on or after this timestamp',
    file: 'transfers/conditions.test.ts',
    test: '[\'since: "on or after this timestamp"\'',
  },
  {
    name: 'ObjectConditions.last_modified_before',
    sentence:
      'If specified, only objects with a "last modification time" before this timestamp and objects that don\'t have a "last modification time" are transferred.',
    file: 'transfers/conditions.test.ts',
    test: '[\'before: "before this timestamp"\'',
  },
  {
    name: 'AgentPool.State.STATE_UNSPECIFIED',
    sentence: 'Default value.',
    file: 'api/agent-pools.test.ts',
    test: 'makes a pool that can be used at once',
  },
  {
    name: 'AgentPool.State.CREATING',
    sentence: 'This is an initialization state.',
    file: 'api/agent-pools.test.ts',
    test: 'makes a pool that can be used at once',
  },
  {
    name: 'AgentPool.State.CREATED',
    sentence: 'Determines that the AgentPool is created for use.',
    file: 'api/agent-pools.test.ts',
    test: 'makes a pool that can be used at once',
  },
  {
    name: 'AgentPool.State.DELETING',
    sentence:
      'Determines that the AgentPool deletion has been initiated, and all the resources are scheduled to be cleaned up and freed.',
    file: 'api/agent-pools.test.ts',
    test: 'forgets the pool',
  },
  {
    name: 'AgentPool.BandwidthLimit.limit_mbps',
    sentence: 'Bandwidth rate in megabytes per second, distributed across all the agents in the pool.',
    file: 'e2e/agent-pools.test.ts',
    test: 'a pool’s bandwidth limit holds for its transfers, and a change holds for one that runs',
  },
  {
    name: 'AgentPool.name',
    sentence: 'Specifies a unique string that identifies the agent pool.',
    file: 'api/agent-pools.test.ts',
    test: 'with the id %j: %s',
  },
  {
    name: 'AgentPool.display_name',
    sentence: 'Specifies the client-specified AgentPool description.',
    file: 'api/agent-pools.test.ts',
    test: "['the mask’s fields'",
  },
  {
    name: 'AgentPool.state',
    sentence: 'Specifies the state of the AgentPool.',
    file: 'api/agent-pools.test.ts',
    test: 'makes a pool that can be used at once',
  },
  {
    name: 'AgentPool.bandwidth_limit',
    sentence: 'Specifies the bandwidth limit details.',
    file: 'e2e/bucket-transfer.test.ts',
    test: 'the bandwidth limit of an agent pool holds for what goes to a bucket, until it is taken away',
  },
  {
    name: 'TransferOptions.OverwriteWhen.OVERWRITE_WHEN_UNSPECIFIED',
    sentence: 'Overwrite behavior is unspecified.',
    file: 'transfers/jobs/job-rules.test.ts',
    test: "overwriteWhen: 'OVERWRITE_WHEN_UNSPECIFIED', overwriteObjectsAlreadyExistingInSink: true }, 'ALWAYS'",
  },
  {
    name: 'TransferOptions.OverwriteWhen.DIFFERENT',
    sentence:
      'Overwrites destination objects with the source objects, only if the objects have the same name but different HTTP ETags or checksum values.',
    file: 'transfers/run-transfer.test.ts',
    test: "['DIFFERENT', 3, 1]",
  },
  {
    name: 'TransferOptions.OverwriteWhen.NEVER',
    sentence: 'Never overwrites a destination object if a source object has the same name.',
    file: 'transfers/run-transfer.test.ts',
    test: "['NEVER', 1, 3]",
  },
  {
    name: 'TransferOptions.OverwriteWhen.ALWAYS',
    sentence:
      'Always overwrite the destination object with the source object, even if the HTTP Etags or checksum values are the same.',
    file: 'transfers/run-transfer.test.ts',
    test: "['ALWAYS', 4, undefined]",
  },
  {
    name: 'TransferOptions.overwrite_objects_already_existing_in_sink',
    sentence:
      'If true, all objects in the sink whose name matches an object in the source are overwritten with the source object.',
    file: 'transfers/jobs/job-rules.test.ts',
    test: "[{ overwriteObjectsAlreadyExistingInSink: true }, 'ALWAYS']",
  },
  {
    name: 'TransferOptions.delete_objects_unique_in_sink',
    sentence: 'Whether objects that exist only in the sink should be deleted.',
    file: 'transfers/deletes.test.ts',
    test: 'deletes what the source does not have, before, between and behind its keys',
  },
  {
    name: 'TransferOptions.delete_objects_from_source_after_transfer',
    sentence: 'Whether objects should be deleted from the source after they are transferred to the sink.',
    file: 'transfers/deletes.test.ts',
    test: 'removes what was copied, large objects too, and keeps directories',
  },
  {
    name: 'TransferOptions.overwrite_when',
    sentence: 'If not set, overwrite behavior is determined by',
    file: 'transfers/run-transfer.test.ts',
    test: '%s copies %d and skips %s',
  },
  {
    name: 'TransferOptions.metadata_options',
    sentence: 'Represents the selected metadata options for a transfer job.',
    file: 'transfers/jobs/job-rules.test.ts',
    test: 'what a spec preserves',
  },
  {
    name: 'TransferSpec.gcs_data_sink',
    sentence: 'A Cloud Storage data sink.',
    file: 'e2e/bucket-transfer.test.ts',
    test: 'goes to ${bucket} and back, times and all, and nothing goes twice',
  },
  {
    name: 'TransferSpec.posix_data_sink',
    sentence: 'A POSIX Filesystem data sink.',
    file: 'transfers/run-transfer.test.ts',
    test: 'is equal to its source, durability %s',
  },
  {
    name: 'TransferSpec.gcs_data_source',
    sentence: 'A Cloud Storage data source.',
    file: 'e2e/bucket-transfer.test.ts',
    test: 'a bucket goes to another service, and one bound to a directory is that directory',
  },
  {
    name: 'TransferSpec.aws_s3_data_source',
    sentence: 'An AWS S3 data source.',
    file: 'e2e/request-credentials.test.ts',
    test: 'credentials of requests are used, and stand in no answer, file or log',
  },
  {
    name: 'TransferSpec.http_data_source',
    sentence: 'An HTTP URL data source.',
    file: 'e2e/bucket-transfer.test.ts',
    test: 'a list of URLs is copied into a bucket, from hosts that the operator allows',
  },
  {
    name: 'TransferSpec.posix_data_source',
    sentence: 'A POSIX Filesystem data source.',
    file: 'transfers/run-transfer.test.ts',
    test: 'is equal to its source, durability %s',
  },
  {
    name: 'TransferSpec.azure_blob_storage_data_source',
    sentence: 'An Azure Blob Storage data source.',
    file: 'e2e/bucket-transfer.test.ts',
    test: 'a container of Azure is a source by its account and name, with what the operator bound to them',
  },
  {
    name: 'TransferSpec.aws_s3_compatible_data_source',
    sentence: 'An AWS S3 compatible data source.',
    file: 'e2e/bucket-transfer.test.ts',
    test: 'an endpoint that the caller names is a source, by %s',
  },
  {
    name: 'TransferSpec.hdfs_data_source',
    sentence: 'An HDFS cluster data source.',
    file: 'transfers/jobs/job-rules.test.ts',
    test: "['HDFS', jobWithSpec({ hdfsDataSource",
  },
  {
    name: 'TransferSpec.gcs_intermediate_data_location',
    sentence: 'specifies a Cloud Storage bucket to be used as an intermediate location through which to transfer data.',
    file: 'transfers/jobs/job-rules.test.ts',
    test: 'between file systems keeps the intermediate bucket %j',
  },
  {
    name: 'TransferSpec.object_conditions',
    sentence:
      'Only objects that satisfy these object conditions are included in the set of data source and data sink objects.',
    file: 'e2e/object-conditions.test.ts',
    test: 'only what begins with a prefix is copied, or deleted at the sink',
  },
  {
    name: 'TransferSpec.transfer_options',
    sentence: 'are specified, the request fails with an',
    file: 'transfers/jobs/job-rules.test.ts',
    test: 'what a spec overwrites',
  },
  {
    name: 'TransferSpec.transfer_manifest',
    sentence: 'A manifest file provides a list of objects to be transferred from the data source.',
    file: 'transfers/manifest.test.ts',
    test: 'has what it names copied, in any order and once, and nothing else looked at',
  },
  {
    name: 'TransferSpec.source_agent_pool_name',
    sentence: 'Specifies the agent pool name associated with the posix data source.',
    file: 'api/agent-pools.test.ts',
    test: 'by %s runs by workers of that pool only',
  },
  {
    name: 'TransferSpec.sink_agent_pool_name',
    sentence: 'Specifies the agent pool name associated with the posix data sink.',
    file: 'api/agent-pools.test.ts',
    test: 'by %s runs by workers of that pool only',
  },
  {
    name: 'MetadataOptions.Symlink.SYMLINK_UNSPECIFIED',
    sentence: 'Symlink behavior is unspecified.',
    file: 'transfers/jobs/job-rules.test.ts',
    test: "symlink: 'SYMLINK_UNSPECIFIED' }, {}]",
  },
  {
    name: 'MetadataOptions.Symlink.SYMLINK_SKIP',
    sentence: 'Do not preserve symlinks during a transfer job.',
    file: 'e2e/posix-metadata.test.ts',
    test: 'a job that preserves symbolic links copies them as they are, and one that does not leaves them',
  },
  {
    name: 'MetadataOptions.Symlink.SYMLINK_PRESERVE',
    sentence: 'Preserve symlinks during a transfer job.',
    file: 'e2e/posix-metadata.test.ts',
    test: 'a job that preserves symbolic links copies them as they are, and one that does not leaves them',
  },
  {
    name: 'MetadataOptions.Mode.MODE_UNSPECIFIED',
    sentence: 'Mode behavior is unspecified.',
    file: 'transfers/jobs/job-rules.test.ts',
    test: "symlink: 'SYMLINK_UNSPECIFIED' }, {}]",
  },
  {
    name: 'MetadataOptions.Mode.MODE_SKIP',
    sentence: 'Do not preserve mode during a transfer job.',
    file: 'transfers/posix-metadata.test.ts',
    test: 'are not those of the source when nothing is asked for, nor is an empty directory made',
  },
  {
    name: 'MetadataOptions.Mode.MODE_PRESERVE',
    sentence: 'Preserve mode during a transfer job.',
    file: 'e2e/posix-metadata.test.ts',
    test: 'a job that preserves the mode says so, copies it, and puts right what changes later',
  },
  {
    name: 'MetadataOptions.GID.GID_UNSPECIFIED',
    sentence: 'GID behavior is unspecified.',
    file: 'transfers/jobs/job-rules.test.ts',
    test: "symlink: 'SYMLINK_UNSPECIFIED' }, {}]",
  },
  {
    name: 'MetadataOptions.GID.GID_SKIP',
    sentence: 'Do not preserve GID during a transfer job.',
    file: 'transfers/posix-metadata.test.ts',
    test: "['the user only', { uid: true }",
  },
  {
    name: 'MetadataOptions.GID.GID_NUMBER',
    sentence: 'Preserve GID during a transfer job.',
    file: 'transfers/posix-metadata.test.ts',
    test: "['the group only', { gid: true }",
  },
  {
    name: 'MetadataOptions.UID.UID_UNSPECIFIED',
    sentence: 'UID behavior is unspecified.',
    file: 'transfers/jobs/job-rules.test.ts',
    test: "symlink: 'SYMLINK_UNSPECIFIED' }, {}]",
  },
  {
    name: 'MetadataOptions.UID.UID_SKIP',
    sentence: 'Do not preserve UID during a transfer job.',
    file: 'transfers/posix-metadata.test.ts',
    test: "['the group only', { gid: true }",
  },
  {
    name: 'MetadataOptions.UID.UID_NUMBER',
    sentence: 'Preserve UID during a transfer job.',
    file: 'transfers/posix-metadata.test.ts',
    test: "['the user only', { uid: true }",
  },
  {
    name: 'MetadataOptions.Acl.ACL_UNSPECIFIED',
    sentence: 'ACL behavior is unspecified.',
    file: 'transfers/jobs/job-rules.test.ts',
    test: "timeCreated: 'TIME_CREATED_UNSPECIFIED' }, {}]",
  },
  {
    name: 'MetadataOptions.Acl.ACL_DESTINATION_BUCKET_DEFAULT',
    sentence: "Use the destination bucket's default object ACLS, if applicable.",
    file: 'transfers/bucket-metadata.test.ts',
    test: 'has the access control list that its bucket gives',
  },
  {
    name: 'MetadataOptions.Acl.ACL_PRESERVE',
    sentence: "Preserve the object's original ACLs.",
    file: 'transfers/bucket-metadata.test.ts',
    test: 'keeps its access control list where that is asked for',
  },
  {
    name: 'MetadataOptions.StorageClass.STORAGE_CLASS_UNSPECIFIED',
    sentence: 'Storage class behavior is unspecified.',
    file: 'transfers/jobs/job-rules.test.ts',
    test: "temporaryHold: 'TEMPORARY_HOLD_UNSPECIFIED' }, {}]",
  },
  {
    name: 'MetadataOptions.StorageClass.STORAGE_CLASS_DESTINATION_BUCKET_DEFAULT',
    sentence: "Use the destination bucket's default storage class.",
    file: 'transfers/bucket-metadata.test.ts',
    test: 'has the storage class of its bucket unless it is asked for otherwise',
  },
  {
    name: 'MetadataOptions.StorageClass.STORAGE_CLASS_PRESERVE',
    sentence: "Preserve the object's original storage class.",
    file: 'transfers/bucket-metadata.test.ts',
    test: 'keeps its storage class %s where that is asked for',
  },
  {
    name: 'MetadataOptions.StorageClass.STORAGE_CLASS_STANDARD',
    sentence: 'Set the storage class to STANDARD.',
    file: 'stores/places/kept-metadata.test.ts',
    test: "['gcs', 'STANDARD', 'STANDARD']",
  },
  {
    name: 'MetadataOptions.StorageClass.STORAGE_CLASS_NEARLINE',
    sentence: 'Set the storage class to NEARLINE.',
    file: 'stores/places/kept-metadata.test.ts',
    test: "['gcs', 'NEARLINE', 'NEARLINE']",
  },
  {
    name: 'MetadataOptions.StorageClass.STORAGE_CLASS_COLDLINE',
    sentence: 'Set the storage class to COLDLINE.',
    file: 'stores/places/kept-metadata.test.ts',
    test: "['gcs', 'COLDLINE', 'COLDLINE']",
  },
  {
    name: 'MetadataOptions.StorageClass.STORAGE_CLASS_ARCHIVE',
    sentence: 'Set the storage class to ARCHIVE.',
    file: 'stores/places/kept-metadata.test.ts',
    test: "['gcs', 'ARCHIVE', 'ARCHIVE']",
  },
  {
    name: 'MetadataOptions.TemporaryHold.TEMPORARY_HOLD_UNSPECIFIED',
    sentence: 'Temporary hold behavior is unspecified.',
    file: 'transfers/jobs/job-rules.test.ts',
    test: "temporaryHold: 'TEMPORARY_HOLD_UNSPECIFIED' }, {}]",
  },
  {
    name: 'MetadataOptions.TemporaryHold.TEMPORARY_HOLD_SKIP',
    sentence: 'Do not set a temporary hold on the destination object.',
    file: 'transfers/bucket-metadata.test.ts',
    test: 'is not held where that is not asked for',
  },
  {
    name: 'MetadataOptions.TemporaryHold.TEMPORARY_HOLD_PRESERVE',
    sentence: "Preserve the object's original temporary hold status.",
    file: 'transfers/bucket-metadata.test.ts',
    test: 'is held as its source is',
  },
  {
    name: 'MetadataOptions.KmsKey.KMS_KEY_UNSPECIFIED',
    sentence: 'KmsKey behavior is unspecified.',
    file: 'transfers/jobs/job-rules.test.ts',
    test: "timeCreated: 'TIME_CREATED_UNSPECIFIED' }, {}]",
  },
  {
    name: 'MetadataOptions.KmsKey.KMS_KEY_DESTINATION_BUCKET_DEFAULT',
    sentence: "Use the destination bucket's default encryption settings.",
    file: 'transfers/bucket-metadata.test.ts',
    test: 'has the key of its bucket unless it is asked for otherwise',
  },
  {
    name: 'MetadataOptions.KmsKey.KMS_KEY_PRESERVE',
    sentence: "Preserve the object's original Cloud KMS customer-managed encryption key (CMEK) if present.",
    file: 'transfers/bucket-metadata.test.ts',
    test: 'keeps its key where that is asked for',
  },
  {
    name: 'MetadataOptions.TimeCreated.TIME_CREATED_UNSPECIFIED',
    sentence: 'TimeCreated behavior is unspecified.',
    file: 'transfers/jobs/job-rules.test.ts',
    test: "timeCreated: 'TIME_CREATED_UNSPECIFIED' }, {}]",
  },
  {
    name: 'MetadataOptions.TimeCreated.TIME_CREATED_SKIP',
    sentence: 'Do not preserve the `timeCreated` metadata from the source object.',
    file: 'transfers/bucket-metadata.test.ts',
    test: 'keeps its custom time where the time of creation is not asked for',
  },
  {
    name: 'MetadataOptions.TimeCreated.TIME_CREATED_PRESERVE_AS_CUSTOM_TIME',
    sentence:
      "Preserves the source object's `timeCreated` or `lastModified` metadata in the `customTime` field in the destination object.",
    file: 'transfers/bucket-metadata.test.ts',
    test: 'has the time of its source’s creation as custom time, and not the custom time of that',
  },
  {
    name: 'MetadataOptions.symlink',
    sentence: 'Specifies how symlinks should be handled by the transfer.',
    file: 'transfers/posix-metadata.test.ts',
    test: 'are copied as they are, with their times, and a second run copies nothing, durability %s',
  },
  {
    name: 'MetadataOptions.mode',
    sentence: "Specifies how each file's mode attribute should be handled by the transfer.",
    file: 'e2e/posix-metadata.test.ts',
    test: 'a job that preserves the mode says so, copies it, and puts right what changes later',
  },
  {
    name: 'MetadataOptions.gid',
    sentence: "Specifies how each file's POSIX group ID (GID) attribute should be handled by the transfer.",
    file: 'transfers/posix-metadata.test.ts',
    test: "['the group only', { gid: true }",
  },
  {
    name: 'MetadataOptions.uid',
    sentence: "Specifies how each file's POSIX user ID (UID) attribute should be handled by the transfer.",
    file: 'transfers/posix-metadata.test.ts',
    test: "['the user only', { uid: true }",
  },
  {
    name: 'MetadataOptions.acl',
    sentence:
      "Specifies how each object's ACLs should be preserved for transfers between Google Cloud Storage buckets.",
    file: 'transfers/bucket-metadata.test.ts',
    test: 'has the access control list that its bucket gives',
  },
  {
    name: 'MetadataOptions.storage_class',
    sentence: 'Specifies the storage class to set on objects being transferred to Google Cloud Storage buckets.',
    file: 'transfers/bucket-metadata.test.ts',
    test: 'has the storage class that is asked for',
  },
  {
    name: 'MetadataOptions.temporary_hold',
    sentence:
      "Specifies how each object's temporary hold status should be preserved for transfers between Google Cloud Storage buckets.",
    file: 'transfers/bucket-metadata.test.ts',
    test: 'is held as its source is',
  },
  {
    name: 'MetadataOptions.kms_key',
    sentence:
      "Specifies how each object's Cloud KMS customer-managed encryption key (CMEK) is preserved for transfers between Google Cloud Storage buckets.",
    file: 'transfers/bucket-metadata.test.ts',
    test: 'has the key of its bucket unless it is asked for otherwise',
  },
  {
    name: 'MetadataOptions.time_created',
    sentence: "Specifies how each object's `timeCreated` metadata is preserved for transfers.",
    file: 'transfers/bucket-metadata.test.ts',
    test: 'keeps its custom time where the time of creation is not asked for',
  },
  {
    name: 'Schedule.schedule_start_date',
    sentence:
      "are in the past relative to the job's creation time, the transfer starts the day after you schedule the transfer request.",
    file: 'transfers/jobs/schedule.test.ts',
    test: "'once, the day after, when its time has passed'",
  },
  {
    name: 'Schedule.schedule_end_date',
    sentence: 'The last day a transfer runs.',
    file: 'transfers/jobs/schedule.test.ts',
    test: "'now and at every midnight, through its end'",
  },
  {
    name: 'Schedule.start_time_of_day',
    sentence: 'The time in UTC that a transfer job is scheduled to run.',
    file: 'transfers/jobs/schedule.test.ts',
    test: "'each day at its time'",
  },
  {
    name: 'Schedule.end_time_of_day',
    sentence: 'The time in UTC that no further transfer operations are scheduled.',
    file: 'transfers/jobs/schedule.test.ts',
    test: "'not after its end time, but at it'",
  },
  {
    name: 'Schedule.repeat_interval',
    sentence: 'Interval between the start of each scheduled TransferOperation.',
    file: 'transfers/jobs/schedule.test.ts',
    test: "'now and every six hours of the day'",
  },
  {
    name: 'EventStream.name',
    sentence:
      "Specifies a unique name of the resource such as AWS SQS ARN in the form 'arn:aws:sqs:region:account_id:queue_name', or Pub/Sub subscription resource name in the form 'projects/{project}/subscriptions/{sub}'.",
    file: 'transfers/jobs/job-rules.test.ts',
    test: "['a stream that is no queue', { eventStream: { name: 'queue' } }, 'name']",
  },
  {
    name: 'EventStream.event_stream_start_time',
    sentence: 'Specifies the date and time that Storage Transfer Service starts listening for events from this stream.',
    file: 'transfers/jobs/job-rules.test.ts',
    test: 'are kept as its owner wrote them',
  },
  {
    name: 'EventStream.event_stream_expiration_time',
    sentence:
      'Specifies the data and time at which Storage Transfer Service stops listening for events from this stream.',
    file: 'transfers/jobs/job-rules.test.ts',
    test: 'a stream that ends first',
  },
  {
    name: 'NotificationConfig.EventType.EVENT_TYPE_UNSPECIFIED',
    sentence: 'Illegal value, to avoid allowing a default.',
    file: 'transfers/jobs/job-rules.test.ts',
    test: 'the illegal event',
  },
  {
    name: 'NotificationConfig.EventType.TRANSFER_OPERATION_SUCCESS',
    sentence: '`TransferOperation` completed with status [SUCCESS]',
    file: 'transfers/notifications/notifier.test.ts',
    test: 'comes at once, with the attributes that Pub/Sub has, and once',
  },
  {
    name: 'NotificationConfig.EventType.TRANSFER_OPERATION_FAILED',
    sentence: '`TransferOperation` completed with status [FAILED]',
    file: 'transfers/notifications/notifier.test.ts',
    test: "['failed', (it, now) => end",
  },
  {
    name: 'NotificationConfig.EventType.TRANSFER_OPERATION_ABORTED',
    sentence: '`TransferOperation` completed with status [ABORTED]',
    file: 'transfers/notifications/notifier.test.ts',
    test: "['was cancelled', (it, now) => endCancelled",
  },
  {
    name: 'NotificationConfig.PayloadFormat.PAYLOAD_FORMAT_UNSPECIFIED',
    sentence: 'Illegal value, to avoid allowing a default.',
    file: 'transfers/jobs/job-rules.test.ts',
    test: 'the illegal format',
  },
  {
    name: 'NotificationConfig.PayloadFormat.NONE',
    sentence: 'No payload is included with the notification.',
    file: 'transfers/notifications/notifier.test.ts',
    test: 'comes at once, with the attributes that Pub/Sub has, and once',
  },
  {
    name: 'NotificationConfig.PayloadFormat.JSON',
    sentence: '`TransferOperation` is [formatted as a JSON response]',
    file: 'transfers/notifications/notifier.test.ts',
    test: 'holds the operation as JSON where that was asked for',
  },
  {
    name: 'NotificationConfig.pubsub_topic',
    sentence: 'The `Topic.name` of the Pub/Sub topic to which to publish notifications.',
    file: 'transfers/jobs/job-rules.test.ts',
    test: "['a topic that is none'",
  },
  {
    name: 'NotificationConfig.event_types',
    sentence: 'Event types for which a notification is desired.',
    file: 'transfers/notifications/notifier.test.ts',
    test: 'with the event types %j comes %i times',
  },
  {
    name: 'NotificationConfig.payload_format',
    sentence: 'The desired format of the notification message payloads.',
    file: 'transfers/notifications/notifier.test.ts',
    test: 'holds the operation as JSON where that was asked for',
  },
  {
    name: 'LoggingConfig.LoggableAction.LOGGABLE_ACTION_UNSPECIFIED',
    sentence: 'Default value.',
    file: 'transfers/jobs/job-rules.test.ts',
    test: "'an action that says nothing'",
  },
  {
    name: 'LoggingConfig.LoggableAction.FIND',
    sentence: 'Listing objects in a bucket.',
    file: 'transfers/activity-log.test.ts',
    test: "'FIND alone'",
  },
  {
    name: 'LoggingConfig.LoggableAction.DELETE',
    sentence: 'Deleting objects at the source or the destination.',
    file: 'transfers/activity-log.test.ts',
    test: "'DELETE alone'",
  },
  {
    name: 'LoggingConfig.LoggableAction.COPY',
    sentence: 'Copying objects to the destination.',
    file: 'transfers/activity-log.test.ts',
    test: "'COPY alone'",
  },
  {
    name: 'LoggingConfig.LoggableActionState.LOGGABLE_ACTION_STATE_UNSPECIFIED',
    sentence: 'Default value.',
    file: 'transfers/jobs/job-rules.test.ts',
    test: "'a state that says nothing'",
  },
  {
    name: 'LoggingConfig.LoggableActionState.SUCCEEDED',
    sentence: '`LoggableAction` completed successfully.',
    file: 'transfers/activity-log.test.ts',
    test: "'SUCCEEDED alone'",
  },
  {
    name: 'LoggingConfig.LoggableActionState.FAILED',
    sentence: '`LoggableAction` terminated in an error state.',
    file: 'transfers/activity-log.test.ts',
    test: "'FAILED alone'",
  },
  {
    name: 'LoggingConfig.LoggableActionState.SKIPPED',
    sentence: 'The `COPY` action was skipped for this file.',
    file: 'transfers/activity-log.test.ts',
    test: "'SKIPPED alone'",
  },
  {
    name: 'LoggingConfig.log_actions',
    sentence: 'Specifies the actions to be logged.',
    file: 'transfers/activity-log.test.ts',
    test: '"Loggable actions … If empty, no logs are generated."',
  },
  {
    name: 'LoggingConfig.log_action_states',
    sentence: 'States in which `log_actions` are logged.',
    file: 'transfers/activity-log.test.ts',
    test: '"States in which log_actions are logged. If empty, no logs are generated."',
  },
  {
    name: 'LoggingConfig.enable_onprem_gcs_transfer_logs',
    sentence: 'This option ignores [LoggableAction] and [LoggableActionState].',
    file: 'transfers/activity-log.test.ts',
    test: 'file system transfer logs: "This option ignores LoggableAction and LoggableActionState."',
  },
];
