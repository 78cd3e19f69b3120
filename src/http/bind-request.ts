import { jsonFields } from '../schema/json/json-fields.ts';
import type { ProtoJsonLimits } from '../schema/json/limits.ts';
import { readJsonMessage } from '../schema/json/read-json-message.ts';
import { readQueryMessage, type QueryParameter } from '../schema/json/read-query-message.ts';
import type { HttpRule } from '../schema/http-rules.ts';
import type { Message } from '../schema/protos.ts';
import { isEmptyBody } from './body-type.ts';
import { parsePathTemplate, type PathVariable } from './path-template.ts';
import { decodeSegment, decodeSegments } from './percent-decoding.ts';

/** How the parts of a request become the RPC's message. */
export interface RequestBinding {
  readonly requestType: string;
  readonly variables: readonly BoundVariable[];
  readonly body: BoundBody;
}

interface BoundVariable extends PathVariable {
  /** The members of the message that lead to it. */
  readonly members: readonly [string, ...string[]];
}

type BoundBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'message' }
  /** `member` of the request, of type `type`, which the proto calls `field`. */
  | { readonly kind: 'field'; readonly field: string; readonly member: string; readonly type: string };

/** The parts of one request. */
export interface RequestParts {
  /** Of the path, still encoded. */
  readonly segments: readonly string[];
  /** Without the system's parameters. */
  readonly query: readonly QueryParameter[];
  readonly body: Uint8Array;
}

/** @throws Error when the rule names fields that the request does not have, or cannot be bound: a bug. */
export function requestBinding(requestType: string, rule: HttpRule): RequestBinding {
  const variables = parsePathTemplate(rule.path).variables.map((variable) => ({
    ...variable,
    members: textMembers(requestType, variable.field),
  }));
  return { requestType, variables, body: boundBody(requestType, rule.body) };
}

function textMembers(messageName: string, path: string): readonly [string, ...string[]] {
  const [first = '', ...rest] = path.split('.');
  const field = jsonFields(messageName).get(first);
  if (field?.rule === 'single') {
    if (rest.length === 0 && field.type.kind === 'string') return [field.key];
    if (rest.length > 0 && field.type.kind === 'message') {
      return [field.key, ...textMembers(field.type.name, rest.join('.'))];
    }
  }
  throw new Error(`${messageName}.${path} cannot be bound by a path: it is no string`);
}

function boundBody(requestType: string, body: string | undefined): BoundBody {
  if (body === undefined) return { kind: 'none' };
  if (body === '*') return { kind: 'message' };
  const field = jsonFields(requestType).get(body);
  if (field?.rule === 'single' && field.type.kind === 'message') {
    return { kind: 'field', field: body, member: field.key, type: field.type.name };
  }
  throw new Error(`${requestType}.${body} cannot be a body: it is no message`);
}

/**
 * The message of a request. What the path binds wins over the body and the query: google/api/http.proto has each field in one of them.
 *
 * @throws StatusError INVALID_ARGUMENT with a BadRequest violation for each mistake.
 */
export function bindRequest(binding: RequestBinding, parts: RequestParts, limits: ProtoJsonLimits): Message {
  const message = { ...queryMessage(binding, parts.query, limits), ...bodyMessage(binding, parts.body, limits) };
  for (const variable of binding.variables) {
    const text = variableText(variable, parts.segments);
    // As on the wire, where a text that is empty is not sent.
    if (text !== '') setText(message, variable.members, text);
  }
  return message;
}

function variableText({ start, end, isMulti }: PathVariable, segments: readonly string[]): string {
  return isMulti ? decodeSegments(segments.slice(start, end).join('/')) : decodeSegment(segments[start] ?? '');
}

function setText(message: Record<string, unknown>, members: readonly [string, ...string[]], text: string): void {
  const [first, second, ...rest] = members;
  if (second === undefined) {
    message[first] = text;
    return;
  }
  const inner = { ...(message[first] as object | undefined) };
  setText(inner, [second, ...rest], text);
  message[first] = inner;
}

function queryMessage(
  { requestType, variables, body }: RequestBinding,
  query: readonly QueryParameter[],
  limits: ProtoJsonLimits,
): Message {
  if (query.length === 0) return {};
  const given = query.filter(([name]) => !variables.some(({ members }) => camelCase(name) === members.join('.')));
  if (given.length === 0) return {};
  // http.proto, of `body: "*"`: "it is not possible to have HTTP parameters".
  const isBindable = (field: string): boolean =>
    body.kind === 'none' || (body.kind === 'field' && field !== body.field);
  return readQueryMessage(requestType, given, limits, isBindable);
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function bodyMessage({ requestType, body }: RequestBinding, bytes: Uint8Array, limits: ProtoJsonLimits): Message {
  if (body.kind === 'none' || isEmptyBody(bytes)) return {};
  if (body.kind === 'message') return readJsonMessage(requestType, bytes, { limits });
  return { [body.member]: readJsonMessage(body.type, bytes, { limits, path: body.field }) };
}
