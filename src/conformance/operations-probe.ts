import { decodeMessage, encodeMessage } from '../schema/protos.ts';
import type { DurationMessage } from '../schema/duration.ts';
import type { Reply, WireChannel, WireOptions } from './wire-channel.ts';

const SERVICE = 'google.longrunning.Operations';

export interface ListQuestion {
  readonly name: string;
  readonly filter?: string;
  readonly pageSize?: number;
  readonly pageToken?: string;
  readonly returnPartialSuccess?: boolean;
}

/** What a case may set of a call besides its request. */
export interface ProbeOptions {
  readonly timeoutMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes put behind the request. */
  readonly suffix?: Uint8Array;
}

export type OperationsRpc = 'GetOperation' | 'ListOperations' | 'CancelOperation' | 'DeleteOperation' | 'WaitOperation';

/** google.longrunning.Operations of the server under test, and its other services, by bytes. */
export class OperationsProbe {
  readonly #channel: WireChannel;
  readonly #options: WireOptions;

  constructor(channel: WireChannel, options: WireOptions) {
    this.#channel = channel;
    this.#options = options;
  }

  get(name: string, options?: ProbeOptions): Promise<Reply> {
    return this.ask('GetOperation', { name }, options);
  }

  list(question: ListQuestion, options?: ProbeOptions): Promise<Reply> {
    return this.ask('ListOperations', question, options);
  }

  cancel(name: string, options?: ProbeOptions): Promise<Reply> {
    return this.ask('CancelOperation', { name }, options);
  }

  delete(name: string, options?: ProbeOptions): Promise<Reply> {
    return this.ask('DeleteOperation', { name }, options);
  }

  /** @param timeout  absent = left blank. */
  wait(name: string, timeout?: DurationMessage, options?: ProbeOptions): Promise<Reply> {
    return this.ask('WaitOperation', { name, ...(timeout === undefined ? {} : { timeout }) }, options);
  }

  ask(rpc: OperationsRpc, request: object, options: ProbeOptions = {}): Promise<Reply> {
    const bytes = encodeMessage(`google.longrunning.${rpc}Request`, request);
    return this.send(`/${SERVICE}/${rpc}`, bytes, options);
  }

  /** A call of any service: messages by their full names. */
  async call(path: string, message: string, request: object): Promise<Reply> {
    return this.send(path, encodeMessage(message, request));
  }

  send(path: string, request: Uint8Array, options: ProbeOptions = {}): Promise<Reply> {
    const { suffix, ...rest } = options;
    const bytes = suffix === undefined ? request : Buffer.concat([request, suffix]);
    return this.#channel.call(path, bytes, { ...this.#options, ...rest });
  }
}

/** An answered google.longrunning.Operation, as far as the cases look at it. */
export interface SeenOperation {
  readonly name?: string;
  readonly done?: boolean;
  readonly metadata?: { readonly type_url?: string; readonly value?: Uint8Array };
  readonly error?: { readonly code?: number; readonly message?: string };
  readonly response?: { readonly type_url?: string };
}

/** The operation of an answer. @throws Error when the bytes are none. */
export function operationOf({ bytes }: Pick<Reply, 'bytes'>): SeenOperation {
  return decodeMessage('google.longrunning.Operation', bytes);
}

export interface SeenPage {
  readonly operations: readonly SeenOperation[];
  readonly nextPageToken: string;
}

/** The page of an answer. @throws Error when the bytes are none. */
export function pageOf({ bytes }: Pick<Reply, 'bytes'>): SeenPage {
  const { operations = [], nextPageToken = '' } = decodeMessage(
    'google.longrunning.ListOperationsResponse',
    bytes,
  ) as Partial<SeenPage>;
  return { operations, nextPageToken };
}
