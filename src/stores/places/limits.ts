import { DEFAULT_AZURE_LIMITS, type AzureLimits } from '../azure/limits.ts';
import { DEFAULT_STORE_CALL_LIMITS, type StoreCallLimits } from '../decorators/limits.ts';
import { DEFAULT_GCS_LIMITS, type GcsLimits } from '../gcs/limits.ts';
import { DEFAULT_HTTP_LIST_LIMITS, type HttpListLimits } from '../http-list/limits.ts';
import { DEFAULT_MANIFEST_LIMITS, type ManifestLimits } from '../manifest/limits.ts';
import { DEFAULT_S3_LIMITS, type S3Limits } from '../s3/limits.ts';
import { DEFAULT_WEB_LIMITS, type WebLimits } from '../web/limits.ts';

/** Every bound of the stores that transfers open beyond directory trees, by the names of the config file's `limits`. */
export interface StoreLimits {
  readonly web: WebLimits;
  readonly storeCalls: StoreCallLimits;
  readonly gcs: GcsLimits;
  readonly s3: S3Limits;
  readonly azure: AzureLimits;
  readonly httpList: HttpListLimits;
  readonly manifest: ManifestLimits;
}

export const DEFAULT_STORE_LIMITS: StoreLimits = Object.freeze({
  web: DEFAULT_WEB_LIMITS,
  storeCalls: DEFAULT_STORE_CALL_LIMITS,
  gcs: DEFAULT_GCS_LIMITS,
  s3: DEFAULT_S3_LIMITS,
  azure: DEFAULT_AZURE_LIMITS,
  httpList: DEFAULT_HTTP_LIST_LIMITS,
  manifest: DEFAULT_MANIFEST_LIMITS,
});
