import { tmpdir } from 'node:os';
import { afterAll } from '@jest/globals';
import { createHmac, randomUUID } from 'node:crypto';
import { systemClock } from '../../../src/core/clock.ts';
import type { AzureBinding } from '../../../src/core/bucket-binding.ts';
import { AzureService, type AzureCredentials } from '../../../src/stores/azure/azure-service.ts';
import { AzureStore } from '../../../src/stores/azure/azure-store.ts';
import { DEFAULT_AZURE_LIMITS } from '../../../src/stores/azure/limits.ts';
import { DEFAULT_STORE_LIMITS } from '../../../src/stores/places/limits.ts';
import { openBucket } from '../../../src/stores/places/open-bucket.ts';
import { DEFAULT_WEB_LIMITS } from '../../../src/stores/web/limits.ts';
import { WebClient } from '../../../src/stores/web/web-client.ts';
import { objectStoreContract } from '../../contract/object-store.contract.ts';
import { LOOPBACK_POLICY } from '../../support/web-server.ts';

const origin = process.env['AZURE_ORIGIN'] ?? '';
const account = process.env['AZURE_ACCOUNT'] ?? '';
const key = process.env['AZURE_KEY'] ?? '';
const client = new WebClient({ limits: DEFAULT_WEB_LIMITS, policy: LOOPBACK_POLICY });
const byKey = service({ kind: 'sharedKey', account, key });

function service(credentials: AzureCredentials): AzureService {
  return new AzureService(client, systemClock, credentials, origin);
}

async function newContainer(): Promise<string> {
  const container = randomUUID();
  const signal = AbortSignal.timeout(30_000);
  const path = `/${account}/${container}`;
  await byKey.send({ method: 'PUT', path, query: { restype: 'container' }, resource: container, signal });
  return container;
}

/** "Create an account SAS": for blobs, their containers and objects, for an hour. */
function accountSas(): string {
  const expiry = new Date(systemClock.now() + 3_600_000).toISOString().replace(/\.\d+/, '');
  const terms = { sv: '2021-12-02', ss: 'b', srt: 'co', sp: 'rwdlac', se: expiry };
  const text = [account, terms.sp, terms.ss, terms.srt, '', terms.se, '', '', terms.sv, '', ''].join('\n');
  const signature = createHmac('sha256', Buffer.from(key, 'base64')).update(text).digest('base64');
  return new URLSearchParams({ ...terms, sig: signature }).toString();
}

objectStoreContract('AzureStore', async () => {
  const location = { endpoint: `${origin}/${account}`, container: await newContainer(), path: 'some/päth/' };
  return { store: new AzureStore({ service: byKey, location, limits: DEFAULT_AZURE_LIMITS }), remove: () => {} };
});

objectStoreContract('What a binding with a shared access signature opens', async () => {
  process.env['AZURE_SAS'] = `?${accountSas()}`;
  const binding: AzureBinding = {
    kind: 'azure',
    account,
    prefix: 'below/',
    endpoint: `${origin}/${account}`,
    credentials: { kind: 'sas', token: { env: 'AZURE_SAS' } },
  };
  const location = { kind: 'azure-container', account, container: await newContainer(), path: 'päth/' } as const;
  const options = { role: 'sink', clock: systemClock, stores: DEFAULT_STORE_LIMITS, sortDirectory: tmpdir() } as const;
  const signal = AbortSignal.timeout(30_000);
  const { store, close } = await openBucket(
    { kind: 'bucket', location, binding, isGuarded: false },
    { ...options, signal },
  );
  return { store, remove: close };
});

afterAll(() => client.close());
