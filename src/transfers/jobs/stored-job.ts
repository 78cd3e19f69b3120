import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { Resource } from '../../operations/resource.ts';
import type { TransferJob, TransferJobCodec } from './transfer-job.ts';

/**
 * The job in a resource.
 *
 * @throws StatusError DATA_LOSS (reason STORAGE_CORRUPT) naming the job when its bytes cannot be decoded.
 */
export function storedJobOf({ name, value }: Resource, codec: TransferJobCodec): TransferJob {
  try {
    return codec.decode(value);
  } catch (cause) {
    throw new StatusError(Code.DATA_LOSS, `${name} is damaged in the database; restore it from a backup`, {
      reason: 'STORAGE_CORRUPT',
      metadata: { transferJob: name },
      cause,
    });
  }
}
