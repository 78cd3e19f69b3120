import { describe, expect, test } from '@jest/globals';
import { Code } from '../../../src/core/code.ts';
import { StatusError } from '../../../src/core/status-error.ts';
import { DEFAULT_PROTO_JSON_LIMITS } from '../../../src/schema/json/limits.ts';
import { readQueryMessage, type QueryParameter } from '../../../src/schema/json/read-query-message.ts';
import { decodeMessage, encodeMessage } from '../../../src/schema/protos.ts';

const LIST = 'google.longrunning.ListOperationsRequest';
const JOB = 'google.storagetransfer.v1.TransferJob';
const UPDATE = 'google.storagetransfer.v1.UpdateTransferJobRequest';
const INFO = 'google.rpc.ErrorInfo';
const STATUS = 'google.rpc.Status';

function read(type: string, parameters: readonly QueryParameter[]): unknown {
  return readQueryMessage(type, parameters, DEFAULT_PROTO_JSON_LIMITS);
}

describe('the parameters of a query are read into the message that gRPC would bring', () => {
  test.each<[row: string, type: string, parameters: QueryParameter[], message: object]>([
    ['none', LIST, [], {}],
    ['a text as it is', LIST, [['pageToken', 'tok+/=']], { pageToken: 'tok+/=' }],
    ['a number', LIST, [['pageSize', '5']], { pageSize: 5 }],
    ['a name in snake case', LIST, [['page_size', '5']], { pageSize: 5 }],
    ['a boolean', LIST, [['returnPartialSuccess', 'true']], { returnPartialSuccess: true }],
    ['an empty text', LIST, [['filter', '']], {}],
    ['an enum by its name', JOB, [['status', 'ENABLED']], { status: 'ENABLED' }],
    ['an enum by its number', JOB, [['status', '1']], { status: 'ENABLED' }],
    [
      'a field of a field',
      JOB,
      [
        ['schedule.scheduleStartDate.year', '2026'],
        ['schedule.schedule_start_date.day', '2'],
      ],
      { schedule: { scheduleStartDate: { year: 2026, day: 2 } } },
    ],
    [
      'a repeated field',
      JOB,
      [
        ['transferSpec.objectConditions.includePrefixes', 'a'],
        ['transferSpec.objectConditions.include_prefixes', 'b'],
      ],
      { transferSpec: { objectConditions: { includePrefixes: ['a', 'b'] } } },
    ],
    [
      'a mask',
      UPDATE,
      [['updateTransferJobFieldMask', 'status,transferSpec']],
      { updateTransferJobFieldMask: { paths: ['status', 'transfer_spec'] } },
    ],
    ['a time', JOB, [['creationTime', '1970-01-01T00:00:01Z']], { creationTime: { seconds: 1 } }],
    ['a duration', JOB, [['schedule.repeatInterval', '3600s']], { schedule: { repeatInterval: { seconds: 3600 } } }],
    [
      'one of a oneof',
      JOB,
      [['transferSpec.gcsDataSource.bucketName', 'b']],
      { transferSpec: { gcsDataSource: { bucketName: 'b' } } },
    ],
  ])('%s', (_row, type, parameters, message) => {
    expect(read(type, parameters)).toEqual(decodeMessage(type, encodeMessage(type, message)));
  });
});

describe('a mistake in a query is INVALID_ARGUMENT', () => {
  const unknown = (name: string): string =>
    `Invalid JSON payload received. Unknown name "${name}": Cannot bind query parameter. ` +
    `Field '${name}' could not be found in request message.`;

  test.each<[row: string, type: string, parameters: QueryParameter[], field: string, description: string]>([
    ['an unknown name', LIST, [['x', '1']], '', unknown('x')],
    ['an unknown name within', JOB, [['schedule.x', '1']], '', unknown('schedule.x')],
    ['a step into a text', LIST, [['filter.x', '1']], '', unknown('filter.x')],
    ['a step into a time', JOB, [['creationTime.seconds', '1']], '', unknown('creationTime.seconds')],
    ['a step into an Any', 'google.longrunning.Operation', [['metadata.value', 'x']], '', unknown('metadata.value')],
    ['a message', JOB, [['schedule', '{}']], '', unknown('schedule')],
    ['a field of a repeated message', STATUS, [['details.value', 'x']], '', unknown('details.value')],
    ['a map', INFO, [['metadata.a', 'x']], '', unknown('metadata.a')],
    ['empty steps', JOB, [['schedule..x', '1']], '', unknown('schedule..x')],
    ['a name that every object has', LIST, [['constructor', '1']], '', unknown('constructor')],
    [
      'a number that is none',
      LIST,
      [['pageSize', 'abc']],
      'page_size',
      `Invalid value at 'page_size' (TYPE_INT32), "abc"`,
    ],
    [
      'a boolean that is none',
      LIST,
      [['returnPartialSuccess', 'yes']],
      'return_partial_success',
      `Invalid value at 'return_partial_success' (TYPE_BOOL), "yes"`,
    ],
    [
      'one field twice',
      LIST,
      [
        ['pageSize', '1'],
        ['page_size', '1'],
      ],
      '',
      'Invalid JSON payload received. Duplicate name "page_size"',
    ],
    [
      'two of a oneof',
      JOB,
      [
        ['transferSpec.gcsDataSource.path', 'a'],
        ['transferSpec.httpDataSource.listUrl', 'b'],
      ],
      'transfer_spec',
      `Invalid value at 'transfer_spec' (oneof), oneof field 'data_source' is already set. Cannot set 'httpDataSource'`,
    ],
  ])('%s', (...[, type, parameters, field, description]) => {
    const act = (): unknown => read(type, parameters);

    expect(act).toThrow(StatusError);
    expect(act).toThrow(
      expect.objectContaining({ code: Code.INVALID_ARGUMENT, fieldViolations: [{ field, description }] }),
    );
  });

  test('a name of very many steps', () => {
    expect(() => read(JOB, [['a.'.repeat(100_000), '1']])).toThrow(StatusError);
  });

  test('more parameters than the limit', () => {
    const limits = { ...DEFAULT_PROTO_JSON_LIMITS, valueCountMax: 1 };

    expect(() =>
      readQueryMessage(
        LIST,
        [
          ['filter', 'a'],
          ['pageSize', '1'],
        ],
        limits,
      ),
    ).toThrow(expect.objectContaining({ code: Code.INVALID_ARGUMENT }));
  });
});
