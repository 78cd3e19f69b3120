import type { JsonObject } from '../../schema/message-json.ts';
import type { Route } from '../routes.ts';
import { openApiDocument } from './document.ts';

/** Where the document is served. */
export const OPENAPI_PATH = '/openapi.json';

/** The OpenAPI document, made when it is first asked for: in some 100 ms, where no message has been described before. */
export function keptDocument(routes: readonly Route[]): () => JsonObject {
  let document: JsonObject | undefined;
  return () => (document ??= openApiDocument(routes));
}
