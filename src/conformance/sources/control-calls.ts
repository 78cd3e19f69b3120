import { decodeMessage } from '../../schema/protos.ts';
import type { OperationsProbe } from '../operations-probe.ts';
import type { Reply } from '../wire-channel.ts';

const SERVICE = 'longrunning.control.v1.OperationControl';
const PACKAGE = 'longrunning.control.v1';

/** No worker has this kind: what is queued stays so. */
const KIND = 'conformance/idle';
/** What a run leaves behind is gone soon. */
const RETENTION = { seconds: 3600 };
/** Longer than any run. */
const LEASE = { leaseDuration: { seconds: 3600 } };

/** As CreateOperationResponse is decoded. */
export interface SeenCreated {
  readonly operation?: { readonly name?: string };
  readonly lease?: { readonly fence?: string };
  readonly created?: boolean;
}

/** @throws Error when the bytes are none. */
export function createdOf({ bytes }: Pick<Reply, 'bytes'>): SeenCreated {
  return decodeMessage(`${PACKAGE}.CreateOperationResponse`, bytes);
}

export interface CreateQuestion {
  readonly requestId?: string;
  readonly exclusiveKey?: string;
  readonly priority?: number;
  /** Held by the suite from the start; else queued, for nobody. */
  readonly isHeld?: boolean;
}

/** longrunning.control.v1.OperationControl in one collection, as far as the suite uses it. */
export class ControlCalls {
  readonly #probe: OperationsProbe;
  readonly #collection: string;

  constructor(probe: OperationsProbe, collection: string) {
    this.#probe = probe;
    this.#collection = collection;
  }

  create({ isHeld = false, ...given }: CreateQuestion): Promise<Reply> {
    const request = { parent: this.#collection, kind: KIND, retention: RETENTION, ...given };
    return this.#call('CreateOperation', { ...request, ...(isHeld ? { hold: LEASE } : {}) });
  }

  /** Only asks whether a cancel is wanted. */
  update(name: string, fence: string): Promise<Reply> {
    return this.#call('UpdateOperation', { name, fence });
  }

  complete(name: string, fence: string): Promise<Reply> {
    const response = { type_url: 'type.googleapis.com/google.protobuf.Empty', value: new Uint8Array(0) };
    return this.#call('CompleteOperation', { name, fence, response });
  }

  fail(request: { readonly name: string; readonly fence: string; readonly error: object }): Promise<Reply> {
    return this.#call('FailOperation', request);
  }

  confirmCancel(name: string, fence: string): Promise<Reply> {
    return this.#call('CompleteOperation', { name, fence, cancelled: {} });
  }

  #call(rpc: string, request: object): Promise<Reply> {
    return this.#probe.call(`/${SERVICE}/${rpc}`, `${PACKAGE}.${rpc}Request`, request);
  }
}
