import { readFileSync } from 'node:fs';
import type { SecretReference } from '../../core/bucket-binding.ts';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';

/**
 * Read anew each time: what an operator replaces counts from the next transfer on.
 *
 * @throws StatusError FAILED_PRECONDITION (reason CREDENTIAL_UNREADABLE) where there is none.
 */
export function readSecret(reference: SecretReference): string {
  if ('given' in reference) return reference.given;
  const where = 'env' in reference ? `environment variable ${reference.env}` : reference.file;
  try {
    const text = 'env' in reference ? (process.env[reference.env] ?? '') : readFileSync(reference.file, 'utf8').trim();
    if (text !== '') return text;
  } catch (cause) {
    throw secretMissing(where, cause);
  }
  throw secretMissing(where);
}

/** Callers are told that it is the operator's business, and nothing of where it should be. */
function secretMissing(where: string, cause?: unknown): StatusError {
  const message = "a credential of this bucket cannot be read; see this server's config file, section buckets";
  const detail = cause instanceof Error ? cause : new Error(where);
  return new StatusError(Code.FAILED_PRECONDITION, message, { reason: 'CREDENTIAL_UNREADABLE', cause: detail });
}
