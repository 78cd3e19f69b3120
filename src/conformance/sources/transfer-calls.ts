import { Code, codeName } from '../../core/code.ts';
import { decodeMessage } from '../../schema/protos.ts';
import { operationOf, type OperationsProbe } from '../operations-probe.ts';
import { Unmet } from '../operation-source.ts';
import type { Reply } from '../wire-channel.ts';

const SERVICE = 'google.storagetransfer.v1.StorageTransferService';
const PACKAGE = 'google.storagetransfer.v1';

/** Two directories. */
export interface Route {
  readonly source: string;
  readonly sink: string;
}

/** google.storagetransfer.v1.StorageTransferService in one project, as far as the suite uses it. */
export class TransferCalls {
  readonly #probe: OperationsProbe;
  readonly projectId: string;

  constructor(probe: OperationsProbe, projectId: string) {
    this.#probe = probe;
    this.projectId = projectId;
  }

  /** @returns the job's name. @throws Unmet when the server has no such transfers. */
  async createJob({ source, sink }: Route): Promise<string> {
    const transferSpec = { posixDataSource: { rootDirectory: source }, posixDataSink: { rootDirectory: sink } };
    const transferJob = { projectId: this.projectId, status: 'ENABLED', transferSpec };
    const reply = await this.#call('CreateTransferJob', { transferJob });
    if (reply.code !== Code.OK) throw new Unmet(`no transfer can be made: ${reply.message}`);
    return decodeMessage(`${PACKAGE}.TransferJob`, reply.bytes)['name'] as string;
  }

  /** Another job under the name of one that is there, as that one is. */
  async createAgain(jobName: string): Promise<Reply> {
    const reply = await this.#call('GetTransferJob', { jobName, projectId: this.projectId });
    if (reply.code !== Code.OK) throw new Unmet(`${jobName} is ${codeName(reply.code)}: ${reply.message}`);
    return this.#call('CreateTransferJob', { transferJob: decodeMessage(`${PACKAGE}.TransferJob`, reply.bytes) });
  }

  run(jobName: string): Promise<Reply> {
    return this.#call('RunTransferJob', { jobName, projectId: this.projectId });
  }

  /** @returns the operation's name. */
  async started(jobName: string): Promise<string> {
    const reply = await this.run(jobName);
    if (reply.code !== Code.OK) throw new Error(`RunTransferJob is ${codeName(reply.code)}: ${reply.message}`);
    return operationOf(reply).name ?? '';
  }

  pause(name: string): Promise<Reply> {
    return this.#call('PauseTransferOperation', { name });
  }

  resume(name: string): Promise<Reply> {
    return this.#call('ResumeTransferOperation', { name });
  }

  deleteJob(jobName: string): Promise<Reply> {
    return this.#call('DeleteTransferJob', { jobName, projectId: this.projectId });
  }

  #call(rpc: string, request: object): Promise<Reply> {
    return this.#probe.call(`/${SERVICE}/${rpc}`, `${PACKAGE}.${rpc}Request`, request);
  }
}

/** The TransferOperation.Status within an operation's metadata. */
export function transferStatusOf(reply: Reply): string {
  const { metadata } = operationOf(reply);
  return decodeMessage(`${PACKAGE}.TransferOperation`, metadata?.value ?? new Uint8Array(0))['status'] as string;
}
