import { describe, expect, test } from '@jest/globals';
import type { AzureBinding, BucketBindings, S3Binding, S3KeyBinding } from '../../../src/core/bucket-binding.ts';
import { Code } from '../../../src/core/code.ts';
import { placeOf } from '../../../src/stores/places/place-of.ts';
import type {
  AzureContainerLocation,
  BucketLocation,
  S3EndpointLocation,
} from '../../../src/transfers/remote-location.ts';
import type { SourceCredentials } from '../../../src/transfers/source-credentials.ts';

const AZURE: AzureBinding = {
  kind: 'azure',
  account: 'acct',
  prefix: '',
  endpoint: 'https://acct.blob.core.windows.net',
  credentials: { kind: 'none' },
};
const BINDINGS: BucketBindings = {
  'acct/photos': { ...AZURE, prefix: 'one/' },
  'acct/*': { ...AZURE, prefix: 'all/' },
  '*': { kind: 'directory', path: '/srv/buckets' },
};

const container = (account: string, name: string, path = ''): AzureContainerLocation => {
  return { kind: 'azure-container', account, container: name, path };
};
const bucket: BucketLocation = { kind: 'bucket', scheme: 'gs', bucket: 'photos', path: 'p/' };

test('a container is what its account and name are bound to, then what its account is bound to', () => {
  expect(placeOf(container('acct', 'photos'), BINDINGS)).toMatchObject({ binding: { prefix: 'one/' } });
  expect(placeOf(container('acct', 'films'), BINDINGS)).toMatchObject({ binding: { prefix: 'all/' } });
});

test("what is bound to every bucket is no container's: it would silently be another account's", () => {
  expect(() => placeOf(container('other', 'photos'), BINDINGS)).toThrow('nothing is bound to other/photos');
  expect(placeOf(bucket, BINDINGS)).toEqual({ kind: 'posix', rootDirectory: '/srv/buckets/p/' });
});

const endpoint: S3EndpointLocation = {
  kind: 's3-endpoint',
  endpoint: 'https://s3.example.com:9000',
  region: '',
  bucket: 'photos',
  path: '',
  isVirtualHosted: true,
  listsByMarker: false,
};
const KEY: S3KeyBinding = { kind: 's3-key', prefix: '', accessKeyId: { env: 'A' }, secretAccessKey: { env: 'B' } };

test('a key that is bound to an endpoint is used where the caller says, as far as the operator does not', () => {
  expect(placeOf(endpoint, { 's3.example.com:9000/*': KEY })).toMatchObject({
    binding: { kind: 's3', endpoint: 'https://s3.example.com:9000', region: '', isVirtualHosted: true },
    isGuarded: true,
  });
  const decided = { ...KEY, region: 'eu-1', isVirtualHosted: false };
  expect(placeOf(endpoint, { 's3.example.com:9000/photos': decided })).toMatchObject({
    binding: { region: 'eu-1', isVirtualHosted: false },
  });
});

test('an endpoint is another one on another port, and never what every bucket is bound to', () => {
  const bindings = { ...BINDINGS, 's3.example.com/*': KEY };
  expect(() => placeOf(endpoint, bindings)).toThrow('nothing is bound to s3.example.com:9000/photos');
});

test.each(['http://127.0.0.1:9000', 'https://127.0.0.1:9000', 'https://[::1]:9000'])(
  'an address (%s) has no host for the bucket, whoever decided that it stands in the host',
  (address) => {
    const name = `${new URL(address).host}/*`;
    const insecure: S3KeyBinding = { ...KEY, isInsecure: true };
    const refusal = { code: Code.INVALID_ARGUMENT, message: expect.stringContaining('REQUEST_MODEL_PATH_STYLE') };
    const named = { ...endpoint, endpoint: address };
    const refusalOf = (location: S3EndpointLocation, binding: S3KeyBinding): unknown => {
      try {
        return placeOf(location, { [name]: binding });
      } catch (error) {
        return error;
      }
    };
    expect(refusalOf(named, insecure)).toMatchObject(refusal);
    expect(refusalOf({ ...named, isVirtualHosted: false }, { ...insecure, isVirtualHosted: true })).toMatchObject(
      refusal,
    );
    expect(refusalOf(named, { ...insecure, isVirtualHosted: false })).toMatchObject({ kind: 'bucket' });
  },
);

