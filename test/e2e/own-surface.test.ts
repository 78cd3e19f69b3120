import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { RawClient } from './support/raw-client.ts';
import { Workspace } from './support/workspace.ts';

let workspace: Workspace;

beforeEach(() => {
  workspace = new Workspace();
});

afterEach(() => workspace.remove());

function configured(...surfaces: readonly object[]): readonly string[] {
  const path = workspace.path('surfaces.yaml');
  writeFileSync(path, JSON.stringify({ surfaces }));
  return [`--config=${path}`];
}

const REPORTS = {
  id: 'reports',
  domain: 'reports.example.com',
  names: ['reports/*/operations/*'],
  list: 'reports/*',
  methods: ['get', 'list', 'cancel'],
};

test("a surface of the config file is served under its own names, with its own errors' domain", async () => {
  const sidecar = await workspace.start({ flags: configured(REPORTS) });
  const client = new RawClient(sidecar.grpc);

  expect(await client.call('Operations/ListOperations', { name: 'reports/1' })).toMatchObject({ operations: [] });
  expect(await client.refusal('Operations/GetOperation', { name: 'reports/1/operations/2' })).toMatchObject({
    reason: 'OPERATION_NOT_FOUND',
  });
  expect(await client.refusal('Operations/DeleteOperation', { name: 'reports/1/operations/2' })).toMatchObject({
    reason: 'METHOD_NOT_SERVED',
    domain: 'reports.example.com',
  });
  client.close();
});

test('a surface whose names another one has is a wrong setting', async () => {
  const taken = configured({ ...REPORTS, names: ['operations/reports/*'] });

  await expect(workspace.start({ flags: taken })).rejects.toThrow(
    /reports has names of the form operations\/reports\/\* that surface longrunning has/,
  );
});
