import type { AnyMethod, Method } from '../api/method.ts';
import { serviceDomain } from '../api/service-domain.ts';
import { annotatedRules, type HttpRule } from '../schema/http-rules.ts';
import { rpcTypes, type RpcTypes } from '../schema/rpc-types.ts';
import type { ApiRule } from './api-rules.ts';
import { requestBinding, type RequestBinding } from './bind-request.ts';
import { Router } from './router.ts';

/** What serves one binding of an RPC. */
export interface Route {
  readonly method: Method;
  readonly rule: HttpRule;
  readonly binding: RequestBinding;
  /** Full name. */
  readonly responseType: string;
  /** The ErrorInfo domain of errors that are found before the request is understood. */
  readonly domain: string;
  /** What `Prefer: wait=N` makes of this Get. */
  readonly wait?: Method;
}

/**
 * The routes of all methods: by the rules that override them, else by their annotations. Methods that stream have none here, and rules of
 * RPCs that nobody serves make none.
 *
 * @throws Error when two rules take the same paths, or a rule does not fit its request: a bug, or surfaces of the deployment's own that
 *   are too much alike.
 */
export function createRoutes(methods: readonly AnyMethod[], rules: readonly ApiRule[]): Router<Route> {
  const unary = methods.filter((method) => 'handle' in method);
  const router = new Router<Route>();
  for (const service of new Set(unary.map((method) => method.service))) {
    const types = rpcTypes(service);
    for (const method of unary.filter((each) => each.service === service)) {
      for (const rule of rulesOf(method, rules)) {
        router.add(rule.method, rule.path, routeOf(method, rule, { types: typesOf(method, types), unary }));
      }
    }
  }
  return router;
}

type AppliedRule = HttpRule & Partial<Pick<ApiRule, 'domain' | 'prefersWait'>>;

function rulesOf({ service, rpc }: Method, rules: readonly ApiRule[]): readonly AppliedRule[] {
  const own = rules.filter((rule) => rule.service === service && rule.rpc === rpc);
  return own.length > 0 ? own : annotatedRules(service, rpc);
}

function typesOf({ service, rpc }: Method, types: ReadonlyMap<string, RpcTypes>): RpcTypes {
  const found = types.get(rpc);
  if (found === undefined) throw new Error(`${service}.${rpc} is not in the loaded protos`);
  return found;
}

function routeOf(
  method: Method,
  rule: AppliedRule,
  { types, unary }: { readonly types: RpcTypes; readonly unary: readonly Method[] },
): Route {
  const wait =
    rule.prefersWait === true
      ? unary.find(({ service, rpc }) => service === method.service && rpc === 'WaitOperation')
      : undefined;
  return {
    method,
    rule,
    binding: requestBinding(types.request, rule),
    responseType: types.response,
    domain: rule.domain ?? serviceDomain(method.service),
    ...(wait === undefined ? {} : { wait }),
  };
}
