import type { UploadMethod } from '../../api/method.ts';
import { serviceDomain } from '../../api/service-domain.ts';
import type { HttpRule } from '../../schema/http-rules.ts';
import { rpcTypes } from '../../schema/rpc-types.ts';
import { requestBinding, type RequestBinding } from '../bind-request.ts';
import { Router } from '../router.ts';

/** What serves the uploads of one RPC at one path. */
export interface UploadRoute {
  readonly method: UploadMethod;
  readonly rule: HttpRule;
  /** Of path and query. */
  readonly fields: RequestBinding;
  /** Of the JSON that comes before the file. */
  readonly metadata: RequestBinding;
  /** Full name. */
  readonly responseType: string;
  readonly domain: string;
}

/**
 * Where files are taken. Google's APIs have a path of its own for uploads below `/upload`, which clients take when they send a file, and the
 * path of the RPC itself.
 */
const RULES = [
  {
    service: 'google.checks.report.v1alpha.ReportService',
    rpc: 'AnalyzeUpload',
    path: '/v1alpha/{parent=accounts/*/apps/*}/reports:analyzeUpload',
  },
] as const;

/** @throws Error when a rule does not fit its request: a bug. */
export function createUploadRoutes(methods: readonly UploadMethod[]): Router<UploadRoute> {
  const router = new Router<UploadRoute>();
  for (const { service, rpc, path } of RULES) {
    const method = methods.find((each) => each.service === service && each.rpc === rpc);
    if (method === undefined) continue;
    for (const prefix of ['', '/upload']) router.add('POST', prefix + path, routeOf(method, prefix + path));
  }
  return router;
}

function routeOf(method: UploadMethod, path: string): UploadRoute {
  const { service, rpc } = method;
  const types = rpcTypes(service).get(rpc);
  if (types === undefined) throw new Error(`${service}.${rpc} is not in the loaded protos`);
  const rule = { method: 'POST', path } as const;
  return {
    method,
    rule,
    fields: requestBinding(types.request, rule),
    metadata: requestBinding(types.request, { ...rule, body: '*' }),
    responseType: types.response,
    domain: serviceDomain(service),
  };
}
