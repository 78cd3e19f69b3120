import type { ProtoJsonLimits } from '../schema/json/limits.ts';
import type { Message } from '../schema/protos.ts';
import { bindRequest } from './bind-request.ts';
import { bodyEncodingOf } from './body-encoding.ts';
import { checkBodyType, checkNoBody, isEmptyBody } from './body-type.ts';
import type { Exchange } from './exchange.ts';
import type { AskedForm } from './parameters/asked-form.ts';
import type { RouteMatch } from './router.ts';
import type { Route } from './routes.ts';

/** What a request calls, and how. */
export interface Called {
  readonly match: RouteMatch<Route>;
  readonly asked: AskedForm;
  /** Whether the body was the query, and has been read. */
  readonly bodyIsQuery: boolean;
}

const NO_BYTES = new Uint8Array(0);

/**
 * The message of a request, of its path, its query and its body.
 *
 * @throws StatusError as `bindRequest` does; HttpRefusal as RequestBody does, and 415 for a body of another kind.
 */
export async function requestMessage(
  exchange: Exchange,
  { match, asked, bodyIsQuery }: Called,
  limits: ProtoJsonLimits,
): Promise<Message> {
  const { target: route, segments } = match;
  const body = bodyIsQuery ? NO_BYTES : await readBody(exchange, route);
  const message = bindRequest(route.binding, { segments, query: asked.query, body }, limits);
  exchange.domain = route.method.domain(message as never);
  return message;
}

async function readBody({ request, body, contentType }: Exchange, { rule }: Route): Promise<Uint8Array> {
  if (!body.isThere) return NO_BYTES;
  // Before it is sent, where the caller asks first.
  if (request.headers.expect !== undefined) {
    bodyEncodingOf(request.headers);
    checkBodyType(contentType);
  }
  const bytes = await body.read();
  if (rule.body === undefined) checkNoBody(rule.method, bytes);
  else if (!isEmptyBody(bytes)) checkBodyType(contentType);
  return bytes;
}
