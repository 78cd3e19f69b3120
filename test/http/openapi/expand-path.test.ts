import { expect, test } from '@jest/globals';
import { expandPath } from '../../../src/http/openapi/expand-path.ts';
import { parsePathTemplate } from '../../../src/http/path-template.ts';

test.each<[template: string, path: string]>([
  ['/v1/transferJobs', '/v1/transferJobs'],
  ['/v1/{name=operations}', '/v1/operations'],
  ['/v1/googleServiceAccounts/{project_id}', '/v1/googleServiceAccounts/{projectId}'],
  ['/v1/projects/{project_id=*}/agentPools', '/v1/projects/{projectId}/agentPools'],
  ['/v1/{agent_pool.name=projects/*/agentPools/*}', '/v1/projects/{project}/agentPools/{agentPool}'],
  ['/v1/{name=projects/*/locations/*}/operations', '/v1/projects/{project}/locations/{location}/operations'],
  ['/v1/{name=transferOperations/**}:cancel', '/v1/transferOperations/{transferOperation}:cancel'],
  ['/v1/{name=**}:update', '/v1/operations/{operation}:update'],
  ['/v1/{parent=**}:bulkCancel', '/v1/operations:bulkCancel'],
  ['/v1/{name=policies/*}', '/v1/policies/{policy}'],
  ['/v1/{name=boss/*/media/*}', '/v1/boss/{bossId}/media/{mediaId}'],
  ['/v1/{name=a/*/b/*/a/*}', '/v1/a/{aId}/b/{bId}/a/{aId6}'],
  ['/v1/{name=jobs/*/*}', '/v1/jobs/{job}/{job3}'],
])('%s is %s', (template, path) => {
  expect(expandPath(parsePathTemplate(template)).path).toBe(path);
});
