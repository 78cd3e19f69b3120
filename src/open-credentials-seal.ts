/** Wires the seal of credentials to its keys. */
import { stat } from 'node:fs/promises';
import { Code } from './core/code.ts';
import type { Logger } from './core/logger.ts';
import { StatusError } from './core/status-error.ts';
import { AesCredentialsSeal } from './stores/credentials/aes-credentials-seal.ts';
import { memoryCredentialsKeys } from './stores/credentials/credentials-keys.ts';
import { FileCredentialsKeys } from './stores/credentials/file-credentials-keys.ts';
import type { CredentialsSeal } from './transfers/jobs/credentials-seal.ts';

/**
 * @param path  of the key file, which need not be there yet; undefined for keys that end with the process.
 * @throws StatusError reason INVALID_SETTING for a file that is there and cannot be used: later it would fail somebody's transfer.
 */
export async function openCredentialsSeal(path: string | undefined, logger: Logger): Promise<CredentialsSeal> {
  if (path === undefined) return new AesCredentialsSeal(memoryCredentialsKeys());
  const keys = new FileCredentialsKeys(path);
  try {
    await keys.all();
  } catch (cause) {
    if (!(cause instanceof StatusError)) throw cause;
    const message = `--credentials-key ${path}: ${cause.message}`;
    throw new StatusError(Code.FAILED_PRECONDITION, message, { reason: 'INVALID_SETTING', cause });
  }
  if (await isSharedWithOthers(path)) {
    logger.warn(
      { file: path },
      'the key file of credentials can be read by others than its owner; take that from them',
    );
  }
  return new AesCredentialsSeal(keys);
}

/** Those who mount a file for a process may have no choice of its mode: they are told, and nothing more. */
async function isSharedWithOthers(path: string): Promise<boolean> {
  try {
    return ((await stat(path)).mode & 0o077) !== 0;
  } catch {
    // Not there yet.
    return false;
  }
}
