import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { checksMethods, checksUploads } from '../../../src/api/checks.ts';
import { operationControlMethods } from '../../../src/api/operation-control.ts';
import { operationsMethods } from '../../../src/api/operations.ts';
import { storageTransferMethods } from '../../../src/api/storage-transfer.ts';
import { apiRules } from '../../../src/http/api-rules.ts';
import { openApiDocument } from '../../../src/http/openapi/document.ts';
import { keptDocument } from '../../../src/http/openapi/kept-document.ts';
import { createRoutes } from '../../../src/http/routes.ts';
import { createUploadRoutes } from '../../../src/http/upload/upload-routes.ts';
import { messageJson } from '../../../src/schema/message-json.ts';
import { decodeMessage, encodeMessage } from '../../../src/schema/protos.ts';
import { randomMessage } from '../../schema/json/random-message.ts';
import { startHttp } from '../http-server.ts';

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: unknown;
  readonly responses: unknown;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly responses: { readonly Error: { readonly content: Readonly<Record<string, { readonly schema: object }>> } };
  };
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

/** Nothing of them is called: routes are made of their names. */
const UNUSED = { operations: { domainOf: () => '' }, domainOf: () => '' } as never;
const methods = [
  ...operationsMethods(UNUSED),
  ...storageTransferMethods(UNUSED),
  ...operationControlMethods(UNUSED),
  ...checksMethods(UNUSED, UNUSED),
];
const uploads = checksUploads(UNUSED, 1000);
const { targets: routes } = createRoutes(methods, apiRules());
const { targets: uploadRoutes } = createUploadRoutes(uploads);
const document = openApiDocument({ routes, uploadRoutes }) as unknown as Document;
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  METHODS.flatMap((method) => (item[method] === undefined ? [] : [{ path, method, ...item[method] }])),
);

describe('the OpenAPI document', () => {
  test('is valid by the schemas of OpenAPI 3.1', async () => {
    const validator = new Validator();
    expect([
      await validator.validate(JSON.parse(JSON.stringify(document)) as Record<string, unknown>),
      validator.version,
    ]).toEqual([{ valid: true }, '3.1']);
  });

  test('has an operation for every route', () => {
    expect(operations).toHaveLength(routes.length + uploadRoutes.length);
  });

  test('has no two operations of one id', () => {
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  });

  test('has no two paths that differ by the names of their parameters alone', () => {
    const shapes = Object.keys(document.paths).map((path) => path.replace(/\{[^}]*\}/g, '{}'));
    expect(new Set(shapes).size).toBe(shapes.length);
  });

  test('declares the parameters of each path, and no others', () => {
    for (const { path, parameters } of operations) {
      const written = [...path.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name);
      expect(parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)).toEqual(written);
    }
  });

  test('says what fills the query', () => {
    const { parameters } = document.paths['/v1/projects/{project}/agentPools/{agentPool}']?.['patch'] ?? {};
    expect(parameters?.filter((parameter) => parameter.in === 'query').map(({ name }) => name)).toEqual(['updateMask']);
  });

  test('has nothing to fill the query with where the body is the whole request', () => {
    const { parameters } = document.paths['/v1/transferJobs/{transferJob}:run']?.['post'] ?? {};
    expect(parameters?.map(({ name }) => name)).toEqual(['transferJob']);
  });

  test('tells a stream as server-sent events', () => {
    const { responses } = document.paths['/v1/operations/{operation}:watch']?.['get'] ?? {};
    const schema = { $ref: '#/components/schemas/longrunning.control.v1.WatchOperationsResponse' };
    expect(responses).toMatchObject({ 200: { content: { 'text/event-stream': { schema } } } });
    expect(responses).not.toHaveProperty(['200', 'content', 'application/json']);
  });

  test('says what the body is', () => {
    const { post, get } = document.paths['/v1/transferJobs'] ?? {};
    const schema = { $ref: '#/components/schemas/google.storagetransfer.v1.TransferJob' };
    expect(post?.requestBody).toEqual({ required: false, content: { 'application/json': { schema } } });
    expect(get?.requestBody).toBeUndefined();
  });
});

