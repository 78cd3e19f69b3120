import { NO_ACCESS_TOKEN, type AccessTokens } from '../../../src/stores/gcs/access-tokens.ts';
import { GcsService } from '../../../src/stores/gcs/gcs-service.ts';
import { GcsStore } from '../../../src/stores/gcs/gcs-store.ts';
import { DEFAULT_GCS_LIMITS, type GcsLimits } from '../../../src/stores/gcs/limits.ts';
import { DEFAULT_WEB_LIMITS, type WebLimits } from '../../../src/stores/web/limits.ts';
import { WebClient } from '../../../src/stores/web/web-client.ts';
import { FakeGcs, type FakeGcsOptions } from './fake-gcs.ts';

const KIB = 1024;

/** Small sizes, so that small objects take every way. */
export const SMALL_GCS_LIMITS: GcsLimits = {
  ...DEFAULT_GCS_LIMITS,
  singleRequestSizeBytesMax: 256 * KIB,
  chunkSizeBytes: 512 * KIB,
  listPageCountMax: 3,
};

export interface GcsGroundOptions extends FakeGcsOptions {
  readonly path?: string;
  readonly limits?: Partial<GcsLimits>;
  readonly webLimits?: Partial<WebLimits>;
  readonly accessTokens?: (client: WebClient, fake: FakeGcs) => AccessTokens;
}

/** A fake of Google Cloud Storage with one bucket, and a store of it. */
export class GcsGround {
  readonly fake: FakeGcs;
  readonly client: WebClient;
  readonly service: GcsService;
  readonly store: GcsStore;

  private constructor(fake: FakeGcs, { path = '', limits, webLimits, accessTokens }: GcsGroundOptions) {
    this.fake = fake;
    this.client = new WebClient({
      limits: { ...DEFAULT_WEB_LIMITS, ...webLimits },
      policy: [{ host: '127.0.0.1', isPrivateAllowed: true }],
    });
    const endpoint = fake.server.origin;
    this.service = new GcsService(this.client, accessTokens?.(this.client, fake) ?? NO_ACCESS_TOKEN, endpoint);
    const location = { bucket: 'b', path, endpoint };
    this.store = new GcsStore({ service: this.service, location, limits: { ...SMALL_GCS_LIMITS, ...limits } });
  }

  static async open(options: GcsGroundOptions = {}): Promise<GcsGround> {
    const fake = await FakeGcs.start(options);
    fake.createBucket('b');
    return new GcsGround(fake, options);
  }

  async close(): Promise<void> {
    await this.store.close();
    await this.client.close();
    await this.fake.close();
  }
}
