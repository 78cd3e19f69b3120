import { expect, test } from '@jest/globals';
import type { AzureBinding, BucketBindings } from '../../../src/core/bucket-binding.ts';
import { placeOf } from '../../../src/stores/places/place-of.ts';
import type { AzureContainerLocation, BucketLocation } from '../../../src/transfers/remote-location.ts';

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

test('a container may be bound to a directory, and a path that no directory has is refused', () => {
  const bindings: BucketBindings = { 'acct/photos': { kind: 'directory', path: '/srv/photos' } };
  expect(placeOf(container('acct', 'photos', 'p/'), bindings)).toEqual({
    kind: 'posix',
    rootDirectory: '/srv/photos/p/',
  });
  expect(() => placeOf(container('acct', 'photos', '../p/'), bindings)).toThrow('no directory can have this path');
});
