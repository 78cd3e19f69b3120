import type { JsonObject } from '../../schema/message-json.ts';
import type { PathParameter } from './expand-path.ts';

/** What differs from one operation to another. */
export interface OperationParts {
  readonly id: string;
  readonly service: string;
  readonly path: readonly PathParameter[];
  /** Parameters of the query. */
  readonly query: readonly JsonObject[];
  readonly requestBody: JsonObject | undefined;
  /** The answer of 200. */
  readonly success: JsonObject;
}

/** An operation of the document: one HTTP method of one path. */
export function operationObject({ id, service, path, query, requestBody, success }: OperationParts): JsonObject {
  return {
    operationId: id,
    tags: [service],
    parameters: [...path.map(pathParameter), ...query],
    ...(requestBody === undefined ? {} : { requestBody }),
    responses: { '200': success, default: { $ref: '#/components/responses/Error' } },
  };
}

function pathParameter({ name, isOpen }: PathParameter): JsonObject {
  const description = isOpen ? { description: 'May go on over slashes.' } : {};
  return { name, in: 'path', required: true, ...description, schema: { type: 'string', minLength: 1 } };
}
