import { createHash, randomBytes } from 'node:crypto';

/** AES-256. */
export const KEY_BYTES = 32;
const KEY_ID_BYTES = 8;

/** A key that credentials are sealed with. Never logged. */
export interface CredentialsKey {
  /** Tells it from others, and nothing about it. */
  readonly id: Buffer;
  readonly key: Buffer;
}

/** The keys of this process. */
export interface CredentialsKeys {
  /** Where they are, for the person who keeps them. */
  readonly place: string;
  /** What is sealed from now on is sealed with it; made where there is none. @throws StatusError CREDENTIALS_KEY_UNUSABLE. */
  current(): Promise<CredentialsKey>;
  /** All of them; none where there are none yet. @throws StatusError CREDENTIALS_KEY_UNUSABLE. */
  all(): Promise<readonly CredentialsKey[]>;
}

export function credentialsKeyOf(key: Buffer): CredentialsKey {
  const id = createHash('sha256').update('longrunning credentials key id\0').update(key).digest();
  return { id: id.subarray(0, KEY_ID_BYTES), key };
}

export function newCredentialsKey(): CredentialsKey {
  return credentialsKeyOf(randomBytes(KEY_BYTES));
}

/** A key for what does not outlive the process either. */
export function memoryCredentialsKeys(): CredentialsKeys {
  const keys = [newCredentialsKey()] as const;
  return { place: 'memory', current: () => Promise.resolve(keys[0]), all: () => Promise.resolve(keys) };
}
