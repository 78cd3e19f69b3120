import { openApiDocument, type ServedRoutes } from './document.ts';

/** Where the document is served. */
export const OPENAPI_PATH = '/openapi.json';

/**
 * The text of the OpenAPI document, made when it is first asked for: in some 100 ms, where no message has been described before.
 *
 * The same bytes for all who ask: those who do not read them hold no memory of their own.
 */
export function keptDocument(served: ServedRoutes): () => Uint8Array {
  let text: Uint8Array | undefined;
  return () => (text ??= Buffer.from(JSON.stringify(openApiDocument(served))));
}
