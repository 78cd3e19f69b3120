import { expect, test } from '@jest/globals';
import { parseEgress } from '../../src/config/egress.ts';

test('hosts that callers may name are read, none of them private unless that is said', () => {
  expect(parseEgress(undefined)).toEqual([]);
  expect(
    parseEgress({ 'allowed-hosts': ['files.example.com', '*.example.org', { host: '10.0.0.7', private: true }] }),
  ).toEqual([
    { host: 'files.example.com', isPrivateAllowed: false },
    { host: '*.example.org', isPrivateAllowed: false },
    { host: '10.0.0.7', isPrivateAllowed: true },
  ]);
});

test.each<[unknown, string]>([
  [{}, 'egress.allowed-hosts: must be a list'],
  [{ 'allowed-host': [] }, 'egress: there is no allowed-host'],
  [{ 'allowed-hosts': ['https://h'] }, 'egress.allowed-hosts[0]: must be a host'],
  [{ 'allowed-hosts': ['h', 'A.example.com'] }, 'egress.allowed-hosts[1]: must be a host'],
  [{ 'allowed-hosts': [{ host: 'h', public: true }] }, 'egress.allowed-hosts[0]: must be a host'],
])('%j is refused by name', (given, message) => {
  expect(() => parseEgress(given)).toThrow(message);
});
