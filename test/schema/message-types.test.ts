import { describe, expect, test } from '@jest/globals';
import { protoMessageTypes } from '../../src/schema/message-types.ts';
import { encodeMessage, decodeMessage } from '../../src/schema/protos.ts';

const field = (type: string, name: string) => protoMessageTypes.find(type)?.field(name);

describe('the fields of a message type', () => {
  const OPERATION = 'google.storagetransfer.v1.TransferOperation';

  test.each([
    [OPERATION, 'project_id', { key: 'projectId', rule: 'single', type: { kind: 'string' } }],
    [OPERATION, 'projectId', { key: 'projectId', rule: 'single', type: { kind: 'string' } }],
    [OPERATION, 'counters', { rule: 'single', type: { name: 'google.storagetransfer.v1.TransferCounters' } }],
    [OPERATION, 'start_time', { rule: 'single', type: { name: 'google.protobuf.Timestamp' } }],
    [OPERATION, 'error_breakdowns', { rule: 'repeated', type: { name: 'google.storagetransfer.v1.ErrorSummary' } }],
    ['google.storagetransfer.v1.TransferCounters', 'bytes_copied_to_sink', { type: { kind: 'integer' } }],
    ['google.rpc.Status', 'details', { rule: 'repeated', type: { name: 'google.protobuf.Any' } }],
    ['google.rpc.ErrorInfo', 'metadata', { rule: 'map', mapKey: 'string', type: { kind: 'string' } }],
    ['google.protobuf.Struct', 'fields', { rule: 'map', type: { name: 'google.protobuf.Value' } }],
    ['google.protobuf.DoubleValue', 'value', { type: { kind: 'float' } }],
    ['google.protobuf.BytesValue', 'value', { type: { kind: 'bytes' } }],
    ['longrunning.transfers.v1.Checkpoint', 'pending', { type: { name: 'longrunning.transfers.v1.PendingObject' } }],
    // Nested in the message, and in another one than that which uses it.
    [
      'google.cloud.storagebatchoperations.v1.BucketList',
      'buckets',
      { rule: 'repeated', type: { name: 'google.cloud.storagebatchoperations.v1.BucketList.Bucket' } },
    ],
    [
      'google.cloud.storagebatchoperations.v1.CustomContextUpdates',
      'updates',
      { rule: 'map', type: { name: 'google.cloud.storagebatchoperations.v1.ObjectCustomContextPayload' } },
    ],
    ['google.cloud.storagebatchoperations.v1.BucketList.Bucket', 'bucket', { type: { kind: 'string' } }],
  ])('%s.%s', (type, name, expected) => {
    expect(field(type, name)).toMatchObject(expected);
  });

  test('an enum has its names with their numbers, the one of a field that is not set first', () => {
    const type = field(OPERATION, 'status')?.type;
    expect(type?.kind === 'enum' && [...type.values].slice(0, 3)).toEqual([
      ['STATUS_UNSPECIFIED', 0],
      ['IN_PROGRESS', 1],
      ['PAUSED', 2],
    ]);
  });

  test('the names of fields are those of the definition', () => {
    expect(protoMessageTypes.find(OPERATION)?.fieldNames).toEqual(
      expect.arrayContaining(['project_id', 'transfer_job_name', 'error_breakdowns']),
    );
    expect(field(OPERATION, 'nosuch')).toBeUndefined();
  });
});

test('every type that a field names is known', () => {
  const seen = new Set<string>();
  const missing: string[] = [];
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    const type = protoMessageTypes.find(name);
    if (type === undefined) missing.push(name);
    for (const member of type?.fieldNames ?? []) {
      const fieldType = type?.field(member)?.type;
      if (fieldType?.kind === 'message') visit(fieldType.name);
    }
  };
  protoMessageTypes.names().forEach(visit);
  expect(missing).toEqual([]);
  expect(seen.size).toBeGreaterThan(100);
});

test('the messages of Storage Batch Operations are coded, though no service here speaks them', () => {
  const name = 'google.cloud.storagebatchoperations.v1.OperationMetadata';
  const message = { operation: 'o', requestedCancellation: true, job: { state: 'RUNNING' } };
  expect(decodeMessage(name, encodeMessage(name, message))).toMatchObject(message);
  expect(protoMessageTypes.names()).toContain(name);
});
