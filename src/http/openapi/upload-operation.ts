import type { JsonObject } from '../../schema/message-json.ts';
import type { UploadRoute } from '../upload/upload-routes.ts';
import type { PathParameter } from './expand-path.ts';
import { jsonContent } from './json-content.ts';
import { operationObject } from './operation-object.ts';
import { queryParameters, type QueryParameterObject } from './query-parameters.ts';
import type { Schemas } from './schemas.ts';

const OCTETS = 'application/octet-stream';

/** An operation that takes a file: as the body, with fields of the request in the query, or as the last part of it. */
export function uploadOperation(
  route: UploadRoute,
  id: string,
  path: readonly PathParameter[],
  schemas: Schemas,
): JsonObject {
  const { method, fields, responseType } = route;
  const filled = new Set(fields.variables.map(({ field }) => field));
  const query = queryParameters(fields.requestType, filled, schemas);
  const success = { description: 'The answer.', content: jsonContent(schemas.ofMessage(responseType)) };
  const requestBody = uploadBody(route, query, schemas);
  return operationObject({ id, service: method.service, path, query, requestBody, success });
}

function uploadBody(
  { method, metadata }: UploadRoute,
  query: readonly QueryParameterObject[],
  schemas: Schemas,
): JsonObject {
  const description = `At most ${String(method.sizeMaxBytes)} bytes.`;
  // The media type is what OpenAPI 3.1 calls for; readers of 3.0 look for the format.
  const file: JsonObject = { type: 'string', format: 'binary', contentMediaType: OCTETS, description };
  const ofFile = { contentType: OCTETS };
  const request = schemas.ofMessage(metadata.requestType);
  const form = Object.fromEntries(query.map(({ name, schema }) => [name, schema]));
  return {
    required: true,
    description:
      'The file. The parts of multipart/related have no names: the first is the request, the second the file.',
    content: {
      [OCTETS]: { schema: file },
      'multipart/related': {
        schema: objectOf({ request, file }, ['request', 'file']),
        encoding: { request: { contentType: 'application/json' }, file: ofFile },
      },
      'multipart/form-data': { schema: objectOf({ ...form, file }, ['file']), encoding: { file: ofFile } },
    },
  };
}

/** Parts come in the order of the properties: the file last. */
function objectOf(properties: JsonObject, required: readonly string[]): JsonObject {
  return { type: 'object', required, properties };
}