describe('a method that takes a file', () => {
  const path = '/v1alpha/accounts/{account}/apps/{app}/reports:analyzeUpload';
  const file = {
    ...{ type: 'string', format: 'binary', contentMediaType: 'application/octet-stream' },
    description: 'At most 1000 bytes.',
  };
  const type = { $ref: '#/components/schemas/google.checks.report.v1alpha.AppBinaryFileType' };

  test.each(['', '/upload'])('is described at %s with all forms of its body', (prefix) => {
    const { parameters = [], requestBody } = document.paths[prefix + path]?.['post'] ?? {};
    expect(parameters.map(({ name, in: place }) => `${place} ${name}`)).toEqual([
      'path account',
      'path app',
      'query codeReferenceId',
      'query appBinaryFileType',
    ]);
    expect(requestBody).toMatchObject({
      required: true,
      content: {
        'application/octet-stream': { schema: file },
        'multipart/related': {
          schema: {
            required: ['request', 'file'],
            properties: { request: { $ref: expect.stringMatching(/AnalyzeUploadRequest$/) }, file },
          },
        },
        'multipart/form-data': {
          schema: {
            required: ['file'],
            properties: { codeReferenceId: { type: 'string' }, appBinaryFileType: type, file },
          },
        },
      },
    });
  });

  test('answers as any other', () => {
    const { responses } = document.paths[path]?.['post'] ?? {};
    expect(responses).toEqual(
      document.paths['/v1alpha/accounts/{account}/repos/{repo}/scans:generate']?.['post']?.responses,
    );
  });
});

describe('the schemas', () => {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, validateFormats: false });
  ajv.addVocabulary(['components']);
  ajv.addSchema({ $id: 'api', components: document.components });
  const responses = [...new Set(routes.map(({ responseType }) => responseType))];

  test.each(responses)('hold for every %s', (type) => {
    const validate = ajv.compile({ $ref: `api#/components/schemas/${type}` });
    const forms = fc.record({ hasDefaults: fc.boolean(), enums: fc.constantFrom('names', 'numbers') });
    fc.assert(
      fc.property(randomMessage(type), forms, (random, form) => {
        const message = decodeMessage(type, encodeMessage(type, random));
        validate(JSON.parse(JSON.stringify(messageJson(type, message, form))));
        expect(validate.errors).toBeNull();
      }),
      { numRuns: 25 },
    );
  });

  test('hold for an error', async () => {
    const server = await startHttp();
    const { json } = await server.send('/v1/operations/none?$.xgafv=1');
    await server.close();
    const { schema } = document.components.responses.Error.content['application/json'] ?? {};
    const validate = ajv.compile({ $id: 'error', ...schema, components: document.components });
    validate(json);
    expect(validate.errors).toBeNull();
  });
});

describe('GET /openapi.json', () => {
  let server: Awaited<ReturnType<typeof startHttp>>;

  beforeAll(async () => {
    server = await startHttp({ uploads });
  });

  afterAll(() => server.close());

  test('answers the document of what is served there', async () => {
    const { status, headers, json } = await server.send('/openapi.json');
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=UTF-8']);
    expect(Object.keys((json as Document).paths)).toContain('/v1/operations/{operation}:cancel');
    expect(Object.keys((json as Document).paths)).toContain(
      '/upload/v1alpha/accounts/{account}/apps/{app}/reports:analyzeUpload',
    );
    expect(Object.keys((json as Document).paths)).not.toContain('/v1/transferJobs');
  });

  test('HEAD has its header', async () => {
    const { status, headers, text } = await server.send('/openapi.json', { method: 'HEAD' });
    expect([status, Number(headers.get('content-length')) > 1000, text]).toEqual([200, true, '']);
  });

  test('POST is refused', async () => {
    const { status, headers } = await server.send('/openapi.json', { method: 'POST' });
    expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });
});

test('all who ask are answered with the same bytes, so that those who do not read them hold none', () => {
  const text = keptDocument({ routes, uploadRoutes });
  expect(text()).toBe(text());
  expect(JSON.parse(Buffer.from(text()).toString())).toEqual(JSON.parse(JSON.stringify(document)));
});
