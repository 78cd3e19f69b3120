import type { JsonObject } from '../../schema/message-json.ts';
import { openApiDocument, type ServedRoutes } from './document.ts';

/** Where the document is served. */
export const OPENAPI_PATH = '/openapi.json';

/** The OpenAPI document, made when it is first asked for: in some 100 ms, where no message has been described before. */
export function keptDocument(served: ServedRoutes): () => JsonObject {
  let document: JsonObject | undefined;
  return () => (document ??= openApiDocument(served));
}
