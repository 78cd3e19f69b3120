import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';

export interface BodyPartOptions {
  /** Of every part but the last. */
  readonly partSizeBytes: number;
  /** Of the whole body, where it is known. */
  readonly sizeBytes?: number;
  /** What messages call it. */
  readonly resource: string;
  readonly signal: AbortSignal;
}

/**
 * A body in parts of one size, the last one shorter; an empty body is one empty part. A part is the caller's.
 *
 * @throws StatusError DATA_LOSS for a body of another length than the one announced, before its last part is handed out.
 */
export async function* bodyParts(body: AsyncIterable<Uint8Array>, options: BodyPartOptions): AsyncGenerator<Buffer> {
  const { partSizeBytes, sizeBytes = Infinity, signal } = options;
  let totalBytes = 0;
  let part = Buffer.allocUnsafe(Math.min(partSizeBytes, sizeBytes));
  let filledBytes = 0;
  for await (const chunk of body) {
    signal.throwIfAborted();
    totalBytes += chunk.length;
    if (totalBytes > sizeBytes) throw lengthError(options, `more than ${sizeBytes} bytes came`);
    for (let taken = 0; taken < chunk.length;) {
      if (filledBytes === part.length) {
        if (filledBytes > 0) yield part;
        part = Buffer.allocUnsafe(Math.min(partSizeBytes, sizeBytes - (totalBytes - chunk.length + taken)));
        filledBytes = 0;
      }
      const count = Math.min(chunk.length - taken, part.length - filledBytes);
      part.set(chunk.subarray(taken, taken + count), filledBytes);
      taken += count;
      filledBytes += count;
    }
  }
  signal.throwIfAborted();
  if (sizeBytes !== Infinity && totalBytes !== sizeBytes) {
    throw lengthError(options, `${totalBytes} bytes came of ${sizeBytes}`);
  }
  yield part.subarray(0, filledBytes);
}

function lengthError({ resource }: BodyPartOptions, detail: string): StatusError {
  return new StatusError(Code.DATA_LOSS, `${resource}: ${detail}`, {
    reason: 'OBJECT_DAMAGED',
    metadata: { resource },
  });
}
