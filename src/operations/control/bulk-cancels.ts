import type { Operation } from '../operation.ts';
import { BULK_CANCEL_KIND, NONE_CANCELLED, type BulkCancelCodec, type BulkCancelRequest } from './bulk-cancel.ts';
import { bulkCancelSelection, type BulkCancelRules } from './bulk-cancel-selection.ts';
import { requestIdOf } from './create-request.ts';
import type { Creator } from './creator.ts';

export interface BulkCancelsOptions extends BulkCancelRules {
  readonly creator: Pick<Creator, 'insert'>;
  readonly codec: BulkCancelCodec;
  readonly newId: () => string;
}

/** Queues bulk cancels, each as an operation of its own; class BulkCancelHandler carries them out. */
export class BulkCancels {
  readonly #options: BulkCancelsOptions;

  constructor(options: BulkCancelsOptions) {
    this.#options = options;
  }

  /**
   * Queues one. Where a cancel came before it for its request id, it is cancelled from the start.
   *
   * @throws StatusError INVALID_ARGUMENT for a parent or a filter that cannot be read.
   */
  async start(request: BulkCancelRequest, requestId: string | undefined): Promise<Operation> {
    const { codec, newId, creator, limits } = this.#options;
    bulkCancelSelection(request, this.#options);
    const id = requestIdOf(requestId);
    const { operation } = await creator.insert({
      name: `operations/${newId()}`,
      surface: 'longrunning',
      collection: 'operations',
      kind: BULK_CANCEL_KIND,
      request: codec.encodeRequest(request),
      metadata: codec.encodeMetadata(request, NONE_CANCELLED),
      attemptCountMax: limits.bulkCancelAttemptCountMax,
      ...(id === undefined ? {} : { requestId: id }),
    });
    return operation;
  }
}
