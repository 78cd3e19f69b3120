import { describe, expect, test } from '@jest/globals';
import type { Any } from '../../../src/core/any.ts';
import { StatusError } from '../../../src/core/status-error.ts';
import { checkFields } from '../../../src/http/parameters/check-fields.ts';
import { DEFAULT_FIELDS_LIMITS } from '../../../src/http/parameters/limits.ts';
import { parseFields } from '../../../src/http/parameters/parse-fields.ts';
import { selectFields } from '../../../src/http/parameters/select-fields.ts';
import { selectJson } from '../../../src/http/parameters/select-json.ts';
import { messageJson } from '../../../src/schema/message-json.ts';
import { decodeMessage, encodeMessage, packAny, wireAny } from '../../../src/schema/protos.ts';

const OPERATION = 'google.longrunning.Operation';
const LIST = 'google.longrunning.ListOperationsResponse';
const JOB = 'google.storagetransfer.v1.TransferJob';
const TRANSFER = 'google.storagetransfer.v1.TransferOperation';
const INFO = 'google.rpc.ErrorInfo';
const STS = 'type.googleapis.com/google.storagetransfer.v1';

const parsed = (text: string) => parseFields(text, DEFAULT_FIELDS_LIMITS);

function read(type: string, message: object, fields: string) {
  const selection = parsed(fields);
  checkFields(selection, type);
  return { selection, decoded: decodeMessage(type, encodeMessage(type, message)) };
}

/** Of an answer in JSON. */
function selected(type: string, message: object, fields: string): unknown {
  const { selection, decoded } = read(type, message, fields);
  return selectJson(messageJson(type, decoded), selection);
}

/** Of an answer in bytes, told in JSON. */
function selectedBytes(type: string, message: object, fields: string): unknown {
  const { selection, decoded } = read(type, message, fields);
  const bytes = encodeMessage(type, selectFields(type, decoded, selection));
  return messageJson(type, decodeMessage(type, bytes));
}

/** The path that is refused. */
function refused(type: string, fields: string): unknown {
  try {
    checkFields(parsed(fields), type);
    return 'nothing';
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    const [violation] = error.fieldViolations;
    expect(violation?.description).toBe(
      `Error expanding 'fields' parameter. Cannot find matching fields for path '${violation?.field ?? ''}'.`,
    );
    return violation?.field;
  }
}

function operation(response: Any) {
  return {
    name: 'operations/1',
    metadata: wireAny(
      packAny(TRANSFER, {
        name: 'transferOperations/1',
        status: 'SUCCESS',
        counters: { objectsCopiedToSink: '3', bytesCopiedToSink: '30' },
        errorBreakdowns: [
          { errorCode: 'NOT_FOUND', errorCount: '2', errorLogEntries: [{ url: 'a', errorDetails: ['x', 'y'] }] },
          { errorCode: 'ABORTED' },
        ],
      }),
    ),
    done: true,
    response: wireAny(response),
  };
}

const struct = packAny('google.protobuf.Struct', {
  fields: {
    a: { numberValue: 1 },
    'b.c': { structValue: { fields: { d: { stringValue: 'x' }, e: { boolValue: true } } } },
    list: {
      listValue: { values: [{ structValue: { fields: { f: { nullValue: 'NULL_VALUE' }, g: { numberValue: 2 } } } }] },
    },
  },
});
const full = operation(struct);

