import { expect, test } from '@jest/globals';
import { createRoutes } from '../../src/http/routes.ts';

test('a request is looked into when it first comes, not when a process starts', () => {
  const service = 'google.longrunning.Operations';
  const rule = {
    service,
    rpc: 'GetOperation',
    domain: '',
    method: 'GET',
    path: '/v1/{nothing=operations/**}',
  } as const;
  const method = { service, rpc: 'GetOperation', domain: () => '', handle: () => Promise.resolve({}) };
  const [route] = createRoutes([method], [rule]).targets;
  expect(() => route?.binding).toThrow('cannot be bound by a path');
});
