import type { AnyMethod } from '../../api/method.ts';
import type { JsonObject } from '../../schema/message-json.ts';
import { parsePathTemplate } from '../path-template.ts';
import type { Route } from '../routes.ts';
import type { UploadRoute } from '../upload/upload-routes.ts';
import { expandPath, type PathParameter } from './expand-path.ts';
import { jsonContent } from './json-content.ts';
import { operationObject } from './operation-object.ts';
import { queryParameters } from './query-parameters.ts';
import { Schemas } from './schemas.ts';
import { systemParameterObjects, systemParameterReferences } from './system-parameter-objects.ts';
import { uploadOperation } from './upload-operation.ts';

type PathItem = Record<string, JsonObject | readonly JsonObject[]>;

const DESCRIPTION = [
  'Long-running operations, and the APIs that make them. Messages are in the JSON of protobuf: members at their default are left out,',
  '64-bit integers are texts, and names are read in snake case too. A parameter of a path whose value has slashes keeps them as they are.',
].join(' ');

/** What is served. */
export interface ServedRoutes {
  readonly routes: readonly Route[];
  readonly uploadRoutes: readonly UploadRoute[];
}

/** Of either kind of route what its operation's id is made of. */
type NamedRoute = Pick<Route | UploadRoute, 'method' | 'rule'>;

/** The OpenAPI 3.1 document of what is served: the same routes, and the messages that the protos define. */
export function openApiDocument({ routes, uploadRoutes }: ServedRoutes): JsonObject {
  const schemas = new Schemas();
  const paths: Record<string, PathItem> = {};
  const add = (route: NamedRoute, make: (id: string, path: readonly PathParameter[]) => JsonObject): void => {
    const { path, parameters } = expandPath(parsePathTemplate(route.rule.path));
    const item = (paths[path] ??= { parameters: systemParameterReferences() });
    const id = operationId(route, [...routes, ...uploadRoutes]);
    item[route.rule.method.toLowerCase()] = make(id, parameters);
  };
  for (const route of routes) add(route, (id, path) => operationOf(route, id, path, schemas));
  for (const route of uploadRoutes) add(route, (id, path) => uploadOperation(route, id, path, schemas));
  const responses = { Error: errorResponse(schemas) };
  return {
    openapi: '3.1.0',
    info: { title: 'Longrunning', version: 'v1', description: DESCRIPTION },
    servers: [{ url: '/' }],
    paths,
    components: { parameters: systemParameterObjects(), responses, schemas: schemas.all() },
  };
}

/** An RPC that several rules bind has its name with the literals of each path, and its verb. */
function operationId({ method, rule }: NamedRoute, routes: readonly NamedRoute[]): string {
  const { service, rpc } = method;
  const name = `${service}.${rpc}`;
  const bindings = routes.filter((route) => route.method.service === service && route.method.rpc === rpc);
  if (bindings.length === 1) return name;
  const { segments, verb } = parsePathTemplate(rule.path);
  const literals = segments.filter((segment) => !segment.startsWith('*'));
  return [name, ...literals, ...(verb === undefined ? [] : [verb])].join('.');
}

function operationOf(route: Route, id: string, path: readonly PathParameter[], schemas: Schemas): JsonObject {
  const { method, binding, responseType } = route;
  const filled = new Set([...binding.variables.map(({ field }) => field), ...bodyField(route)]);
  const query = binding.body.kind === 'message' ? [] : queryParameters(binding.requestType, filled, schemas);
  const success = successOf(method, schemas.ofMessage(responseType));
  return operationObject({
    ...{ id, path, query, success, service: method.service },
    requestBody: requestBody(route, schemas),
  });
}

/** Of a stream each event's data is a message. */
function successOf(method: AnyMethod, schema: JsonObject): JsonObject {
  if ('handle' in method) return { description: 'The answer.', content: jsonContent(schema) };
  return {
    description: 'Server-sent events, the data of each a message.',
    content: { 'text/event-stream': { schema } },
  };
}

function bodyField({ binding }: Route): readonly string[] {
  return binding.body.kind === 'field' ? [binding.body.field] : [];
}

/** None is needed where everything may come from the path, nor where the field that it is may be left out. */
function requestBody({ binding }: Route, schemas: Schemas): JsonObject | undefined {
  const { body, requestType } = binding;
  if (body.kind === 'none') return undefined;
  const schema = schemas.ofMessage(body.kind === 'message' ? requestType : body.type);
  return { required: false, content: jsonContent(schema) };
}

function errorResponse(schemas: Schemas): JsonObject {
  const error: JsonObject = {
    type: 'object',
    required: ['code', 'message', 'status', 'details'],
    properties: {
      code: { type: 'integer', description: 'The HTTP status.' },
      message: { type: 'string' },
      status: { type: 'string', description: 'The name of a google.rpc.Code.' },
      details: { type: 'array', items: schemas.ofMessage('google.protobuf.Any'), minItems: 1 },
      errors: { type: 'array', items: { type: 'object' }, description: 'With `$.xgafv=1`.' },
    },
  };
  const schema: JsonObject = { type: 'object', required: ['error'], properties: { error } };
  return { description: 'What went wrong; the first detail is an ErrorInfo.', content: jsonContent(schema) };
}
