import { afterAll } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { systemClock } from '../../../src/core/clock.ts';
import { DEFAULT_S3_LIMITS } from '../../../src/stores/s3/limits.ts';
import { openS3Store } from '../../../src/stores/s3/open-s3-store.ts';
import { S3AbilityCache } from '../../../src/stores/s3/s3-ability-cache.ts';
import { DEFAULT_WEB_LIMITS } from '../../../src/stores/web/limits.ts';
import { WebClient } from '../../../src/stores/web/web-client.ts';
import { objectStoreContract, type StoreUnderTest } from '../../contract/object-store.contract.ts';
import { LOOPBACK_POLICY } from '../../support/web-server.ts';

const endpoint = process.env['S3_ENDPOINT'] ?? '';
const bucket = process.env['S3_BUCKET'] ?? '';
const credentials = {
  accessKeyId: process.env['S3_ACCESS_KEY'] ?? '',
  secretAccessKey: process.env['S3_SECRET_KEY'] ?? '',
};
const abilities = new S3AbilityCache(systemClock, Infinity);
const web = new WebClient({ limits: DEFAULT_WEB_LIMITS, policy: LOOPBACK_POLICY });

/** The server is probed once; each test has a prefix of its own. */
async function open(listsByMarker: boolean): Promise<StoreUnderTest> {
  const prefix = `${randomUUID()}/`;
  const place = { endpoint, region: 'us-east-1', bucket, prefix, isVirtualHosted: false, listsByMarker };
  const store = await openS3Store({
    place,
    credentials,
    role: 'sink',
    web,
    clock: systemClock,
    limits: DEFAULT_S3_LIMITS,
    abilities,
    signal: AbortSignal.timeout(60_000),
  });
  return { store, remove: () => {} };
}

objectStoreContract('S3Store', () => open(false));
objectStoreContract('S3Store by the older listing', () => open(true));

afterAll(async () => {
  await web.close();
  writeFileSync(process.env['S3_ABILITIES_PATH'] ?? '', JSON.stringify(abilities.get(`${endpoint} ${bucket}`)));
});
