import { describe, expect, test } from '@jest/globals';
import { typeUrl } from '../../src/core/any.ts';
import { anyJson, messageJson } from '../../src/schema/message-json.ts';
import { decodeMessage, encodeMessage, packAny, wireAny } from '../../src/schema/protos.ts';
import { durationText, rfc3339Text } from '../../src/schema/time-text.ts';

function json(name: string, message: object): unknown {
  return messageJson(name, decodeMessage(name, encodeMessage(name, message)));
}

describe('a message as JSON', () => {
  test('has its times in RFC 3339, counts as texts and enums by name', () => {
    const message = {
      name: 'transferOperations/1',
      startTime: { seconds: 1_700_000_000, nanos: 500_000_000 },
      status: 'IN_PROGRESS',
      counters: { objectsCopiedToSink: 3, bytesCopiedToSink: '9007199254740993' },
    };

    expect(json('google.storagetransfer.v1.TransferOperation', message)).toEqual({
      name: 'transferOperations/1',
      startTime: '2023-11-14T22:13:20.500Z',
      status: 'IN_PROGRESS',
      counters: { objectsCopiedToSink: '3', bytesCopiedToSink: '9007199254740993' },
    });
  });

  test('shows an Any by its type, within lists and nested ones too', () => {
    const info = packAny('google.rpc.ErrorInfo', { reason: 'GONE', domain: 'd', metadata: { name: 'x' } });
    const error = { code: 5, message: 'x is gone', details: [wireAny(info)] };

    expect(json('google.longrunning.Operation', { name: 'operations/1', done: true, error })).toEqual({
      name: 'operations/1',
      done: true,
      error: {
        code: 5,
        message: 'x is gone',
        details: [{ '@type': typeUrl('google.rpc.ErrorInfo'), reason: 'GONE', domain: 'd', metadata: { name: 'x' } }],
      },
    });
  });

  test('keeps maps, numbers and switches, and leaves out the names of oneofs', () => {
    const changed = {
      labels: { team: 'a' },
      priority: 3,
      ownerHeld: true,
      revision: 7,
      progress: { bytes: { done: 1, perSecond: 2.5 } },
    };

    expect(json('longrunning.control.v1.WatchOperationsResponse', { cursor: 'c', changed })).toEqual({
      cursor: 'c',
      changed: {
        labels: { team: 'a' },
        priority: 3,
        ownerHeld: true,
        revision: '7',
        progress: { bytes: { done: '1', perSecond: 2.5 } },
      },
    });
  });

  test('writes a field mask as one text', () => {
    const request = { updateTransferJobFieldMask: { paths: ['status', 'description'] } };

    expect(json('google.storagetransfer.v1.UpdateTransferJobRequest', request)).toEqual({
      updateTransferJobFieldMask: 'status,description',
    });
  });
});

describe('an Any as JSON', () => {
  test('of a type nobody knows keeps its bytes', () => {
    const url = 'type.googleapis.com/example.Unknown';

    expect(anyJson({ typeUrl: url, value: Buffer.from([1, 2]) })).toEqual({ '@type': url, value: 'AQI=' });
  });

  test('with bytes that are not of its type keeps them', () => {
    const url = typeUrl('google.rpc.Status');

    expect(anyJson({ typeUrl: url, value: Buffer.from([0xff]) })).toEqual({ '@type': url, value: '/w==' });
  });

  test('of a type with a form of its own has it as value', () => {
    const url = typeUrl('google.protobuf.Duration');

    expect(anyJson(packAny('google.protobuf.Duration', { seconds: 3 }))).toEqual({ '@type': url, value: '3s' });
  });

  test('that is empty has its type alone', () => {
    const url = typeUrl('google.protobuf.Empty');

    expect(anyJson(packAny('google.protobuf.Empty', {}))).toEqual({ '@type': url });
  });
});

test.each([
  [{ seconds: 0 }, '1970-01-01T00:00:00Z'],
  [{ seconds: '1', nanos: 1 }, '1970-01-01T00:00:01.000000001Z'],
  [{ seconds: -1, nanos: 120_000 }, '1969-12-31T23:59:59.000120Z'],
])('the time %j is %s', (timestamp, text) => {
  expect(rfc3339Text(timestamp)).toBe(text);
});

test.each([
  [{ seconds: '3' }, '3s'],
  [{ nanos: 1_000_000 }, '0.001s'],
  [{ seconds: -1, nanos: -500_000_000 }, '-1.500s'],
])('the duration %j is %s', (duration, text) => {
  expect(durationText(duration)).toBe(text);
});
