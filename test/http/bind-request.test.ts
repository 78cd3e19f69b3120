import { describe, expect, test } from '@jest/globals';
import { bindRequest, requestBinding } from '../../src/http/bind-request.ts';
import type { HttpRule } from '../../src/schema/http-rules.ts';
import { DEFAULT_PROTO_JSON_LIMITS } from '../../src/schema/json/limits.ts';
import { parseQuery } from '../../src/http/request-target.ts';

const STS = 'google.storagetransfer.v1';

/** An RPC's request, and what it is bound by. */
interface Binding {
  readonly request: string;
  readonly rule: HttpRule;
}

const GET_JOB: Binding = {
  request: 'GetTransferJobRequest',
  rule: { method: 'GET', path: '/v1/{job_name=transferJobs/**}' },
};
const UPDATE_JOB: Binding = {
  request: 'UpdateTransferJobRequest',
  rule: { method: 'PATCH', path: '/v1/{job_name=transferJobs/**}', body: '*' },
};
const CREATE_JOB: Binding = {
  request: 'CreateTransferJobRequest',
  rule: { method: 'POST', path: '/v1/transferJobs', body: 'transfer_job' },
};
const SCHEDULED: Binding = { ...CREATE_JOB, rule: { method: 'POST', path: '/v1/transferJobs' } };
const UPDATE_POOL: Binding = {
  request: 'UpdateAgentPoolRequest',
  rule: { method: 'PATCH', path: '/v1/{agent_pool.name=projects/*/agentPools/*}', body: 'agent_pool' },
};
const CREATE_POOL: Binding = {
  request: 'CreateAgentPoolRequest',
  rule: { method: 'POST', path: '/v1/projects/{project_id=*}/agentPools', body: 'agent_pool' },
};

interface Given {
  readonly path: string;
  readonly query?: string;
  readonly body?: string;
}

function bind({ request, rule }: Binding, { path, query = '', body = '' }: Given): unknown {
  const segments = path.slice(1).split('/');
  const parts = { segments, query: parseQuery(query), body: Buffer.from(body) };
  return bindRequest(requestBinding(`${STS}.${request}`, rule), parts, DEFAULT_PROTO_JSON_LIMITS);
}

const ROWS: readonly (readonly [rule: string, binding: Binding, given: Given, message: object])[] = [
  ['the path', GET_JOB, { path: '/v1/transferJobs/a/b' }, { jobName: 'transferJobs/a/b' }],
  [
    'camel case in the query',
    GET_JOB,
    { path: '/v1/transferJobs/a', query: 'projectId=p' },
    { jobName: 'transferJobs/a', projectId: 'p' },
  ],
  [
    'snake case in the query',
    GET_JOB,
    { path: '/v1/transferJobs/a', query: 'project_id=p' },
    { jobName: 'transferJobs/a', projectId: 'p' },
  ],
  [
    'the path over the query',
    GET_JOB,
    { path: '/v1/transferJobs/a', query: 'jobName=b&job_name=c' },
    { jobName: 'transferJobs/a' },
  ],
  [
    'the whole body',
    UPDATE_JOB,
    { path: '/v1/transferJobs/a', body: '{"projectId":"p","transfer_job":{"description":"d"}}' },
    { jobName: 'transferJobs/a', projectId: 'p', transferJob: { description: 'd' } },
  ],
  [
    'the path over the body',
    UPDATE_JOB,
    { path: '/v1/transferJobs/a', body: '{"jobName":"b"}' },
    { jobName: 'transferJobs/a' },
  ],
  [
    'a named body',
    CREATE_JOB,
    { path: '/v1/transferJobs', body: '{"description":"d"}' },
    { transferJob: { description: 'd' } },
  ],
  ['no body where one is named', CREATE_JOB, { path: '/v1/transferJobs' }, {}],
  [
    'a named body and the query',
    CREATE_POOL,
    { path: '/v1/projects/p/agentPools', query: 'agentPoolId=i', body: '{"displayName":"d"}' },
    { projectId: 'p', agentPoolId: 'i', agentPool: { displayName: 'd' } },
  ],
  [
    'the path within a named body',
    UPDATE_POOL,
    {
      path: '/v1/projects/p/agentPools/a',
      query: 'updateMask=displayName',
      body: '{"name":"other","displayName":"d"}',
    },
    { agentPool: { name: 'projects/p/agentPools/a', displayName: 'd' }, updateMask: { paths: ['display_name'] } },
  ],
  [
    'nested fields in the query',
    SCHEDULED,
    { path: '/v1/transferJobs', query: 'transferJob.schedule.scheduleStartDate.year=2026' },
    { transferJob: { schedule: { scheduleStartDate: { year: 2026 } } } },
  ],
  [
    'repeated fields in the query',
    SCHEDULED,
    {
      path: '/v1/transferJobs',
      query:
        'transferJob.transferSpec.objectConditions.includePrefixes=a&transferJob.transferSpec.objectConditions.includePrefixes=b',
    },
    { transferJob: { transferSpec: { objectConditions: { includePrefixes: ['a', 'b'] } } } },
  ],
  ['an empty form of the body', UPDATE_JOB, { path: '/v1/transferJobs/a', body: '""' }, { jobName: 'transferJobs/a' }],
];

describe('a request’s message is made of', () => {
  test.each(ROWS)('%s', (_rule, binding, given, message) => {
    expect(bind(binding, given)).toEqual(message);
  });
});

const REFUSED: readonly (readonly [rule: string, binding: Binding, given: Given, message: string])[] = [
  [
    'an unknown parameter',
    GET_JOB,
    { path: '/v1/transferJobs/a', query: 'x=1' },
    "Cannot bind query parameter. Field 'x' could not be found in request message.",
  ],
  [
    'a parameter beside a whole body',
    UPDATE_JOB,
    { path: '/v1/transferJobs/a', query: 'projectId=p' },
    "Field 'projectId' could not be found",
  ],
  [
    'a parameter within a named body',
    CREATE_JOB,
    { path: '/v1/transferJobs', query: 'transferJob.description=d' },
    "Field 'transferJob.description' could not be found",
  ],
  [
    'a parameter of a message',
    SCHEDULED,
    { path: '/v1/transferJobs', query: 'transferJob=%7B%7D' },
    "Field 'transferJob' could not be found",
  ],
  [
    'one field given twice',
    GET_JOB,
    { path: '/v1/transferJobs/a', query: 'projectId=p&project_id=q' },
    'Duplicate name',
  ],
  [
    'an unknown member',
    CREATE_JOB,
    { path: '/v1/transferJobs', body: '{"x":1}' },
    'Unknown name "x" at \'transfer_job\': Cannot find field.',
  ],
  ['what is no JSON', UPDATE_JOB, { path: '/v1/transferJobs/a', body: 'a=b' }, 'Invalid JSON payload received.'],
];

describe('a request is refused for', () => {
  test.each(REFUSED)('%s', (_rule, binding, given, message) => {
    expect(() => bind(binding, given)).toThrow(message);
  });
});

test.each([
  ['GetTransferJobRequest', { method: 'GET', path: '/v1/{nothing}' }],
  ['CreateTransferJobRequest', { method: 'GET', path: '/v1/{transfer_job}' }],
  ['GetTransferJobRequest', { method: 'POST', path: '/v1/x', body: 'project_id' }],
] as const)('a rule that does not fit %s is a bug', (request, rule) => {
  expect(() => requestBinding(`${STS}.${request}`, rule)).toThrow('cannot be');
});
