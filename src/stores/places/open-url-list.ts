import type { UrlListLocation } from '../../transfers/spec.ts';
import { HttpListStore } from '../http-list/http-list-store.ts';
import type { EgressPolicy } from '../web/egress.ts';
import { WebClient } from '../web/web-client.ts';
import { steadied } from './decorated.ts';
import type { OpenBucketOptions, OpenedStore } from './open-bucket.ts';

/**
 * Reads a list of URLs, to read what they name. Neither list nor URLs nor redirects reach a host that the policy does not allow.
 *
 * @throws StatusError as HttpListStore.open.
 */
export async function openUrlList(
  { listUrl }: UrlListLocation,
  policy: EgressPolicy,
  options: Pick<OpenBucketOptions, 'clock' | 'signal' | 'stores' | 'sortDirectory'>,
): Promise<OpenedStore> {
  const { clock, signal, stores } = options;
  const client = new WebClient({ limits: stores.web, policy });
  try {
    const store = await HttpListStore.open({ client, clock, limits: stores.httpList, list: listUrl }, signal);
    return {
      store: steadied(store, options),
      close: async () => {
        await store.close();
        await client.close();
      },
    };
  } catch (error) {
    await client.close();
    throw error;
  }
}
