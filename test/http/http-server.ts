import { createRoutes } from '../../src/http/routes.ts';
import { apiRules } from '../../src/http/api-rules.ts';
import { operationsMethods } from '../../src/api/operations.ts';
import type { AnyMethod, UploadMethod } from '../../src/api/method.ts';
import { DEFAULT_HTTP_LIMITS, type HttpLimits } from '../../src/http/limits.ts';
import { DEFAULT_FIELDS_LIMITS } from '../../src/http/parameters/limits.ts';
import { HttpServer, type HttpServerOptions } from '../../src/http/server.ts';
import { Transcoder } from '../../src/http/transcoder.ts';
import { UploadCalls } from '../../src/http/upload/upload-calls.ts';
import { DEFAULT_HTTP_UPLOAD_LIMITS } from '../../src/http/upload/limits.ts';
import type { OperationsLimits } from '../../src/operations/operations.ts';
import { DEFAULT_PROTO_JSON_LIMITS } from '../../src/schema/json/limits.ts';
import { memoryOperations } from '../grpc/operations-server.ts';
import { RecordingLogger } from '../support/recording-logger.ts';

export interface HttpServerFixture {
  readonly methods?: readonly AnyMethod[];
  readonly uploads?: readonly UploadMethod[];
  readonly limits?: Partial<HttpLimits>;
  readonly origins?: readonly string[];
  readonly check?: HttpServerOptions['check'];
  readonly stalledLoops?: HttpServerOptions['stalledLoops'];
}

/** Serves nothing unless methods are given. */
export function createTranscoder(
  { methods = [], uploads = [], limits, origins }: HttpServerFixture,
  log = new RecordingLogger(),
): Transcoder {
  return new Transcoder({
    routes: createRoutes(methods, apiRules()),
    uploads: new UploadCalls({ methods: uploads, json: DEFAULT_PROTO_JSON_LIMITS, limits: DEFAULT_HTTP_UPLOAD_LIMITS }),
    json: DEFAULT_PROTO_JSON_LIMITS,
    fields: DEFAULT_FIELDS_LIMITS,
    limits: { ...DEFAULT_HTTP_LIMITS, ...limits },
    origins: new Set(origins),
    log,
  });
}

/** A server that does not listen yet. */
export function createHttpServer(fixture: HttpServerFixture = {}, log = new RecordingLogger()): HttpServer {
  return new HttpServer({
    check: fixture.check ?? (() => Promise.resolve()),
    stalledLoops: fixture.stalledLoops ?? (() => []),
    transcoder: createTranscoder(fixture, log),
    limits: { ...DEFAULT_HTTP_LIMITS, ...fixture.limits },
    log,
  });
}

/** What came back, its body as JSON. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: unknown;
}

export interface SentRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A listening server with real Operations, and how to call it. */
export async function startHttp(
  fixture: HttpServerFixture & { readonly operationsLimits?: Partial<OperationsLimits> } = {},
) {
  const memory = memoryOperations(fixture.operationsLimits);
  const log = new RecordingLogger();
  const server = createHttpServer({ methods: operationsMethods(memory.operations), ...fixture }, log);
  const address = await server.listen({ host: '127.0.0.1', port: 0 });
  const send = async (path: string, { headers = {}, ...request }: SentRequest = {}): Promise<HttpReply> => {
    const type = request.body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(`http://${address}${path}`, { ...request, headers: { ...type, ...headers } });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: text === '' ? undefined : JSON.parse(text),
    };
  };
  return {
    ...memory,
    server,
    address,
    log,
    send,
    close: async (): Promise<void> => {
      await memory.release();
      await server.close(0);
    },
  };
}