describe('fields selects of a message', () => {
  const job = {
    name: 'transferJobs/1',
    projectId: 'p',
    status: 'ENABLED',
    creationTime: { seconds: 1 },
    transferSpec: {
      posixDataSource: { rootDirectory: '/a' },
      posixDataSink: { rootDirectory: '/b' },
      objectConditions: { includePrefixes: ['x', 'y'] },
    },
  };

  test.each<[fields: string, json: object]>([
    ['name', { name: 'transferJobs/1' }],
    ['name,status', { name: 'transferJobs/1', status: 'ENABLED' }],
    ['status,name', { name: 'transferJobs/1', status: 'ENABLED' }],
    ['name,name', { name: 'transferJobs/1' }],
    ['name,', { name: 'transferJobs/1' }],
    [',name', { name: 'transferJobs/1' }],
    [',', {}],
    ['description', {}],
    ['creationTime', { creationTime: '1970-01-01T00:00:01Z' }],
    ['transferSpec/posixDataSource', { transferSpec: { posixDataSource: { rootDirectory: '/a' } } }],
    ['transferSpec.posixDataSource.rootDirectory', { transferSpec: { posixDataSource: { rootDirectory: '/a' } } }],
    ['transferSpec/posixDataSource.rootDirectory', { transferSpec: { posixDataSource: { rootDirectory: '/a' } } }],
    [
      'transferSpec(posixDataSource,posixDataSink/rootDirectory),name',
      {
        name: 'transferJobs/1',
        transferSpec: { posixDataSource: { rootDirectory: '/a' }, posixDataSink: { rootDirectory: '/b' } },
      },
    ],
    [
      'transferSpec(objectConditions(includePrefixes))',
      { transferSpec: { objectConditions: { includePrefixes: ['x', 'y'] } } },
    ],
    ['transferSpec/transferOptions', { transferSpec: {} }],
    ['transferSpec/gcsDataSource/bucketName', { transferSpec: {} }],
    [
      'transferSpec/*/rootDirectory,projectId',
      {
        projectId: 'p',
        transferSpec: {
          posixDataSource: { rootDirectory: '/a' },
          posixDataSink: { rootDirectory: '/b' },
          objectConditions: {},
        },
      },
    ],
    [
      'transferSpec,transferSpec/posixDataSink',
      {
        transferSpec: {
          posixDataSource: { rootDirectory: '/a' },
          posixDataSink: { rootDirectory: '/b' },
          objectConditions: { includePrefixes: ['x', 'y'] },
        },
      },
    ],
    ['`name`', { name: 'transferJobs/1' }],
  ])('%s', (fields, json) => {
    expect(selected(JOB, job, fields)).toEqual(json);
    expect(selectedBytes(JOB, job, fields)).toEqual(json);
  });

  test('* is everything', () => {
    expect(selected(JOB, job, '*')).toEqual(messageJson(JOB, decodeMessage(JOB, encodeMessage(JOB, job))));
  });

  test('a default that is told stays told', () => {
    const type = 'google.storagetransfer.v1.AwsS3Data';
    const message = { bucketName: 'b', managedPrivateNetwork: false };
    for (const select of [selected, selectedBytes])
      expect(select(type, message, 'managedPrivateNetwork')).toEqual({ managedPrivateNetwork: false });
  });

  test('of each element of a list', () => {
    const list = { operations: [{ name: 'a', done: true }, { done: true }], nextPageToken: 't' };
    expect(selected(LIST, list, 'operations/name')).toEqual({ operations: [{ name: 'a' }, {}] });
    expect(selected(LIST, list, 'nextPageToken,operations(done)')).toEqual({
      nextPageToken: 't',
      operations: [{ done: true }, { done: true }],
    });
  });

  test('of a map by its keys, also those with marks of the grammar', () => {
    const info = { reason: 'R', metadata: { a: '1', 'b.c': '2', d: '3' } };
    expect(selected(INFO, info, 'metadata/a')).toEqual({ metadata: { a: '1' } });
    expect(selected(INFO, info, 'metadata(`b.c`,d)')).toEqual({ metadata: { 'b.c': '2', d: '3' } });
    expect(selected(INFO, info, 'metadata/*')).toEqual({ metadata: { a: '1', 'b.c': '2', d: '3' } });
    expect(selected(INFO, info, 'metadata/z')).toEqual({ metadata: {} });
  });
});

describe('fields selects within an Any, which keeps its type', () => {
  const metadata = { '@type': `${STS}.TransferOperation` };

  test.each<[fields: string, json: object]>([
    ['metadata/status', { metadata: { ...metadata, status: 'SUCCESS' } }],
    ['metadata(@type)', { metadata }],
    ['metadata/nobody', { metadata }],
    ['metadata/counters/bytesCopiedToSink', { metadata: { ...metadata, counters: { bytesCopiedToSink: '30' } } }],
    [
      'metadata/errorBreakdowns(errorCode,errorLogEntries/errorDetails)',
      {
        metadata: {
          ...metadata,
          errorBreakdowns: [
            { errorCode: 'NOT_FOUND', errorLogEntries: [{ errorDetails: ['x', 'y'] }] },
            { errorCode: 'ABORTED' },
          ],
        },
      },
    ],
    [
      'name,metadata.*.bytesCopiedToSink',
      {
        name: 'operations/1',
        metadata: {
          ...metadata,
          name: 'transferOperations/1',
          status: 'SUCCESS',
          counters: { bytesCopiedToSink: '30' },
          errorBreakdowns: [{}, {}],
        },
      },
    ],
  ])('%s', (fields, json) => {
    expect(selected(OPERATION, full, fields)).toEqual(json);
    expect(selectedBytes(OPERATION, full, fields)).toEqual(json);
  });

  describe.each([
    ['whose type is not loaded', 'no.such.Type', Buffer.from('x'), 'eA=='],
    ['whose bytes are not of its type', 'google.storagetransfer.v1.TransferOperation', Buffer.from([0xff]), '/w=='],
    [
      'whose JSON is a text',
      'google.protobuf.Timestamp',
      encodeMessage('google.protobuf.Timestamp', { seconds: 1 }),
      '1970-01-01T00:00:01Z',
    ],
  ])('of one %s', (_row, type, bytes, value) => {
    const typeUrl = `type.googleapis.com/${type}`;
    const message = { metadata: { type_url: typeUrl, value: bytes } };

    test('JSON has its type alone, or its value where that is selected', () => {
      expect(selected(OPERATION, message, 'metadata/status')).toEqual({ metadata: { '@type': typeUrl } });
      expect(selected(OPERATION, message, 'metadata/value')).toEqual({ metadata: { '@type': typeUrl, value } });
    });

    test('bytes have it whole', () => {
      expect(selectedBytes(OPERATION, message, 'metadata/status')).toEqual({ metadata: { '@type': typeUrl, value } });
    });
  });
});

