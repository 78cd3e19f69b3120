import { Code } from '../../core/code.ts';
import type { FailureCause } from '../../transfers/object-failure.ts';

/**
 * Why an object of a listing cannot be transferred whose size is no number of bytes: what is planned and counted by sizes would be
 * wrong for all the others too. undefined where it is one.
 *
 * @param resource  what messages call the object.
 */
export function sizeFailure(resource: string, sizeBytes: number): FailureCause | undefined {
  if (Number.isSafeInteger(sizeBytes) && sizeBytes >= 0) return undefined;
  return { code: Code.INTERNAL, detail: `${resource}: the service lists it without a size in bytes` };
}
