import type { BodyRateLimits } from './body-chunks.ts';
import type { UploadPartLimits } from './read-multipart.ts';

export interface HttpUploadLimits extends UploadPartLimits, BodyRateLimits {}

export const DEFAULT_HTTP_UPLOAD_LIMITS: HttpUploadLimits = {
  partHeaderMaxBytes: 16 * 1024,
  surroundingsMaxBytes: 64 * 1024,
  metadataMaxBytes: 64 * 1024,
  // The request has two fields; forms add some of their own. Each costs up to a header, whatever it says.
  partCountMax: 32,
  // As long as load balancers keep a connection on which nothing happens.
  bodyIdleTimeoutMs: 60_000,
  // 140 kbit/s, the least that a mobile network has: one of the files that may be at a time is not held for years by a byte a minute.
  bodyIdleMinBytes: 1024 * 1024,
};
