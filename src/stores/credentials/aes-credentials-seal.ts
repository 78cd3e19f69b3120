import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { CredentialsSeal } from '../../transfers/jobs/credentials-seal.ts';
import type { SourceCredentials } from '../../transfers/source-credentials.ts';
import type { CredentialsKeys } from './credentials-keys.ts';

/** Of what is stored: this byte, the key's id, the nonce, the tag, the encrypted JSON. */
const FORMAT = 1;
const KEY_ID_AT = 1;
const NONCE_AT = 9;
const TAG_AT = 21;
const TEXT_AT = 37;

/** NIST SP 800-38D: random nonces of 96 bits, for up to 2^32 messages under one key. */
const CIPHER = 'aes-256-gcm';

/** AES-256-GCM, bound to the key's id and to the name of what holds the credentials. */
export class AesCredentialsSeal implements CredentialsSeal {
  readonly #keys: CredentialsKeys;

  constructor(keys: CredentialsKeys) {
    this.#keys = keys;
  }

  async seal(credentials: SourceCredentials, holder: string): Promise<Uint8Array> {
    const { id, key } = await this.#keys.current();
    const head = Buffer.concat([Buffer.of(FORMAT), id]);
    const nonce = randomBytes(TAG_AT - NONCE_AT);
    const cipher = createCipheriv(CIPHER, key, nonce).setAAD(boundTo(head, holder));
    const text = Buffer.concat([cipher.update(JSON.stringify(credentials), 'utf8'), cipher.final()]);
    return Buffer.concat([head, nonce, cipher.getAuthTag(), text]);
  }

  async open(sealed: Uint8Array, holder: string): Promise<SourceCredentials> {
    const bytes = Buffer.from(sealed);
    if (bytes[0] !== FORMAT || bytes.length < TEXT_AT) throw damaged(holder);
    const head = bytes.subarray(0, NONCE_AT);
    const id = head.subarray(KEY_ID_AT);
    const found = (await this.#keys.all()).find((each) => each.id.equals(id));
    if (found === undefined) throw this.#lost(holder, id);
    try {
      const decipher = createDecipheriv(CIPHER, found.key, bytes.subarray(NONCE_AT, TAG_AT))
        .setAAD(boundTo(head, holder))
        .setAuthTag(bytes.subarray(TAG_AT, TEXT_AT));
      const text = Buffer.concat([decipher.update(bytes.subarray(TEXT_AT)), decipher.final()]).toString('utf8');
      return JSON.parse(text) as SourceCredentials;
    } catch {
      // What is wrong with them may say something about them.
      throw damaged(holder);
    }
  }

  #lost(holder: string, id: Buffer): StatusError {
    const { place } = this.#keys;
    const keyId = id.toString('hex');
    return refusal(holder, {
      reason: 'CREDENTIALS_KEY_LOST',
      what: `its credentials were sealed with the key ${keyId}, which the key file ${place} of this server does not hold`,
      metadata: { file: place, keyId },
      remedy: 'restore that file from a backup (setting credentials-key)',
    });
  }
}

function boundTo(head: Buffer, holder: string): Buffer {
  return Buffer.concat([Buffer.from('longrunning transfer credentials\0'), head, Buffer.from(holder)]);
}

function damaged(holder: string): StatusError {
  return refusal(holder, {
    reason: 'CREDENTIALS_DAMAGED',
    what: 'its credentials are not what was sealed for it: they are damaged in the database, or were moved there',
    remedy: 'restore the database from a backup',
  });
}

interface Refusal {
  readonly reason: string;
  readonly what: string;
  readonly remedy: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

function refusal(holder: string, { reason, what, remedy, metadata }: Refusal): StatusError {
  const message = `${holder}: ${what}; ${remedy}, or give the credentials anew by UpdateTransferJob of transfer_spec`;
  return new StatusError(Code.FAILED_PRECONDITION, message, { reason, metadata: { holder, ...metadata } });
}