describe('fields selects within a Struct', () => {
  const type = { '@type': 'type.googleapis.com/google.protobuf.Struct' };

  test.each<[fields: string, json: object]>([
    ['response/value/a', { response: { ...type, value: { a: 1 } } }],
    ['response/value(`b.c`/d)', { response: { ...type, value: { 'b.c': { d: 'x' } } } }],
    ['response/value/list/f', { response: { ...type, value: { list: [{ f: null }] } } }],
    ['response/value/nobody', { response: { ...type, value: {} } }],
    ['response/value/*/e', { response: { ...type, value: { a: 1, 'b.c': { e: true }, list: [{}] } } }],
  ])('%s', (fields, json) => {
    expect(selected(OPERATION, full, fields)).toEqual(json);
    expect(selectedBytes(OPERATION, full, fields)).toEqual(json);
  });
});

describe('a path that no response can have is refused', () => {
  test.each<[fields: string, type: string, path: string]>([
    ['bogus', OPERATION, 'bogus'],
    ['name,bogus', OPERATION, 'bogus'],
    ['Name', OPERATION, 'Name'],
    [' name', OPERATION, ' name'],
    ['project_id', JOB, 'project_id'],
    ['name/x', OPERATION, 'name.x'],
    ['name/*', OPERATION, 'name.*'],
    ['error(code,x)', OPERATION, 'error.x'],
    ['error/details/x', OPERATION, 'nothing'],
    ['metadata/x/y', OPERATION, 'nothing'],
    ['operations/bogus', LIST, 'operations.bogus'],
    ['operations(name,error/bogus)', LIST, 'operations.error.bogus'],
    ['transferSpec/*/bogus', JOB, 'transferSpec.*.bogus'],
    ['*/bogus', JOB, '*.bogus'],
    ['*/rootDirectory', JOB, '*.rootDirectory'],
    ['*/posixDataSource', JOB, 'nothing'],
    ['creationTime/seconds', JOB, 'creationTime.seconds'],
    ['status/x', JOB, 'status.x'],
    ['metadata/a/b', INFO, 'metadata.a.b'],
    ['*', 'google.protobuf.Empty', 'nothing'],
    ['name,done', 'google.protobuf.Empty', 'nothing'],
    ['constructor', OPERATION, 'constructor'],
    ['__proto__', OPERATION, '__proto__'],
  ])('%s of %s', (fields, type, path) => {
    expect(refused(type, fields)).toBe(path);
  });

  test.each([
    'a(b',
    'a)',
    'a(b))',
    '(a)',
    'a()',
    'a(,)',
    'a(b)c',
    'a(b)/c',
    'a(b)(c)',
    'a/',
    'a/,b',
    '/a',
    'a//b',
    'a/(b)',
    'a.',
    '`a',
    'a`b`',
    '``',
    ')(',
  ])('what is not of the grammar is refused whole: %s', (fields) => {
    expect(refused(OPERATION, fields)).toBe(fields);
  });

  test.each([
    ['too long', 'name,'.repeat(4000)],
    ['too deep', `${'metadata/'.repeat(32)}x`],
    ['too deep in groups', `${'metadata('.repeat(33)}x${')'.repeat(33)}`],
  ])('%s', (_row, fields) => {
    expect(refused(OPERATION, fields)).toBe(fields.slice(0, 128));
  });

  test('as deep and as long as may be is taken', () => {
    expect(refused(OPERATION, `${'metadata/'.repeat(31)}x`)).toBe('nothing');
    expect(refused(OPERATION, 'name,'.repeat(3276))).toBe('nothing');
  });
});
