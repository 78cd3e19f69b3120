import { Code } from '../../core/code.ts';
import type { StatusError } from '../../core/status-error.ts';
import { toByteString, displayText } from '../../transfers/byte-string.ts';
import { scanXml } from '../web/scan-xml.ts';
import { statusFailure, type FailureDetail } from '../web/web-failure.ts';
import { headerOf, type WebRequest, type WebResponse } from '../web/web-request.ts';

type Meaning = Pick<FailureDetail, 'code' | 'reason' | 'isFinal'>;

const DAMAGED: Meaning = { code: Code.DATA_LOSS, reason: 'OBJECT_DAMAGED' };
const REFUSED: Meaning = { code: Code.UNAUTHENTICATED, reason: 'CREDENTIALS_REFUSED', isFinal: true };
const BUSY: Meaning = { code: Code.ABORTED, reason: 'OBJECT_BUSY' };
const ELSEWHERE: Meaning = { code: Code.FAILED_PRECONDITION, reason: 'WRONG_REGION', isFinal: true };
const BROKEN_UPLOAD: Meaning = { code: Code.FAILED_PRECONDITION, reason: 'UPLOAD_BROKEN' };
/** Servers that keep keys as paths of files. */
const IN_THE_WAY: Meaning = { code: Code.FAILED_PRECONDITION, reason: 'KEY_IN_THE_WAY', isFinal: true };
const FULL: Meaning = { code: Code.RESOURCE_EXHAUSTED, reason: 'STORE_FULL', isFinal: true };

/** Error codes that say more, or something else, than the status they come with (API reference, "Error responses"). */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  NoSuchBucket: { code: Code.NOT_FOUND, reason: 'BUCKET_NOT_FOUND', isFinal: true },
  NoSuchUpload: { code: Code.NOT_FOUND, reason: 'UPLOAD_UNKNOWN' },
  // What stands at the key is the marker of a deletion.
  MethodNotAllowed: { code: Code.NOT_FOUND, reason: 'OBJECT_NOT_FOUND' },
  InvalidAccessKeyId: REFUSED,
  SignatureDoesNotMatch: REFUSED,
  ExpiredToken: REFUSED,
  InvalidToken: REFUSED,
  TokenRefreshRequired: REFUSED,
  RequestTimeTooSkewed: { code: Code.FAILED_PRECONDITION, reason: 'CLOCK_SKEWED', isFinal: true },
  SlowDown: { code: Code.RESOURCE_EXHAUSTED, reason: 'SLOW_DOWN' },
  RequestLimitExceeded: { code: Code.RESOURCE_EXHAUSTED, reason: 'SLOW_DOWN' },
  RequestTimeout: { code: Code.DEADLINE_EXCEEDED, reason: 'REQUEST_TIMEOUT' },
  IncompleteBody: { code: Code.UNAVAILABLE, reason: 'CONNECTION_FAILED' },
  InternalError: { code: Code.UNAVAILABLE, reason: 'SERVICE_ERROR' },
  OperationAborted: BUSY,
  ConditionalRequestConflict: BUSY,
  BadDigest: DAMAGED,
  InvalidDigest: DAMAGED,
  XAmzContentSHA256Mismatch: DAMAGED,
  XAmzContentChecksumMismatch: DAMAGED,
  InvalidObjectState: { code: Code.FAILED_PRECONDITION, reason: 'OBJECT_ARCHIVED', isFinal: true },
  AuthorizationHeaderMalformed: ELSEWHERE,
  PermanentRedirect: ELSEWHERE,
  TemporaryRedirect: ELSEWHERE,
  EntityTooLarge: { code: Code.INVALID_ARGUMENT, reason: 'OBJECT_TOO_LARGE', isFinal: true },
  EntityTooSmall: BROKEN_UPLOAD,
  InvalidPart: BROKEN_UPLOAD,
  InvalidPartOrder: BROKEN_UPLOAD,
  KeyTooLongError: { code: Code.INVALID_ARGUMENT, reason: 'KEY_NOT_ACCEPTED', isFinal: true },
  ExistingObjectIsDirectory: IN_THE_WAY,
  ObjectParentIsFile: IN_THE_WAY,
  QuotaExceeded: FULL,
  XMinioStorageFull: FULL,
};

/** The error of an answer of S3, by its code where it has one. */
export function s3Failure(request: Pick<WebRequest, 'resource'>, response: WebResponse): StatusError {
  const { serviceCode, message } = wordsOf(response.bytes);
  const requestId = headerOf(response, 'x-amz-request-id');
  const meaning = serviceCode === undefined ? undefined : MEANINGS[serviceCode];
  // What is said of a key that is refused may quote it.
  const isTold = message !== undefined && meaning !== REFUSED;
  return statusFailure(request, response, {
    ...(serviceCode === undefined ? {} : { serviceCode, ...meaning }),
    ...(isTold ? { message } : {}),
    ...(requestId === undefined ? {} : { requestId }),
  });
}

/** Copies and completions answer 200 before they know: an error in the body of a good answer, undefined when there is none. */
export function lateFailure(request: Pick<WebRequest, 'resource'>, response: WebResponse): StatusError | undefined {
  const { serviceCode } = wordsOf(response.bytes);
  if (serviceCode === undefined) return undefined;
  const status = LATE_STATUSES[serviceCode] ?? 500;
  return s3Failure(request, { ...response, status });
}

/** What the status would have been, where it matters. */
const LATE_STATUSES: Readonly<Record<string, number>> = { PreconditionFailed: 412, AccessDenied: 403, NoSuchKey: 404 };

function wordsOf(bytes: Uint8Array): { readonly serviceCode?: string; readonly message?: string } {
  const words: Record<string, string> = {};
  try {
    scanXml(toByteString(bytes), '', (name, text, depth) => {
      words[`${depth}:${name}`] = displayText(text);
    });
  } catch {
    // Not of S3: a proxy's page, or the cut beginning of something long. The status has to do.
    return {};
  }
  const { '1:Error': error, '2:Code': serviceCode, '2:Message': message } = words;
  if (error === undefined || serviceCode === undefined) return {};
  return { serviceCode, ...(message === undefined || message === '' ? {} : { message }) };
}
