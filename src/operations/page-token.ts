import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

import { invalidArgument, type StatusError } from '../core/status-error.ts';
import type { ListCursor } from './operation-repository.ts';

/** Which list a token continues: any other list refuses it (AIP-158). */
export interface PageScope {
  /** What is listed, such as a surface's id or `transfer-jobs`. */
  readonly surface: string;
  readonly collection: string;
  /** The filter's text as the caller gave it. */
  readonly filter: string;
}

const VERSION = 1;
const SIGNATURE_BYTES = 16;
/** No token of ours is longer: what is longer is refused before it is decoded. Characters. */
const TOKEN_LENGTH_MAX = 4096;

/**
 * Page tokens: a place in a list, signed, so that nobody can make one up or carry it to another list.
 *
 * base64url without padding of JSON `[version, scope hash, createTimeMs, name, expireTimeMs]` and a truncated HMAC-SHA256. The page size
 * is no part of it and may change between pages (AIP-158). A token is no authorisation.
 */
export class PageTokens {
  readonly #key: Uint8Array;
  readonly #lifetimeMs: number;

  /** @param lifetimeMs  AIP-158: "A good rule of thumb … is three days"; an expired token is INVALID_ARGUMENT. */
  constructor(key: Uint8Array, lifetimeMs: number) {
    this.#key = key;
    this.#lifetimeMs = lifetimeMs;
  }

  sign(scope: PageScope, cursor: ListCursor, now: number): string {
    const payload = Buffer.from(
      JSON.stringify([VERSION, scopeHash(scope), cursor.createTimeMs, cursor.name, now + this.#lifetimeMs]),
    );
    return Buffer.concat([this.#signature(payload), payload]).toString('base64url');
  }

  /** @throws StatusError INVALID_ARGUMENT for a token that is forged, garbled, of another list, or expired. */
  verify(scope: PageScope, token: string, now: number): ListCursor {
    const payload = this.#verified(token);
    const [version, hash, createTimeMs, name, expireTimeMs] = JSON.parse(payload.toString()) as [
      number,
      string,
      number,
      string,
      number,
    ];
    if (version !== VERSION)
      throw refused('PAGE_TOKEN_INVALID', 'is of another version of this server; start again without it');
    if (hash !== scopeHash(scope)) {
      throw refused(
        'PAGE_TOKEN_MISMATCH',
        'belongs to a list with another name or filter; give the same ones, or start again without it',
      );
    }
    if (expireTimeMs <= now) throw refused('PAGE_TOKEN_EXPIRED', 'has expired; start again without it');
    return { createTimeMs, name };
  }

  #verified(token: string): Buffer {
    const bytes = token.length <= TOKEN_LENGTH_MAX ? Buffer.from(token, 'base64url') : Buffer.alloc(0);
    // Decoding forgives what encoding never produces: only the one spelling counts.
    const isOurSpelling = bytes.length > SIGNATURE_BYTES && bytes.toString('base64url') === token;
    const payload = bytes.subarray(SIGNATURE_BYTES);
    if (!isOurSpelling || !timingSafeEqual(bytes.subarray(0, SIGNATURE_BYTES), this.#signature(payload))) {
      throw refused(
        'PAGE_TOKEN_INVALID',
        'was not made by this server; give next_page_token of the page before, or none',
      );
    }
    return payload;
  }

  #signature(payload: Uint8Array): Buffer {
    return createHmac('sha256', this.#key).update(payload).digest().subarray(0, SIGNATURE_BYTES);
  }
}

function scopeHash(scope: PageScope): string {
  return createHash('sha256')
    .update(JSON.stringify([scope.surface, scope.collection, scope.filter]))
    .digest('base64url')
    .slice(0, 22);
}

function refused(reason: string, description: string): StatusError {
  return invalidArgument('page_token', description, { reason });
}
