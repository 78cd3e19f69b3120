import { describe, expect, test } from '@jest/globals';
import { StatusError } from '../../../src/core/status-error.ts';
import { isCredentialsPath, isSameSource, splitCredentials } from '../../../src/transfers/jobs/credentials-message.ts';
import type { Message } from '../../../src/transfers/jobs/field-rules.ts';

const SINK = { posixDataSink: { rootDirectory: '/to' } };
const S3 = { bucketName: 'photos', path: 'p/' };
const KEY = { accessKeyId: 'AKID', secretAccessKey: 'se/cr+et' };
const AZURE = { storageAccount: 'acct', container: 'photos' };

describe('a spec', () => {
  test('is parted from an access key', () => {
    expect(splitCredentials({ awsS3DataSource: { ...S3, awsAccessKey: KEY }, ...SINK }, 'spec')).toEqual({
      bare: { awsS3DataSource: S3, ...SINK },
      given: { kind: 'aws-access-key', ...KEY },
    });
  });

  test('is parted from a shared access signature, with or without its question mark', () => {
    const spec = (sasToken: string): Message => {
      return { azureBlobStorageDataSource: { ...AZURE, azureCredentials: { sasToken } }, ...SINK };
    };
    const parted = {
      bare: { azureBlobStorageDataSource: AZURE, ...SINK },
      given: { kind: 'azure-sas', token: 'sv=1&sig=a%2Bb' },
    };
    expect(splitCredentials(spec('sv=1&sig=a%2Bb'), 'spec')).toEqual(parted);
    expect(splitCredentials(spec('?sv=1&sig=a%2Bb'), 'spec')).toEqual(parted);
  });

  test('without credentials, or with empty ones, has none', () => {
    expect(splitCredentials({ awsS3DataSource: S3, ...SINK }, 'spec')).toEqual({
      bare: { awsS3DataSource: S3, ...SINK },
    });
    const empty = { awsS3DataSource: { ...S3, awsAccessKey: { accessKeyId: '', secretAccessKey: '' } }, ...SINK };
    expect(splitCredentials(empty, 'spec')).toEqual({ bare: { awsS3DataSource: S3, ...SINK } });
  });

  test.each<[string, Message, string]>([
    [
      'half a key',
      { awsS3DataSource: { ...S3, awsAccessKey: { accessKeyId: 'AKID' } } },
      'spec.aws_s3_data_source.aws_access_key.secret_access_key',
    ],
    [
      'a secret without its id',
      { awsS3DataSource: { ...S3, awsAccessKey: { secretAccessKey: 'not-to-be-told' } } },
      'spec.aws_s3_data_source.aws_access_key.access_key_id',
    ],
    [
      'an id that would be another header',
      { awsS3DataSource: { ...S3, awsAccessKey: { accessKeyId: 'not-to-be-told\r\nx: y', secretAccessKey: 's' } } },
      'spec.aws_s3_data_source.aws_access_key.access_key_id',
    ],
    // "If `credentials_secret` is specified, do not specify role_arn or aws_access_key."
    [
      'a key and a secret of Secret Manager',
      { awsS3DataSource: { ...S3, awsAccessKey: KEY, credentialsSecret: 'projects/1/secrets/s' } },
      'spec.aws_s3_data_source',
    ],
    ['a key and a role', { awsS3DataSource: { ...S3, awsAccessKey: KEY, roleArn: 'arn' } }, 'spec.aws_s3_data_source'],
    [
      'a token that is none',
      { azureBlobStorageDataSource: { ...AZURE, azureCredentials: { sasToken: 'not-to-be-told' } } },
      'spec.azure_blob_storage_data_source.azure_credentials.sas_token',
    ],
    [
      'a token that would end the request line',
      { azureBlobStorageDataSource: { ...AZURE, azureCredentials: { sasToken: 'sig=not-to-be-told HTTP/1.1' } } },
      'spec.azure_blob_storage_data_source.azure_credentials.sas_token',
    ],
    // "If `federated_identity_config` is specified, do not specify azure_credentials or credentials_secret."
    [
      'a token and a federated identity',
      {
        azureBlobStorageDataSource: {
          ...AZURE,
          azureCredentials: { sasToken: 'sig=not-to-be-told' },
          federatedIdentityConfig: { clientId: 'c', tenantId: 't' },
        },
      },
      'spec.azure_blob_storage_data_source',
    ],
  ])('with %s is refused by the field, and nothing of it is told', (_, source, field) => {
    const refusal = refusalOf(() => splitCredentials({ ...source, ...SINK }, 'spec'));
    expect(refusal).toMatchObject({ info: { reason: 'INVALID_FIELD', metadata: { field } } });
    expect(JSON.stringify([refusal.message, refusal.info, refusal.fieldViolations])).not.toContain('not-to-be-told');
  });
});

describe('credentials go along to', () => {
  test.each<[string, boolean, Message, Message]>([
    ['the same bucket, by another path', true, { awsS3DataSource: S3 }, { awsS3DataSource: { ...S3, path: 'q/' } }],
    ['another bucket', false, { awsS3DataSource: S3 }, { awsS3DataSource: { ...S3, bucketName: 'films' } }],
    ['the same container', true, { azureBlobStorageDataSource: AZURE }, { azureBlobStorageDataSource: AZURE }],
    [
      'the same container of another account',
      false,
      { azureBlobStorageDataSource: AZURE },
      { azureBlobStorageDataSource: { ...AZURE, storageAccount: 'other' } },
    ],
    ['another kind of source', false, { awsS3DataSource: S3 }, { gcsDataSource: S3 }],
    ['a source that never had any', false, { gcsDataSource: S3 }, { gcsDataSource: S3 }],
  ])('%s: %s', (_, isSame, before, after) => {
    expect(isSameSource(before, after)).toBe(isSame);
  });
});

test('a path of a mask names credentials when it leads to them or into them', () => {
  expect(isCredentialsPath(['transferSpec', 'awsS3DataSource', 'awsAccessKey'])).toBe(true);
  expect(isCredentialsPath(['transferSpec', 'awsS3DataSource', 'awsAccessKey', 'accessKeyId'])).toBe(true);
  expect(isCredentialsPath(['transferSpec', 'awsS3DataSource'])).toBe(false);
  expect(isCredentialsPath(['transferSpec', 'awsS3DataSource', 'path'])).toBe(false);
});

function refusalOf(act: () => unknown): StatusError {
  try {
    act();
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
