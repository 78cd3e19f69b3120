import { afterAll } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { NO_ACCESS_TOKEN } from '../../../src/stores/gcs/access-tokens.ts';
import { GcsService } from '../../../src/stores/gcs/gcs-service.ts';
import { GcsStore } from '../../../src/stores/gcs/gcs-store.ts';
import { DEFAULT_GCS_LIMITS } from '../../../src/stores/gcs/limits.ts';
import { DEFAULT_WEB_LIMITS } from '../../../src/stores/web/limits.ts';
import { WebClient } from '../../../src/stores/web/web-client.ts';
import { objectStoreContract } from '../../contract/object-store.contract.ts';
import { LOOPBACK_POLICY } from '../../support/web-server.ts';

const endpoint = process.env['GCS_ENDPOINT'] ?? '';
const client = new WebClient({ limits: DEFAULT_WEB_LIMITS, policy: LOOPBACK_POLICY });

objectStoreContract('GcsStore', async () => {
  const bucket = `bucket-${randomUUID()}`;
  await fetch(`${endpoint}/storage/v1/b?project=p`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: bucket }),
  });
  const service = new GcsService(client, NO_ACCESS_TOKEN, endpoint);
  const location = { bucket, path: 'some/päth/', endpoint };
  return { store: new GcsStore({ service, location, limits: DEFAULT_GCS_LIMITS }), remove: () => {} };
});

afterAll(() => client.close());
