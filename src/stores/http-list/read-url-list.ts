import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { statusFailure } from '../web/web-failure.ts';
import { nameOf, type FollowingClient } from './following-client.ts';
import type { HttpListLimits } from './limits.ts';
import { UrlListReader, type ListedUrl } from './url-list.ts';

/** Fetches a list, or takes its bytes as they come from another store, and reads it. */
export async function readUrlList(
  list: string | AsyncIterable<Uint8Array>,
  client: FollowingClient,
  { listSizeBytesMax, objectCountMax }: HttpListLimits,
  signal: AbortSignal,
): Promise<readonly ListedUrl[]> {
  const body = typeof list === 'string' ? await fetchList(list, client, signal) : list;
  const reader = new UrlListReader(objectCountMax);
  let sizeBytes = 0;
  for await (const chunk of body) {
    signal.throwIfAborted();
    sizeBytes += chunk.length;
    if (sizeBytes > listSizeBytesMax) throw tooLarge(listSizeBytesMax);
    reader.add(chunk);
  }
  return reader.finish();
}

async function fetchList(
  address: string,
  client: FollowingClient,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const response = await client.open(address, { method: 'GET', signal });
  if (response.body !== undefined) return response.body;
  throw statusFailure({ resource: nameOf(new URL(address)) }, response);
}

function tooLarge(sizeBytesMax: number): StatusError {
  const message = `the list of URLs is larger than ${sizeBytesMax} bytes; divide it`;
  return new StatusError(Code.RESOURCE_EXHAUSTED, message, { reason: 'URL_LIST_TOO_LONG', isFinal: true });
}
