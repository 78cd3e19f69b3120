import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';

/**
 * The text of one segment of a path; `+` is itself there.
 *
 * @throws StatusError INVALID_ARGUMENT (reason MALFORMED_URL) for what is no percent-encoded UTF-8; so do the others.
 */
export function decodeSegment(encoded: string): string {
  return encoded.includes('%') ? decode(encoded) : encoded;
}

/**
 * The text of segments that one variable stands for. google/api/http.proto, of such variables: "all characters except [-_.~/0-9a-zA-Z]
 * are percent-encoded … the server side does the reverse decoding, except "%2F" and "%2f" are left unchanged".
 */
export function decodeSegments(encoded: string): string {
  return encoded.includes('%') ? decode(encoded.replace(/%2f/gi, (slash) => `%25${slash.slice(1)}`)) : encoded;
}

/** The text of a name or a value in a query, which is a form: `+` is a space there. */
export function decodeQueryText(encoded: string): string {
  const spaced = encoded.includes('+') ? encoded.replaceAll('+', ' ') : encoded;
  return spaced.includes('%') ? decode(spaced) : spaced;
}

function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch (cause) {
    const message = 'the URL is not percent-encoded UTF-8: each % must be followed by two hexadecimal digits';
    throw new StatusError(Code.INVALID_ARGUMENT, message, { reason: 'MALFORMED_URL', cause });
  }
}