test('a key is for https alone, unless the operator says otherwise', () => {
  const plain = { ...endpoint, endpoint: 'http://s3.example.com:9000' };
  expect(() => placeOf(plain, { 's3.example.com:9000/*': KEY })).toThrow('by https alone');
  expect(placeOf(plain, { 's3.example.com:9000/*': { ...KEY, isInsecure: true } })).toMatchObject({
    binding: { endpoint: 'http://s3.example.com:9000' },
  });
});

test('what the operator says an endpoint is needs no leave to be reached', () => {
  const binding: S3Binding = { ...KEY, kind: 's3', endpoint: 'http://10.0.0.1', region: 'r', isVirtualHosted: false };
  expect(placeOf(endpoint, { 's3.example.com:9000/*': binding })).toMatchObject({ binding, isGuarded: false });
});

test('a key without an endpoint is nothing for a container', () => {
  expect(() => placeOf(container('acct', 'photos'), { 'acct/*': KEY })).toThrow('without an endpoint');
});

describe('with credentials that a request gave', () => {
  const key: SourceCredentials = { kind: 'aws-access-key', accessKeyId: 'AKID', secretAccessKey: 's' };
  const sas: SourceCredentials = { kind: 'azure-sas', token: 'sig=s' };
  const s3: S3Binding = {
    ...KEY,
    kind: 's3',
    endpoint: 'http://10.0.0.1',
    region: 'r',
    isVirtualHosted: false,
    prefix: 'below/',
    sessionToken: { env: 'C' },
  };
  const given = { accessKeyId: { given: 'AKID' }, secretAccessKey: { given: 's' } };

  test('a bucket is where the operator says, and the credentials there are those of the request alone', () => {
    const { sessionToken: _, ...bound } = s3;
    expect(placeOf({ ...bucket, scheme: 's3' }, { photos: s3 }, key)).toMatchObject({
      binding: { ...bound, ...given },
      isGuarded: false,
    });
    expect(placeOf({ ...bucket, scheme: 's3' }, { photos: s3 }, key)).not.toHaveProperty('binding.sessionToken');
    expect(placeOf(container('acct', 'photos'), BINDINGS, sas)).toMatchObject({
      binding: { prefix: 'one/', credentials: { kind: 'sas', token: { given: 'sig=s' } } },
      isGuarded: false,
    });
  });

  test('a bucket that nothing is bound to is that of AWS, where the egress policy allows it', () => {
    expect(placeOf({ ...bucket, scheme: 's3' }, {}, key)).toMatchObject({
      binding: { kind: 's3', prefix: '', endpoint: 'https://s3.amazonaws.com', ...given },
      isGuarded: true,
    });
  });

  test('a container that nothing is bound to is that of Azure, where the egress policy allows it', () => {
    expect(placeOf(container('other', 'photos'), BINDINGS, sas)).toMatchObject({
      binding: { kind: 'azure', account: 'other', endpoint: 'https://other.blob.core.windows.net', prefix: '' },
      isGuarded: true,
    });
  });

  test('what is bound to something that takes none is refused, as nothing is silently left out', () => {
    const refused = 'takes no credentials of this form: leave them out';
    expect(() => placeOf({ ...bucket, scheme: 's3' }, BINDINGS, key)).toThrow(refused);
    expect(() => placeOf(container('acct', 'photos'), { 'acct/*': s3 }, sas)).toThrow(refused);
    expect(() => placeOf({ ...bucket, scheme: 's3' }, { photos: KEY }, key)).toThrow(refused);
  });
});

test('a container may be bound to a directory, and a path that no directory has is refused', () => {
  const bindings: BucketBindings = { 'acct/photos': { kind: 'directory', path: '/srv/photos' } };
  expect(placeOf(container('acct', 'photos', 'p/'), bindings)).toEqual({
    kind: 'posix',
    rootDirectory: '/srv/photos/p/',
  });
  expect(() => placeOf(container('acct', 'photos', '../p/'), bindings)).toThrow('no directory can have this path');
});
