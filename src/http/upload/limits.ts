import type { UploadPartLimits } from './read-multipart.ts';

export interface HttpUploadLimits extends UploadPartLimits {
  /** How long the next bytes of a file may be waited for, milliseconds. */
  readonly bodyIdleTimeoutMs: number;
}

export const DEFAULT_HTTP_UPLOAD_LIMITS: HttpUploadLimits = {
  partHeaderMaxBytes: 16 * 1024,
  surroundingsMaxBytes: 64 * 1024,
  metadataMaxBytes: 64 * 1024,
  // The request has two fields; forms add some of their own. Each costs up to a header, whatever it says.
  partCountMax: 32,
  // As long as load balancers keep a connection on which nothing happens.
  bodyIdleTimeoutMs: 60_000,
};
