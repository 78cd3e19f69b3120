import { expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseBuckets } from '../../src/config/buckets.ts';

const S3_KEY = { kind: 's3', 'access-key-id': { env: 'KEY_ID' }, 'secret-access-key': { env: 'SECRET' } };
const S3 = { ...S3_KEY, endpoint: 'https://s3.example.com' };
const ENVIRONMENT = { KEY_ID: 'id', SECRET: 'secret-text' };

test('bindings are read with their defaults, and hold where secrets are, never what they are', () => {
  const bindings = parseBuckets(
    {
      's3-bucket': S3,
      'gcs-bucket': { kind: 'gcs', credentials: 'metadata-server', bucket: 'other', prefix: 'a/b/' },
      'acct/*': { kind: 'azure', 'sas-token': { env: 'SECRET' } },
      's3.example.com:9000/*': { ...S3_KEY, region: 'eu-1', insecure: true },
      '*': { kind: 'directory', path: '/srv/buckets' },
    },
    ENVIRONMENT,
  );
  expect(bindings).toEqual({
    's3-bucket': {
      kind: 's3',
      prefix: '',
      endpoint: 'https://s3.example.com',
      region: 'us-east-1',
      isVirtualHosted: false,
      accessKeyId: { env: 'KEY_ID' },
      secretAccessKey: { env: 'SECRET' },
    },
    'gcs-bucket': { kind: 'gcs', bucket: 'other', prefix: 'a/b/', credentials: { kind: 'metadata-server' } },
    'acct/*': {
      kind: 'azure',
      prefix: '',
      account: 'acct',
      endpoint: 'https://acct.blob.core.windows.net',
      credentials: { kind: 'sas', token: { env: 'SECRET' } },
    },
    's3.example.com:9000/*': {
      kind: 's3-key',
      prefix: '',
      region: 'eu-1',
      isInsecure: true,
      accessKeyId: { env: 'KEY_ID' },
      secretAccessKey: { env: 'SECRET' },
    },
    '*': { kind: 'directory', path: '/srv/buckets' },
  });
  expect(JSON.stringify(bindings)).not.toContain('secret-text');
});

test.each<[string, unknown, string]>([
  ['no mapping', [], 'buckets: must be a mapping'],
  ['another kind', { b: { kind: 'ftp' } }, 'buckets.b.kind: must be one of directory, gcs, s3, azure'],
  ['an unknown member', { b: { kind: 'directory', path: '/x', prefix: 'y/' } }, 'buckets.b: there is no prefix'],
  ['a relative directory', { b: { kind: 'directory', path: 'x' } }, 'buckets.b.path: must be an absolute path'],
  [
    'an endpoint with a path',
    { b: { ...S3, endpoint: 'https://h/x' } },
    'buckets.b.endpoint: must be http:// or https://',
  ],
  ['an endpoint with a password', { b: { ...S3, endpoint: 'https://u:p@h' } }, 'buckets.b.endpoint: must be'],
  [
    'a secret in the file',
    { b: { ...S3, 'secret-access-key': 'abc' } },
    'buckets.b.secret-access-key: must be {env: NAME} or {file: PATH}',
  ],
  [
    'a variable that is not set',
    { b: { ...S3, 'secret-access-key': { env: 'NONE' } } },
    'buckets.b.secret-access-key.env: NONE is not set',
  ],
  [
    'a file that is not there',
    { b: { ...S3, 'secret-access-key': { file: '/nowhere/key' } } },
    'buckets.b.secret-access-key.file: /nowhere/key cannot be used',
  ],
  ['a prefix without its end', { b: { ...S3, prefix: 'p' } }, 'buckets.b.prefix: must end with /'],
  ['no endpoint for a name without one', { b: S3_KEY }, 'buckets.b.endpoint: must be a text'],
  [
    'two slashes in a name',
    { 'a/b/c': S3 },
    'buckets.a/b/c: is no name of a bucket, and no ACCOUNT/CONTAINER or HOST/BUCKET',
  ],
  ['no account', { b: { kind: 'azure', credentials: 'none' } }, 'buckets.b.account: is needed'],
  ['an account that none can be', { 'A/b': { kind: 'azure' } }, 'buckets.A/b.account: must be 3 to 24'],
  [
    'two credentials',
    { 'acct/b': { kind: 'azure', credentials: 'none', 'sas-token': { env: 'SECRET' } } },
    'buckets.acct/b: must have one of account-key, sas-token',
  ],
  ['no credentials for a container', { 'acct/b': { kind: 'azure' } }, 'buckets.acct/b: must have one of account-key'],
  [
    'a bucket in the host of an address',
    { b: { ...S3, endpoint: 'http://127.0.0.1:9000', style: 'virtual-hosted' } },
    'buckets.b.style: must be path, as an address has no hosts below it',
  ],
  [
    'insecure beside an endpoint',
    { b: { ...S3, insecure: true } },
    'buckets.b.insecure: is only for a key without an endpoint',
  ],
  ['insecure as a text', { 'h/*': { ...S3_KEY, insecure: 'yes' } }, 'buckets.h/*.insecure: must be true or false'],
  ['no credentials', { b: { kind: 'gcs' } }, 'buckets.b.credentials: must be none, metadata-server, or'],
])('bindings with %s are refused by name', (_, given, message) => {
  expect(() => parseBuckets(given, ENVIRONMENT)).toThrow(message);
});

test('an empty file is no secret', () => {
  const directory = mkdtempSync(join(tmpdir(), 'buckets-'));
  const file = join(directory, 'key');
  writeFileSync(file, '\n');
  try {
    const given = { b: { kind: 'gcs', credentials: { file } } };
    expect(() => parseBuckets(given, {})).toThrow(`buckets.b.credentials.file: ${file} cannot be used: it is empty`);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
