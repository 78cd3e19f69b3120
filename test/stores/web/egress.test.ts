import { describe, expect, test } from '@jest/globals';
import { addressRefusal, hostRefusal, isPublicAddress, type EgressPolicy } from '../../../src/stores/web/egress.ts';

const POLICY: EgressPolicy = [
  { host: '*.example.com', isPrivateAllowed: false },
  { host: 'minio.internal', isPrivateAllowed: true },
];

describe('addresses', () => {
  test.each([
    ['127.0.0.1', 'loopback'],
    ['0.0.0.0', 'this host'],
    ['10.1.2.3', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.0.1', 'private'],
    ['100.64.0.1', 'shared'],
    ['169.254.169.254', 'the metadata server of most clouds'],
    ['192.0.0.192', 'the metadata server of one more'],
    ['224.0.0.1', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['::1', 'loopback'],
    ['::', 'unspecified'],
    ['fd00:ec2::254', 'a metadata server'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local with its zone'],
    ['::ffff:127.0.0.1', 'mapped IPv4'],
    ['64:ff9b::7f00:1', 'translated IPv4'],
    ['2002:7f00:1::', 'tunnelled IPv4'],
    ['2001:0:7f00:1::', 'tunnelled IPv4'],
    ['ff02::1', 'multicast'],
    ['localhost', 'no address'],
  ])('%s is not public: %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each(['8.8.8.8', '172.32.0.1', '192.0.1.1', '2606:4700::1111', '2a00:1450:4001::8a'])(
    '%s is public',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );
});

test('a host that no rule names is refused', () => {
  expect(hostRefusal('evil.com', POLICY)).toBe('HOST_NOT_ALLOWED');
  expect(hostRefusal('example.com', POLICY)).toBe('HOST_NOT_ALLOWED');
  expect(hostRefusal('badexample.com', POLICY)).toBe('HOST_NOT_ALLOWED');
  expect(hostRefusal('Data.Example.com.', POLICY)).toBeUndefined();
});

test('an allowed host may be at a private address only where its rule says so', () => {
  expect(addressRefusal('data.example.com', '8.8.8.8', POLICY)).toBeUndefined();
  expect(addressRefusal('data.example.com', '10.0.0.1', POLICY)).toBe('ADDRESS_NOT_PUBLIC');
  expect(addressRefusal('minio.internal', '10.0.0.1', POLICY)).toBeUndefined();
  expect(addressRefusal('evil.com', '8.8.8.8', POLICY)).toBe('HOST_NOT_ALLOWED');
});

test('any public host may be allowed, without those inside', () => {
  const policy: EgressPolicy = [{ host: '*', isPrivateAllowed: false }];
  expect(addressRefusal('8.8.8.8', '8.8.8.8', policy)).toBeUndefined();
  expect(addressRefusal('localhost', '127.0.0.1', policy)).toBe('ADDRESS_NOT_PUBLIC');
});
