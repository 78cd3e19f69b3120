import { findService } from './protos.ts';

/** Methods that a google.api.HttpRule has a field for. */
export const HTTP_RULE_METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH'] as const;

export type HttpRuleMethod = (typeof HTTP_RULE_METHODS)[number];

/** One binding of an RPC to HTTP: a google.api.HttpRule without its additional ones. */
export interface HttpRule {
  readonly method: HttpRuleMethod;
  /** A path template of google/api/http.proto, such as `/v1/{name=transferOperations/**}:cancel`. */
  readonly path: string;
  /** The request's field that the body is, in the proto's own words; `*` for all that the path does not bind. Absent: no body. */
  readonly body?: string;
}

/** A google.api.HttpRule as the loader leaves it. */
interface Annotation {
  readonly get?: string;
  readonly put?: string;
  readonly post?: string;
  readonly delete?: string;
  readonly patch?: string;
  readonly body?: string;
  readonly response_body?: string;
  readonly additional_bindings?: Annotation | readonly Annotation[];
}

/**
 * What the proto annotates an RPC with: the rule itself, then its additional bindings; none where it has no annotation, or is not loaded.
 *
 * @throws Error for what is not served: methods of other names, and `response_body`.
 */
export function annotatedRules(service: string, rpc: string): readonly HttpRule[] {
  const options = findService(service)?.[rpc]?.options as Readonly<Record<string, unknown>> | undefined;
  const annotation = options?.['(google.api.http)'] as Annotation | undefined;
  if (annotation === undefined) return [];
  // One alone is no list in the text format.
  const additional = [annotation.additional_bindings ?? []].flat();
  return [annotation, ...additional].map((each) => ruleOf(each, `${service}.${rpc}`));
}

function ruleOf(annotation: Annotation, rpc: string): HttpRule {
  const { body, response_body: responseBody } = annotation;
  const methods = HTTP_RULE_METHODS.filter((method) => pathOf(annotation, method) !== undefined);
  const [method] = methods;
  const path = method === undefined ? undefined : pathOf(annotation, method);
  if (method === undefined || path === undefined || methods.length > 1 || responseBody !== undefined) {
    throw new Error(`${rpc} has an HTTP rule that is not served: ${JSON.stringify(annotation)}`);
  }
  return { method, path, ...(body === undefined || body === '' ? {} : { body }) };
}

function pathOf(annotation: Annotation, method: HttpRuleMethod): string | undefined {
  return annotation[method.toLowerCase() as Lowercase<HttpRuleMethod>];
}
