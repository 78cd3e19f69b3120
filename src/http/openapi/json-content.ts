import type { JsonObject } from '../../schema/message-json.ts';

/** The content of a body that is JSON of a schema. */
export function jsonContent(schema: JsonObject): JsonObject {
  return { 'application/json': { schema } };
}
