import { STORAGE_CLASSES } from '../bucket-metadata.ts';
import type { FieldRule, FieldRules } from './field-rules.ts';

const DATE: FieldRule = { message: { year: 'served', month: 'served', day: 'served' } };

const TIME_OF_DAY: FieldRule = { message: { hours: 'served', minutes: 'served', seconds: 'served', nanos: 'served' } };

const DURATION: FieldRule = { message: { seconds: 'served', nanos: 'served' } };

const TIMESTAMP: FieldRule = { message: { seconds: 'served', nanos: 'served' } };

const ROOT_DIRECTORY: FieldRule = { message: { rootDirectory: 'served' } };

/** All of it; which places can do what of it is asked when they are known (stores/places/kept-metadata.ts). */
const METADATA_OPTIONS: FieldRules = {
  symlink: ['SYMLINK_SKIP', 'SYMLINK_PRESERVE'],
  mode: ['MODE_SKIP', 'MODE_PRESERVE'],
  gid: ['GID_SKIP', 'GID_NUMBER'],
  uid: ['UID_SKIP', 'UID_NUMBER'],
  acl: ['ACL_DESTINATION_BUCKET_DEFAULT', 'ACL_PRESERVE'],
  storageClass: [
    'STORAGE_CLASS_DESTINATION_BUCKET_DEFAULT',
    'STORAGE_CLASS_PRESERVE',
    ...STORAGE_CLASSES.map((name) => `STORAGE_CLASS_${name}`),
  ],
  temporaryHold: ['TEMPORARY_HOLD_SKIP', 'TEMPORARY_HOLD_PRESERVE'],
  kmsKey: ['KMS_KEY_DESTINATION_BUCKET_DEFAULT', 'KMS_KEY_PRESERVE'],
  timeCreated: ['TIME_CREATED_SKIP', 'TIME_CREATED_PRESERVE_AS_CUSTOM_TIME'],
};

const TRANSFER_OPTIONS: FieldRules = {
  overwriteObjectsAlreadyExistingInSink: 'served',
  deleteObjectsUniqueInSink: 'served',
  deleteObjectsFromSourceAfterTransfer: 'served',
  overwriteWhen: ['DIFFERENT', 'NEVER', 'ALWAYS'],
  metadataOptions: { message: METADATA_OPTIONS },
};

const OBJECT_CONDITIONS: FieldRules = {
  minTimeElapsedSinceLastModification: DURATION,
  maxTimeElapsedSinceLastModification: DURATION,
  includePrefixes: 'served',
  excludePrefixes: 'served',
  lastModifiedSince: TIMESTAMP,
  lastModifiedBefore: TIMESTAMP,
};

const GCS_END: FieldRule = {
  message: { bucketName: 'served', path: 'served', managedFolderTransferEnabled: 'unserved' },
};

const BIND = "or bind it to a credential in the section buckets of this server's config file";
/** What only Google's own service can do with credentials. */
const NO_SECRET_MANAGER = 'this server cannot ask Secret Manager; give';

/** Credentials are taken out before (credentials-message.ts): one that still is here would be stored for everybody to read. */
const AWS_S3_SOURCE: FieldRule = {
  message: {
    bucketName: 'served',
    path: 'served',
    awsAccessKey: { unserved: true, message: { accessKeyId: 'unserved', secretAccessKey: 'unserved' } },
    roleArn: {
      advice: `there is no identity of Google here that AWS could let assume a role; give aws_access_key for the bucket, ${BIND}`,
    },
    cloudfrontDomain: { advice: 'objects are read from the bucket itself; leave it out' },
    credentialsSecret: { advice: `${NO_SECRET_MANAGER} aws_access_key for the bucket, ${BIND}` },
    privateNetwork: 'oneof',
    managedPrivateNetwork: { advice: 'there is no network of Google here; leave it out' },
  },
};

const AZURE_SOURCE: FieldRule = {
  message: {
    storageAccount: 'served',
    container: 'served',
    path: 'served',
    azureCredentials: { unserved: true, message: { sasToken: 'unserved' } },
    credentialsSecret: { advice: `${NO_SECRET_MANAGER} azure_credentials for the container, ${BIND}` },
    federatedIdentityConfig: {
      advice: `there is no identity of Google here that Azure could trust; give azure_credentials for the container, ${BIND}`,
    },
  },
};

