import type { Any } from '../../../src/core/any.ts';
import { Code } from '../../../src/core/code.ts';
import { readOperationFilter } from '../../../src/operations/filter/operation-filter.ts';
import { DEFAULT_OPERATIONS_LIMITS } from '../../../src/operations/limits.ts';
import type { Operation } from '../../../src/operations/operation.ts';
import { createOperationEncoder } from '../../../src/schema/operation-encoder.ts';
import { packAny } from '../../../src/schema/protos.ts';
import { protoAnyResolver } from '../../../src/schema/resolver.ts';
import { isListed } from '../../../src/repositories/record-order.ts';
import { sampleOperation } from '../sample-operation.ts';

const encode = createOperationEncoder(new Map(), () => 'longrunning.googleapis.com');

/** A record with what clients are sent of it. */
export function encodedOperation(changes: Partial<Operation> = {}): Operation {
  const operation = sampleOperation(changes);
  return { ...operation, encoded: encode(operation) };
}

/** Metadata that has every kind of field, in a type of the loaded protos or another. */
export function transferMetadata(changes: object = {}): Any {
  return packAny('google.storagetransfer.v1.TransferOperation', {
    name: 'transferOperations/7',
    projectId: 'my-project',
    status: 'PAUSED',
    startTime: { seconds: 1_334_000_000, nanos: 5 },
    counters: { objectsCopiedToSink: '42', bytesCopiedToSink: '9007199254740993' },
    errorBreakdowns: [
      {
        errorCode: 'NOT_FOUND',
        errorCount: 3,
        errorLogEntries: [{ url: 'file:///a', errorDetails: ['gone', 'away'] }],
      },
      { errorCode: 'ABORTED', errorCount: 0 },
    ],
    loggingConfig: { logActions: ['COPY', 'FIND'], enableOnpremGcsTransferLogs: true },
    transferSpec: {
      objectConditions: { minTimeElapsedSinceLastModification: { seconds: 20 }, includePrefixes: ['logs/', 'data/'] },
    },
    ...changes,
  });
}

/** A failed operation with an error whose details are an ErrorInfo. */
export function failedOperation(changes: Partial<Operation> = {}): Operation {
  const error = {
    code: Code.NOT_FOUND,
    message: 'file:///a not found',
    info: { reason: 'SOURCE_MISSING', domain: 'd', metadata: { path: '/a' } },
  };
  return encodedOperation({ state: 'FAILED', endTimeMs: 5000, result: { error }, ...changes });
}

/** Whether a filter matches the record. */
export function isFound(filter: string, operation: Operation): boolean {
  return readOperationFilter(filter, protoAnyResolver, DEFAULT_OPERATIONS_LIMITS).matches(operation);
}

/** Whether the index that serves a filter finds the record, and whether no record that it finds need be asked. */
export function servedBy(
  filter: string,
  operation: Operation,
): { readonly isListed: boolean; readonly isServed: boolean } {
  const { query, isServed } = readOperationFilter(filter, protoAnyResolver, DEFAULT_OPERATIONS_LIMITS);
  const { surface, collection } = operation;
  return { isListed: isListed(operation, { surface, collection, limit: 1, ...query }), isServed };
}
