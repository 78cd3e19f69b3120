import { eachItem } from './each-item.ts';
import type { ListRequest, OperationMessage, Page, TransferJobMessage } from './messages.ts';
import type { CallOptions, RpcChannel, RpcPath } from './rpc-channel.ts';

/** Which job: names are unique within their project. */
export interface JobKey {
  /** `transferJobs/<id>`. */
  readonly jobName: string;
  readonly projectId: string;
}

interface ListTransferJobsResponse {
  readonly transferJobs?: readonly TransferJobMessage[];
  readonly nextPageToken?: string;
}

/** google.storagetransfer.v1.StorageTransferService. Every method rejects with the server's StatusError. */
export class StorageTransferClient {
  readonly #channel: RpcChannel;

  constructor(channel: RpcChannel) {
    this.#channel = channel;
  }

  /** Under the name it has, or under one of the server's. */
  createJob(transferJob: TransferJobMessage, options?: CallOptions): Promise<TransferJobMessage> {
    return this.#channel.call(rpc('CreateTransferJob'), { transferJob }, options);
  }

  getJob(key: JobKey, options?: CallOptions): Promise<TransferJobMessage> {
    return this.#channel.call(rpc('GetTransferJob'), key, options);
  }

  async listJobs(request: ListRequest, options?: CallOptions): Promise<Page<TransferJobMessage>> {
    const page = await this.#channel.call<ListTransferJobsResponse>(rpc('ListTransferJobs'), request, options);
    return { items: page.transferJobs ?? [], nextPageToken: page.nextPageToken ?? '' };
  }

  /** All of them, page by page, as they are asked for. */
  listAllJobs(request: ListRequest, options?: CallOptions): AsyncGenerator<TransferJobMessage> {
    return eachItem((page) => this.listJobs({ ...request, ...page }, options), this.#channel.limits.pageCountMax);
  }

  /** @param paths  the fields that are changed, such as `transfer_spec`. */
  updateJob(
    key: JobKey,
    transferJob: TransferJobMessage,
    paths: readonly string[],
    options?: CallOptions,
  ): Promise<TransferJobMessage> {
    const request = { ...key, transferJob, updateTransferJobFieldMask: { paths } };
    return this.#channel.call(rpc('UpdateTransferJob'), request, options);
  }

  async deleteJob(key: JobKey, options?: CallOptions): Promise<void> {
    await this.#channel.call(rpc('DeleteTransferJob'), key, options);
  }

  /** @returns the operation that was started. */
  runJob(key: JobKey, options?: CallOptions): Promise<OperationMessage> {
    return this.#channel.call(rpc('RunTransferJob'), key, options);
  }

  /** @param name  of a run, `transferOperations/…`. */
  async pauseOperation(name: string, options?: CallOptions): Promise<void> {
    await this.#channel.call(rpc('PauseTransferOperation'), { name }, options);
  }

  /** @param name  of a run, `transferOperations/…`. */
  async resumeOperation(name: string, options?: CallOptions): Promise<void> {
    await this.#channel.call(rpc('ResumeTransferOperation'), { name }, options);
  }
}

function rpc(name: string): RpcPath {
  return `google.storagetransfer.v1.StorageTransferService/${name}`;
}
