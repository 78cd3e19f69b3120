import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { MethodDefinition } from '@grpc/proto-loader';
import { encodeMessage, findService } from '../../src/schema/protos.ts';
import { requestDecoder } from '../../src/schema/single-text-request.ts';

function methodOf(service: string, rpc: string): MethodDefinition<unknown, unknown> {
  const method = findService(service)?.[rpc];
  if (method === undefined) throw new Error(`${service}.${rpc} is not loaded`);
  return method as MethodDefinition<unknown, unknown>;
}

const GET = methodOf('google.longrunning.Operations', 'GetOperation');

function outcome(decode: (bytes: Buffer) => unknown, bytes: Buffer): unknown {
  try {
    return { value: { ...(decode(bytes) as object) } };
  } catch {
    return 'refused';
  }
}

test('a request of one text is decoded to what the general decoder makes of it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (name) => {
      const bytes = encodeMessage('google.longrunning.GetOperationRequest', { name });
      expect(outcome(requestDecoder(GET), bytes)).toEqual(outcome(GET.requestDeserialize, bytes));
    }),
  );
});

test('bytes that are no such request are treated as the general decoder treats them', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 12 }),
      fc.constantFrom([], [0x0a], [0x0a, 0x03], [0x0a, 0x80]),
      (tail, head) => {
        const bytes = Buffer.from([...head, ...tail]);
        expect(outcome(requestDecoder(GET), bytes)).toEqual(outcome(GET.requestDeserialize, bytes));
      },
    ),
    { numRuns: 2000 },
  );
});

test.each([
  ['an empty request', []],
  ['a text of 127 bytes', [0x0a, 0x7f, ...Buffer.alloc(127, 'a')]],
  ['a text of 128 bytes', [0x0a, 0x80, 0x01, ...Buffer.alloc(128, 'a')]],
  ['the field twice: the last one counts', [0x0a, 0x01, 0x61, 0x0a, 0x01, 0x62]],
  ['another field behind it', [0x0a, 0x01, 0x61, 0x10, 0x01]],
  ['a text that is not UTF-8', [0x0a, 0x02, 0xc3, 0x28]],
])('%s is decoded as the general decoder does', (_what, bytes) => {
  const request = Buffer.from(bytes);
  expect(outcome(requestDecoder(GET), request)).toEqual(outcome(GET.requestDeserialize, request));
});

test('a request of several fields is left to the general decoder', () => {
  const list = methodOf('google.longrunning.Operations', 'ListOperations');
  expect(requestDecoder(list)).toBe(list.requestDeserialize);
});
