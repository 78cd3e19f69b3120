import type { Clock } from '../../core/clock.ts';
import { Code } from '../../core/code.ts';
import type { StatusError } from '../../core/status-error.ts';
import type { WebClient } from '../web/web-client.ts';
import { statusFailure, type FailureDetail } from '../web/web-failure.ts';
import {
  headerOf,
  type StreamedResponse,
  type WebMethod,
  type WebRequest,
  type WebResponse,
} from '../web/web-request.ts';
import { sharedKeyAuthorization, type SharedKey } from './shared-key.ts';

/** How requests say who asks: not at all (public containers), by the account's key, or by a shared access signature. */
export type AzureCredentials =
  | { readonly kind: 'none' }
  | ({ readonly kind: 'sharedKey' } & SharedKey)
  /** The query of a shared access signature, without '?'. */
  | { readonly kind: 'sas'; readonly token: string };

export interface AzureRequest {
  readonly method: WebMethod;
  /** Encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** What messages call it. */
  readonly resource: string;
  /** See WebRequest. */
  readonly expectedSizeBytes?: number;
  readonly signal: AbortSignal;
}

/** Old enough for every emulator, new enough for blocks of 4000 MiB. */
const API_VERSION = '2021-12-02';

/** Azure Blob Storage at one endpoint, as one identity. Nothing is sent twice. */
export class AzureService {
  readonly #client: WebClient;
  readonly #clock: Clock;
  readonly #credentials: AzureCredentials;
  readonly #origin: string;

  constructor(client: WebClient, clock: Clock, credentials: AzureCredentials, origin: string) {
    this.#client = client;
    this.#clock = clock;
    this.#credentials = credentials;
    this.#origin = origin;
  }

  /** @throws StatusError unless the status is 2xx or one of `hoped`. */
  async send(request: AzureRequest, hoped: readonly number[] = []): Promise<WebResponse> {
    const response = await this.#client.send(this.#signed(request));
    if (response.status >= 300 && !hoped.includes(response.status)) throw azureFailure(request, response);
    return response;
  }

  /** The body as it comes. @throws StatusError unless the status is 2xx or one of `hoped`. */
  async open(request: AzureRequest, hoped: readonly number[]): Promise<StreamedResponse> {
    const response = await this.#client.open(this.#signed(request));
    if (response.body === undefined && !hoped.includes(response.status)) throw azureFailure(request, response);
    return response;
  }

  #signed({ headers: given, query = {}, body, ...request }: AzureRequest): WebRequest {
    const { method, path, expectedSizeBytes = 0, resource, signal } = request;
    const credentials = this.#credentials;
    const headers = {
      ...given,
      'x-ms-date': new Date(this.#clock.now()).toUTCString(),
      'x-ms-version': API_VERSION,
    };
    const told = new URLSearchParams(query).toString();
    const search = [told, credentials.kind === 'sas' ? credentials.token : ''].filter((text) => text !== '').join('&');
    const toSign = { method, path, query, headers, bodySizeBytes: body?.length ?? 0 };
    const authorization = credentials.kind === 'sharedKey' ? sharedKeyAuthorization(credentials, toSign) : undefined;
    return {
      method,
      origin: this.#origin,
      target: search === '' ? path : `${path}?${search}`,
      headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
      ...(body === undefined ? {} : { body }),
      resource,
      expectedSizeBytes,
      signal,
    };
  }
}

/** Where the service's own word says more than the status ("Blob Storage error codes"). */
const MEANINGS: Readonly<Record<string, FailureDetail>> = {
  AuthenticationFailed: { code: Code.UNAUTHENTICATED, reason: 'CREDENTIALS_REFUSED' },
  Md5Mismatch: { code: Code.DATA_LOSS, reason: 'OBJECT_DAMAGED' },
  InvalidBlockList: { code: Code.NOT_FOUND, reason: 'UPLOAD_UNKNOWN' },
  BlobImmutableDueToPolicy: { code: Code.PERMISSION_DENIED, reason: 'ACCESS_DENIED' },
  ContainerBeingDeleted: { code: Code.UNAVAILABLE, reason: 'SERVICE_ERROR' },
};

/** The error of an answer; its body, which may quote what was signed, is left out. */
export function azureFailure(request: Pick<AzureRequest, 'resource'>, response: WebResponse): StatusError {
  const serviceCode = headerOf(response, 'x-ms-error-code');
  const requestId = headerOf(response, 'x-ms-request-id');
  return statusFailure(request, response, {
    ...(serviceCode === undefined ? {} : { serviceCode, ...MEANINGS[serviceCode] }),
    ...(requestId === undefined ? {} : { requestId }),
  });
}
