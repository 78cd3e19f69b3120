import { afterAll } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemClock } from '../../../src/core/clock.ts';
import { HttpListStore } from '../../../src/stores/http-list/http-list-store.ts';
import { DEFAULT_HTTP_LIST_LIMITS } from '../../../src/stores/http-list/limits.ts';
import { DEFAULT_WEB_LIMITS } from '../../../src/stores/web/limits.ts';
import { WebClient } from '../../../src/stores/web/web-client.ts';
import { readOnlyStoreContract } from '../../contract/read-only-store.contract.ts';
import { LOOPBACK_POLICY } from '../../support/web-server.ts';

const origin = process.env['HTTP_ORIGIN'] ?? '';
const root = process.env['HTTP_ROOT'] ?? '';
const client = new WebClient({ limits: DEFAULT_WEB_LIMITS, policy: LOOPBACK_POLICY });

readOnlyStoreContract('HttpListStore', async (objects) => {
  const directory = randomUUID();
  for (const [key, text] of Object.entries(objects)) {
    const path = join(root, directory, key);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  // Sizes are the server's to tell.
  const lines = Object.keys(objects).map((key) => `${origin}/${directory}/${key}`);
  const list = join(root, directory, 'list.tsv');
  writeFileSync(list, ['TsvHttpData-1.0', ...lines, ''].join('\n'));
  const options = {
    client,
    clock: systemClock,
    limits: DEFAULT_HTTP_LIST_LIMITS,
    list: `${origin}/${directory}/list.tsv`,
  };
  const store = await HttpListStore.open(options, AbortSignal.timeout(30_000));
  return { store, prefix: `${new URL(origin).hostname}/${directory}/`, remove: () => {} };
});

afterAll(() => client.close());
