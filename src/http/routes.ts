import type { AnyMethod, Method } from '../api/method.ts';
import { serviceDomain } from '../api/service-domain.ts';
import { annotatedRules, type HttpRule } from '../schema/http-rules.ts';
import { rpcTypes, type RpcTypes } from '../schema/rpc-types.ts';
import { DEFAULT_FIELDS, type ApiRule } from './api-rules.ts';
import { requestBinding, type RequestBinding } from './bind-request.ts';
import { Router } from './router.ts';

/** What serves one binding of an RPC. */
export interface Route {
  readonly method: AnyMethod;
  readonly rule: HttpRule;
  /** @throws Error when the rule does not fit its request: a bug. */
  readonly binding: RequestBinding;
  /** Full name. */
  readonly responseType: string;
  /** What is answered where the caller names no fields; absent for everything. */
  readonly defaultFields?: string;
  /** The ErrorInfo domain of errors that are found before the request is understood. */
  readonly domain: string;
  /** What `Prefer: wait=N` makes of this Get. */
  readonly wait?: Method;
}

/**
 * The routes of all methods: by the rules that override them, else by their annotations. Rules of RPCs that nobody serves make none.
 *
 * @throws Error when two rules take the same paths: a bug, or surfaces of the deployment's own that are too much alike.
 */
export function createRoutes(methods: readonly AnyMethod[], rules: readonly ApiRule[]): Router<Route> {
  const router = new Router<Route>();
  for (const service of new Set(methods.map((method) => method.service))) {
    const types = rpcTypes(service);
    for (const method of methods.filter((each) => each.service === service)) {
      for (const rule of rulesOf(method, rules)) {
        router.add(rule.method, rule.path, routeOf(method, rule, { types: typesOf(method, types), methods }));
      }
    }
  }
  return router;
}

type AppliedRule = HttpRule & Partial<Pick<ApiRule, 'domain' | 'prefersWait'>>;

function rulesOf({ service, rpc }: AnyMethod, rules: readonly ApiRule[]): readonly AppliedRule[] {
  const own = rules.filter((rule) => rule.service === service && rule.rpc === rpc);
  return own.length > 0 ? own : annotatedRules(service, rpc);
}

function typesOf({ service, rpc }: AnyMethod, types: ReadonlyMap<string, RpcTypes>): RpcTypes {
  const found = types.get(rpc);
  if (found === undefined) throw new Error(`${service}.${rpc} is not in the loaded protos`);
  return found;
}

function routeOf(
  method: AnyMethod,
  rule: AppliedRule,
  { types, methods }: { readonly types: RpcTypes; readonly methods: readonly AnyMethod[] },
): Route {
  const wait = rule.prefersWait === true ? waitBeside(method, methods) : undefined;
  // Made when a request comes: to describe every message costs a start some tens of milliseconds.
  let binding: RequestBinding | undefined;
  const defaultFields = DEFAULT_FIELDS.get(`${method.service}.${method.rpc}`);
  return {
    method,
    rule,
    ...(defaultFields === undefined ? {} : { defaultFields }),
    get binding(): RequestBinding {
      return (binding ??= requestBinding(types.request, rule));
    },
    responseType: types.response,
    domain: rule.domain ?? serviceDomain(method.service),
    ...(wait === undefined ? {} : { wait }),
  };
}

function waitBeside({ service }: AnyMethod, methods: readonly AnyMethod[]): Method | undefined {
  const wait = methods.find((each) => each.service === service && each.rpc === 'WaitOperation');
  return wait !== undefined && 'handle' in wait ? wait : undefined;
}
