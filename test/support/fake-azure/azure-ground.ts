import { systemClock } from '../../../src/core/clock.ts';
import { AzureService, type AzureCredentials } from '../../../src/stores/azure/azure-service.ts';
import { AzureStore } from '../../../src/stores/azure/azure-store.ts';
import { DEFAULT_AZURE_LIMITS } from '../../../src/stores/azure/limits.ts';
import { DEFAULT_WEB_LIMITS } from '../../../src/stores/web/limits.ts';
import { WebClient } from '../../../src/stores/web/web-client.ts';
import { LOOPBACK_POLICY } from '../web-server.ts';
import { FAKE_ACCOUNT, FakeAzure } from './fake-azure.ts';

export interface AzureGroundOptions {
  readonly path?: string;
  readonly credentials?: AzureCredentials;
}

/** A fake of Azure Blob Storage, and a store of its container. */
export class AzureGround {
  readonly fake: FakeAzure;
  readonly store: AzureStore;
  readonly #client: WebClient;

  private constructor(fake: FakeAzure, { path = '', credentials }: AzureGroundOptions) {
    this.fake = fake;
    this.#client = new WebClient({ limits: DEFAULT_WEB_LIMITS, policy: LOOPBACK_POLICY });
    const known = credentials ?? { kind: 'sharedKey', ...FAKE_ACCOUNT };
    const service = new AzureService(this.#client, systemClock, known, fake.server.origin);
    const location = { endpoint: fake.endpoint, container: fake.container, path };
    const limits = { ...DEFAULT_AZURE_LIMITS, singleRequestSizeBytesMax: 1000 };
    this.store = new AzureStore({ service, location, limits });
  }

  static async open(options: AzureGroundOptions = {}): Promise<AzureGround> {
    return new AzureGround(await FakeAzure.start(), options);
  }

  async close(): Promise<void> {
    await this.#client.close();
    await this.fake.close();
  }
}
