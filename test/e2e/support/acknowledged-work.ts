import { status as Code } from '@grpc/grpc-js';
import { untilGone, type Message, type RawClient } from './raw-client.ts';
import { PROJECT, type Route } from './transfer-client.ts';

/** A client's filter for everything of the project. */
const EVERYTHING = JSON.stringify({ projectId: PROJECT });

/**
 * Jobs and operations that a sidecar has acknowledged, over any number of its lives, and what is known of them since: what may
 * never be lost, and what may never change again.
 */
export class AcknowledgedWork {
  readonly #jobs = new Set<string>();
  readonly #operations = new Set<string>();
  readonly #cancelled = new Set<string>();
  readonly #ends = new Map<string, string>();

  get operationCount(): number {
    return this.#operations.size;
  }

  /** Creates jobs, runs them and cancels every other run, until `count` are done with or the sidecar is gone. */
  async add(raw: RawClient, count: number, route: () => Route): Promise<void> {
    await untilGone(async () => {
      for (let index = 0; index < count; index += 1) await this.#addOne(raw, route(), index % 2 === 1);
    });
  }

  async #addOne(raw: RawClient, { source, sink }: Route, isCancelled: boolean): Promise<void> {
    const transferSpec = { posixDataSource: { rootDirectory: source }, posixDataSink: { rootDirectory: sink } };
    const transferJob = { projectId: PROJECT, status: 'ENABLED', transferSpec };
    const job = await raw.call('StorageTransferService/CreateTransferJob', { transferJob });
    this.#jobs.add(job['name'] as string);
    const run = { jobName: job['name'], projectId: PROJECT };
    const { name } = await raw.call('StorageTransferService/RunTransferJob', run);
    this.#operations.add(name as string);
    if (!isCancelled) return;
    // Before the call: a cancel whose answer is lost may have been carried out all the same.
    this.#cancelled.add(name as string);
    await raw.call('Operations/CancelOperation', { name });
  }

  /** Lists everything, and says what is missing, or has changed although it was done. */
  async problems(raw: RawClient): Promise<readonly string[]> {
    const jobs = new Set((await listAll(raw, 'jobs')).map(({ name }) => name));
    const operations = new Map((await listAll(raw, 'operations')).map((operation) => [operation['name'], operation]));
    const missing = [
      ...[...this.#jobs].filter((name) => !jobs.has(name)),
      ...[...this.#operations].filter((name) => !operations.has(name)),
    ];
    return [...missing.map((name) => `${name} is lost`), ...this.#changedEnds([...operations.values()])];
  }

  #changedEnds(operations: readonly Message[]): readonly string[] {
    const changed: string[] = [];
    for (const operation of operations) {
      const name = operation['name'] as string;
      const text = JSON.stringify(operation);
      if ((this.#ends.get(name) ?? text) !== text) changed.push(`${name} was done and has changed`);
      if (operation['done'] === true) this.#ends.set(name, text);
    }
    return changed;
  }

  /** Those that are not done, or have ended as they must not. What was cancelled may have come to its end just before. */
  async unfinished(raw: RawClient): Promise<readonly string[]> {
    const operations = new Map((await listAll(raw, 'operations')).map((operation) => [operation['name'], operation]));
    return [...this.#operations].filter((name) => {
      const { result, error } = operations.get(name) ?? {};
      if (result === 'response') return false;
      return !(this.#cancelled.has(name) && (error as { code?: number } | undefined)?.code === Code.CANCELLED);
    });
  }
}

/** All pages of a list. */
async function listAll(raw: RawClient, what: 'jobs' | 'operations'): Promise<readonly Message[]> {
  const found: Message[] = [];
  let pageToken = '';
  do {
    const page = await listPage(raw, what, pageToken);
    found.push(...page.found);
    ({ pageToken } = page);
  } while (pageToken !== '');
  return found;
}

interface Page {
  readonly found: readonly Message[];
  readonly pageToken: string;
}

async function listPage(raw: RawClient, what: 'jobs' | 'operations', pageToken: string): Promise<Page> {
  const request = { filter: EVERYTHING, pageSize: 50, pageToken };
  const reply =
    what === 'jobs'
      ? await raw.call('StorageTransferService/ListTransferJobs', request)
      : await raw.call('Operations/ListOperations', { ...request, name: 'transferOperations' });
  const found = reply[what === 'jobs' ? 'transferJobs' : 'operations'] as readonly Message[];
  return { found, pageToken: reply['nextPageToken'] as string };
}
