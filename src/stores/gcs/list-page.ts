import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { WebResponse } from '../web/web-request.ts';
import type { GcsResource } from './gcs-resource.ts';
import { jsonBody } from './json-body.ts';

/** One answer of Objects: list. */
export interface GcsListPage {
  readonly items: readonly GcsResource[];
  /** To go on with; undefined at the end. */
  readonly nextPageToken: string | undefined;
}

/** What has no name is no object that could fail by itself. */
function isNamed(item: unknown): boolean {
  return typeof item === 'object' && item !== null && 'name' in item && typeof item.name === 'string';
}

/**
 * "kind: The kind of item this is. For lists of objects, this is always storage#objects" (JSON API, Objects: list): nothing else tells
 * an empty listing from another answer, as members without a value are left out.
 *
 * @throws StatusError UNAVAILABLE (reason ANSWER_MALFORMED) for an answer that is no listing, whatever its status.
 */
export function readGcsListPage(answer: WebResponse, resource: string): GcsListPage {
  const { kind, items = [], nextPageToken } = jsonBody(answer);
  const isToken = nextPageToken === undefined || typeof nextPageToken === 'string';
  if (kind === 'storage#objects' && Array.isArray(items) && items.every(isNamed) && isToken)
    return { items, nextPageToken };
  const text = `${resource}: the service's answer cannot be read: it is no list of objects`;
  throw new StatusError(Code.UNAVAILABLE, text, { reason: 'ANSWER_MALFORMED', metadata: { resource } });
}
