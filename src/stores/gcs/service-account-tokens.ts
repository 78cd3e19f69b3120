import { createPrivateKey, sign, type KeyObject } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { RenewedAccessTokens, type AccessTokens } from './access-tokens.ts';
import { postForToken } from './token-request.ts';
import type { WebClient } from '../web/web-client.ts';

export interface TokenSourceOptions {
  readonly client: WebClient;
  readonly clock: Clock;
  /** GcsLimits.tokenMarginMs. */
  readonly marginMs: number;
  readonly fetchTimeoutMs: number;
}

/** All of Cloud Storage: read, write, and what retention and holds need. */
export const STORAGE_SCOPE = 'https://www.googleapis.com/auth/devstorage.full_control';

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
/** "The maximum is 1 hour after the issued time" (OAuth 2.0 for server to server applications). Seconds. */
const ASSERTION_DURATION_S = 3600;

interface ServiceAccountKey {
  readonly email: string;
  readonly keyId: string;
  readonly privateKey: KeyObject;
  readonly tokenUri: string;
}

/**
 * Tokens of a service account, for the text of its key file: a JWT signed with the key is exchanged at the key's token endpoint
 * (RFC 7523).
 *
 * @throws StatusError INVALID_ARGUMENT for a text that is no such file; nothing of it is in the message.
 */
export function serviceAccountTokens(keyFile: string, options: TokenSourceOptions): AccessTokens {
  const key = parseKey(keyFile);
  const { client, clock, marginMs, fetchTimeoutMs } = options;
  return new RenewedAccessTokens({
    identity: key.email,
    clock,
    marginMs,
    fetchTimeoutMs,
    fetch: (signal) => {
      const form = new URLSearchParams({ grant_type: GRANT, assertion: assertionOf(key, clock.now()) });
      const url = key.tokenUri;
      return postForToken({ client, clock, url, form, signal });
    },
  });
}

/** The signed claim that the account itself asks for the scope (RFC 7523, section 3). */
export function assertionOf({ email, keyId, privateKey, tokenUri }: ServiceAccountKey, nowMs: number): string {
  const issuedS = Math.floor(nowMs / 1000);
  const header = { alg: 'RS256', typ: 'JWT', kid: keyId };
  const claims = { iss: email, scope: STORAGE_SCOPE, aud: tokenUri, iat: issuedS, exp: issuedS + ASSERTION_DURATION_S };
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), privateKey).toString('base64url')}`;
}

function parseKey(keyFile: string): ServiceAccountKey {
  try {
    const given = JSON.parse(keyFile) as Readonly<Record<string, unknown>>;
    const [email, keyId, pem, tokenUri] = ['client_email', 'private_key_id', 'private_key', 'token_uri'].map((name) =>
      textOf(given, name),
    );
    if (given['type'] !== 'service_account') throw new TypeError('type');
    return {
      email: email ?? '',
      keyId: keyId ?? '',
      privateKey: createPrivateKey(pem ?? ''),
      tokenUri: new URL(tokenUri ?? '').href,
    };
  } catch {
    // Not even as the cause: JSON.parse and createPrivateKey may quote what they were given.
    const message =
      'the credentials are no key file of a service account: JSON with type, client_email, private_key, token_uri';
    throw new StatusError(Code.INVALID_ARGUMENT, message, { reason: 'CREDENTIALS_UNREADABLE' });
  }
}

function textOf(given: Readonly<Record<string, unknown>>, name: string): string {
  const value = given[name];
  if (typeof value !== 'string' || value === '') throw new TypeError(name);
  return value;
}
