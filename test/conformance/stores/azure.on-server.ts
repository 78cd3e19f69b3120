import { afterAll } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { systemClock } from '../../../src/core/clock.ts';
import { AzureService } from '../../../src/stores/azure/azure-service.ts';
import { AzureStore } from '../../../src/stores/azure/azure-store.ts';
import { DEFAULT_AZURE_LIMITS } from '../../../src/stores/azure/limits.ts';
import { DEFAULT_WEB_LIMITS } from '../../../src/stores/web/limits.ts';
import { WebClient } from '../../../src/stores/web/web-client.ts';
import { objectStoreContract } from '../../contract/object-store.contract.ts';
import { LOOPBACK_POLICY } from '../../support/web-server.ts';

const origin = process.env['AZURE_ORIGIN'] ?? '';
const account = process.env['AZURE_ACCOUNT'] ?? '';
const key = process.env['AZURE_KEY'] ?? '';
const client = new WebClient({ limits: DEFAULT_WEB_LIMITS, policy: LOOPBACK_POLICY });
const service = new AzureService(client, systemClock, { kind: 'sharedKey', account, key }, origin);

objectStoreContract('AzureStore', async () => {
  const container = randomUUID();
  const signal = AbortSignal.timeout(30_000);
  const path = `/${account}/${container}`;
  await service.send({ method: 'PUT', path, query: { restype: 'container' }, resource: container, signal });
  const location = { endpoint: `${origin}/${account}`, container, path: 'some/päth/' };
  return { store: new AzureStore({ service, location, limits: DEFAULT_AZURE_LIMITS }), remove: () => {} };
});

afterAll(() => client.close());
