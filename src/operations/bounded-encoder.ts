import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import type { OperationEncoder } from './presenter.ts';

/**
 * Refuses a record whose message no client could be sent: each part may fit and their sum not.
 *
 * The change that would have made it so fails with RESOURCE_EXHAUSTED (reason OPERATION_TOO_LARGE), and the operation stays readable.
 */
export function boundedEncoder(encode: OperationEncoder, sizeMaxBytes: number): OperationEncoder {
  return (operation) => {
    const encoded = encode(operation);
    if (encoded.length <= sizeMaxBytes) return encoded;
    const sizes = { operation: operation.name, sizeBytes: String(encoded.length), sizeMaxBytes: String(sizeMaxBytes) };
    throw new StatusError(
      Code.RESOURCE_EXHAUSTED,
      `${operation.name} would have ${sizes.sizeBytes} bytes, and ${sizes.sizeMaxBytes} can be sent; report less metadata or a smaller response`,
      { reason: 'OPERATION_TOO_LARGE', metadata: sizes },
    );
  };
}