const S3_COMPATIBLE_SOURCE: FieldRule = {
  message: {
    bucketName: 'served',
    path: 'served',
    endpoint: 'served',
    region: 'served',
    dataProvider: 'oneof',
    s3Metadata: {
      message: {
        authMethod: ['AUTH_METHOD_AWS_SIGNATURE_V4'],
        requestModel: ['REQUEST_MODEL_VIRTUAL_HOSTED_STYLE', 'REQUEST_MODEL_PATH_STYLE'],
        protocol: ['NETWORK_PROTOCOL_HTTPS', 'NETWORK_PROTOCOL_HTTP'],
        listApi: ['LIST_OBJECTS_V2', 'LIST_OBJECTS'],
      },
    },
  },
};

/** google.storagetransfer.v1.TransferSpec. */
export const TRANSFER_SPEC_FIELDS: FieldRules = {
  dataSource: 'oneof',
  dataSink: 'oneof',
  intermediateDataLocation: 'oneof',
  gcsDataSource: GCS_END,
  awsS3DataSource: AWS_S3_SOURCE,
  httpDataSource: { message: { listUrl: 'served' } },
  azureBlobStorageDataSource: AZURE_SOURCE,
  awsS3CompatibleDataSource: S3_COMPATIBLE_SOURCE,
  hdfsDataSource: 'unserved-member',
  posixDataSource: ROOT_DIRECTORY,
  gcsDataSink: GCS_END,
  posixDataSink: ROOT_DIRECTORY,
  gcsIntermediateDataLocation: GCS_END,
  objectConditions: { message: OBJECT_CONDITIONS },
  transferOptions: { message: TRANSFER_OPTIONS },
  transferManifest: { message: { location: 'served' } },
  sourceAgentPoolName: 'served',
  sinkAgentPoolName: 'served',
};

const GCS_DATA: FieldRule = {
  message: { bucketName: 'served', path: 'served', managedFolderTransferEnabled: 'served' },
};

/** google.storagetransfer.v1.ReplicationSpec: kept whole, as nothing carries it out. */
const REPLICATION_SPEC_FIELDS: FieldRules = {
  dataSource: 'oneof',
  dataSink: 'oneof',
  gcsDataSource: GCS_DATA,
  gcsDataSink: GCS_DATA,
  objectConditions: {
    message: Object.fromEntries(Object.keys(OBJECT_CONDITIONS).map((key) => [key, 'served' as const])),
  },
  transferOptions: {
    message: {
      overwriteObjectsAlreadyExistingInSink: 'served',
      deleteObjectsUniqueInSink: 'served',
      deleteObjectsFromSourceAfterTransfer: 'served',
      overwriteWhen: 'served',
      metadataOptions: {
        message: Object.fromEntries(Object.keys(METADATA_OPTIONS).map((key) => [key, 'served' as const])),
      },
    },
  },
};

/** google.storagetransfer.v1.TransferJob. */
export const TRANSFER_JOB_FIELDS: FieldRules = {
  name: 'served',
  description: 'served',
  projectId: 'served',
  transferSpec: { message: TRANSFER_SPEC_FIELDS },
  status: 'served',
  creationTime: 'output',
  lastModificationTime: 'output',
  deletionTime: 'output',
  latestOperationName: 'output',
  schedule: {
    message: {
      scheduleStartDate: DATE,
      scheduleEndDate: DATE,
      startTimeOfDay: TIME_OF_DAY,
      endTimeOfDay: TIME_OF_DAY,
      repeatInterval: DURATION,
    },
  },
  eventStream: {
    message: { name: 'served', eventStreamStartTime: TIMESTAMP, eventStreamExpirationTime: TIMESTAMP },
  },
  notificationConfig: { message: { pubsubTopic: 'served', eventTypes: 'served', payloadFormat: 'served' } },
  loggingConfig: {
    message: { logActions: 'served', logActionStates: 'served', enableOnpremGcsTransferLogs: 'served' },
  },
  replicationSpec: { message: REPLICATION_SPEC_FIELDS },
  serviceAccount: 'unserved',
};
