import { expect, test } from '@jest/globals';
import type { Method } from '../../src/api/method.ts';
import { apiRules, type OwnOperations } from '../../src/http/api-rules.ts';
import { createRoutes } from '../../src/http/routes.ts';

const METHODS: readonly Method[] = ['Get', 'List', 'Wait', 'Cancel', 'Delete'].map((verb) => ({
  service: 'google.longrunning.Operations',
  rpc: `${verb}Operation${verb === 'List' ? 's' : ''}`,
  domain: () => '',
  handle: () => Promise.resolve({}),
}));

const own = (listName: string, pattern: string, methods: OwnOperations['names'][number]['methods']): OwnOperations => ({
  domain: 'reports.example.com',
  listName,
  names: [{ pattern, methods }],
});

test.each([
  [own('reports/*', 'reports/*/operations/*', ['list', 'get']), 'GET /v1/reports/r/operations', 'ListOperations'],
  [own('reports/*', 'reports/*/operations/*', ['list', 'get']), 'GET /v1/reports/r/operations/o', 'GetOperation'],
  [own('reports/*', 'reports/*/operations/*', ['list', 'get']), 'DELETE /v1/reports/r/operations/o', undefined],
  [own('builds', 'builds/**', ['list', 'get', 'wait']), 'GET /v1/builds', 'ListOperations'],
  [own('builds', 'builds/**', ['list', 'get', 'wait']), 'GET /v1/builds/a/b', 'GetOperation'],
  [own('builds', 'builds/**', ['list', 'get', 'wait']), 'POST /v1/builds/a/b:wait', 'WaitOperation'],
  [own('builds', 'builds/**', ['list', 'get', 'wait']), 'POST /v1/builds/a/b:cancel', undefined],
])('a surface of one’s own %j: %s is %s', (operations, request, rpc) => {
  const [method = '', path = ''] = request.split(' ');
  const route = createRoutes(METHODS, apiRules([operations])).find(method, path)?.target;
  expect([route?.method.rpc, route?.domain]).toEqual(
    rpc === undefined ? [undefined, undefined] : [rpc, 'reports.example.com'],
  );
});

test('a surface whose paths are taken is refused by name', () => {
  const operations = own('operations', 'operations/*', ['list']);
  expect(() => createRoutes(METHODS, apiRules([operations]))).toThrow(
    expect.objectContaining({ info: expect.objectContaining({ reason: 'PATHS_TAKEN' }) }),
  );
});

test('a method that has rules of its own has none of its proto’s', () => {
  const [get] = METHODS;
  const rule = { service: get?.service ?? '', rpc: 'GetOperation', method: 'GET', path: '/v2/x', domain: '' } as const;
  const routes = createRoutes(METHODS.slice(0, 1), [rule]);
  expect([routes.find('GET', '/v2/x')?.target.rule, routes.find('GET', '/v1/operations/x')]).toEqual([rule, undefined]);
});

test('a method without rules of its own has those of its proto', () => {
  const routes = createRoutes(METHODS.slice(0, 1), []);
  expect(routes.find('GET', '/v1/operations/x')?.target.rule.path).toBe('/v1/{name=operations/**}');
});
