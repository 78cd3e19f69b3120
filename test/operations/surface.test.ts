import { describe, expect, test } from '@jest/globals';
import { Code } from '../../src/core/code.ts';
import { SURFACES, SurfaceTable, type Surface, type SurfaceMethod } from '../../src/operations/surface.ts';

const surfaces = new SurfaceTable();

describe('the name alone chooses the surface', () => {
  test.each([
    ['operations/1', 'longrunning'],
    ['operations/some/unique/name', 'longrunning'],
    ['transferOperations/transferJobs-1-2', 'storagetransfer'],
    ['transferOperations/a/b c%+é', 'storagetransfer'],
    ['projects/p/locations/global/operations/1', 'storagebatchoperations'],
    ['accounts/1/apps/2/operations/3', 'checks'],
    ['accounts/1/repos/2/operations/3', 'checks'],
  ])('%s is of %s', (name, id) => {
    expect(surfaces.ofOperation(name, 'get').id).toBe(id);
  });

  test.each([
    ['operations', 'longrunning'],
    ['transferOperations', 'storagetransfer'],
    ['projects/p/locations/-', 'storagebatchoperations'],
    ['accounts/1/apps/2', 'checks'],
  ])('List of %s is of %s', (name, id) => {
    expect(surfaces.ofList(name).id).toBe(id);
  });
});

test.each(['accounts/1/apps/2', 'accounts/1/repos/2'])('%s is a collection that can be read, listed or not', (name) => {
  expect(surfaces.ofCollection(name).id).toBe('checks');
});

describe('a name of no form is INVALID_ARGUMENT', () => {
  test.each([
    '',
    '/',
    'operations',
    'operations/',
    '/operations/1',
    'operations//1',
    'transferOperations',
    'transferOperations/',
    'transferOperations/a//b',
    'TransferOperations/1',
    'projects/p/operations/1',
    'projects/p/locations/global/operations/1/2',
    'accounts/1/apps/2/operations/',
    'elsewhere/1',
    'operations/a\u0000b',
    'operations/a\nb',
    'operations/\ud800',
    `operations/${'x'.repeat(1100)}`,
  ])('%j', (name) => {
    expect(() => surfaces.ofOperation(name, 'get')).toThrow(
      expect.objectContaining({
        code: Code.INVALID_ARGUMENT,
        info: expect.objectContaining({ reason: 'INVALID_NAME' }),
      }),
    );
  });

  test.each(['', 'operations/1', 'transferOperations/1', 'projects/p', 'accounts/1/repos/2', 'projects//locations/x'])(
    'List of %j',
    (name) => {
      expect(() => surfaces.ofList(name)).toThrow(expect.objectContaining({ code: Code.INVALID_ARGUMENT }));
    },
  );
});

describe('a method that a form does not serve is UNIMPLEMENTED', () => {
  test.each([
    ['transferOperations/1', 'delete', 'storagetransfer.googleapis.com'],
    ['operations/1', 'pause', 'longrunning.googleapis.com'],
    ['accounts/1/repos/2/operations/3', 'cancel', 'checks.googleapis.com'],
    ['accounts/1/repos/2/operations/3', 'wait', 'checks.googleapis.com'],
    ['accounts/1/repos/2/operations/3', 'delete', 'checks.googleapis.com'],
  ] as [string, SurfaceMethod, string][])('%s has no %s', (name, method, domain) => {
    expect(() => surfaces.ofOperation(name, method)).toThrow(
      expect.objectContaining({ code: Code.UNIMPLEMENTED, info: expect.objectContaining({ domain }) }),
    );
  });
});

test('an error about a malformed name still carries the domain of its surface', () => {
  expect(surfaces.domainOf('transferOperations//x')).toBe('storagetransfer.googleapis.com');
  expect(surfaces.domainOf('what/ever')).toBe('longrunning.googleapis.com');
});

describe("a deployment's own surface", () => {
  const own: Surface = {
    id: 'reports',
    domain: 'reports.example.com',
    names: [{ pattern: 'reports/*/operations/*', methods: ['get', 'cancel'] }],
    listName: 'reports/*',
    filter: 'aip-160',
    defaultPageSize: 10,
    maxPageSize: 20,
    scope: 'https://www.googleapis.com/auth/cloud-platform',
  };

  test('has the names that it says, beside those that every deployment has', () => {
    const table = new SurfaceTable([...SURFACES, own]);
    expect(table.ofOperation('reports/1/operations/2', 'cancel').id).toBe('reports');
    expect(table.ofList('reports/1').id).toBe('reports');
    expect(table.domainOf('reports//')).toBe('reports.example.com');
    expect(table.ofOperation('operations/2', 'get').id).toBe('longrunning');
  });

  test.each([
    ['an id that is taken', { ...own, id: 'checks' }],
    ['names that another surface has', { ...own, names: [{ pattern: 'operations/reports/*', methods: ['get'] }] }],
    ['a list that another surface has', { ...own, listName: 'accounts/*/apps/*' }],
  ] as [string, Surface][])('is refused with %s', (_what, surface) => {
    expect(() => new SurfaceTable([...SURFACES, surface])).toThrow(
      expect.objectContaining({ info: expect.objectContaining({ reason: 'INVALID_SURFACE' }) }),
    );
  });
});
