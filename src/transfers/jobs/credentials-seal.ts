import type { SourceCredentials } from '../source-credentials.ts';

/** Makes credentials fit to be stored: nobody without the key can read them, or use them for something else. */
export interface CredentialsSeal {
  /**
   * @param holder  the full name of what they are stored in: they are opened for the same name only.
   * @throws StatusError FAILED_PRECONDITION (reason CREDENTIALS_KEY_UNUSABLE) when the key cannot be read or made.
   */
  seal(credentials: SourceCredentials, holder: string): Promise<Uint8Array>;

  /**
   * @throws StatusError FAILED_PRECONDITION, naming the file of the key and what to do: reason CREDENTIALS_KEY_UNUSABLE as with seal(),
   *   CREDENTIALS_KEY_LOST when it does not hold the key they were sealed with, CREDENTIALS_DAMAGED when they are not what was sealed.
   */
  open(sealed: Uint8Array, holder: string): Promise<SourceCredentials>;
}
