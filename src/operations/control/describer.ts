import type { Clock } from '../../core/clock.ts';
import type { Database } from '../database.ts';
import { isLeased, type Operation } from '../operation.ts';
import type { Holder, OperationHead } from '../operation-index.ts';
import { visible } from '../visible.ts';
import { pageSizeOf } from '../page-size.ts';
import type { PageScope, PageTokens } from '../page-token.ts';
import type { SurfaceTable } from '../surface.ts';
import type { WorkerDirectory, WorkerStatus } from '../worker-directory.ts';
import { dueEvents, queuedReasons, type DueEvent, type QueuedReason } from './explain.ts';
import type { ControlLimits } from './limits.ts';

export interface DescriberOptions {
  readonly database: Database;
  readonly surfaces: SurfaceTable;
  readonly workers: WorkerDirectory;
  readonly pageTokens: PageTokens;
  readonly clock: Clock;
  /** From so many deaths on an operation runs alone. */
  readonly deathCountAlone: number;
  readonly limits: ControlLimits;
}

export interface Description {
  readonly operation: Operation;
  /** Of the session that holds it, where it is known. */
  readonly leaseLeftMs?: number;
  /** The worker of this process that runs it. */
  readonly worker?: string;
  readonly queuedReasons: readonly QueuedReason[];
  readonly dueEvents: readonly DueEvent[];
  readonly children: readonly OperationHead[];
  readonly hasMoreChildren: boolean;
}

/** Owners outside, each of which holds one operation. */
export interface OwnerPage {
  readonly owners: readonly Holder[];
  /** Empty at the end. */
  readonly nextPageToken: string;
}

/** What every owner's session begins with: it tells them from workers' sessions, and finds them by an index. */
export const OWNER_SESSION_PREFIX = 'owner/';

const OWNER_SCOPE: PageScope = { surface: 'owner-sessions', collection: '', filter: '' };

/** Explains operations, and tells who carries them out. Reads only. */
export class Describer {
  readonly #options: DescriberOptions;

  constructor(options: DescriberOptions) {
    this.#options = options;
  }

  /** @throws StatusError NOT_FOUND, INVALID_ARGUMENT for a name of no form. */
  async describe(name: string): Promise<Description> {
    const { database, surfaces, clock, limits, workers, deathCountAlone } = this.#options;
    surfaces.ofOperation(name, 'get');
    const operation = visible(await database.operations.get(name), name);
    const now = clock.now();
    const leaseLeftMs = await this.#leaseLeftMs(operation);
    const worker = this.#workerOf(operation);
    const aheadCount =
      operation.state === 'QUEUED' && operation.dueTimeMs <= now
        ? await database.index.countAhead(operation, this.#rivalsOf(operation), limits.aheadCountMax)
        : 0;
    const leasedCount = operation.state === 'QUEUED' ? await this.#leasedCount(operation) : 0;
    const children = await this.#children(operation);
    return {
      operation,
      ...(leaseLeftMs === undefined ? {} : { leaseLeftMs }),
      ...(worker === undefined ? {} : { worker: worker.name }),
      queuedReasons: queuedReasons(operation, now, {
        workers: workers.workers(),
        aheadCount,
        leasedCount,
        deathCountAlone,
      }),
      dueEvents: dueEvents(operation, now, leaseLeftMs),
      children: children.slice(0, limits.describedChildCountMax),
      hasMoreChildren: children.length > limits.describedChildCountMax,
    };
  }

  workers(): readonly WorkerStatus[] {
    return this.#options.workers.workers();
  }

  /** Owners that hold operations, by session. @throws StatusError INVALID_ARGUMENT for the page's size or token. */
  async owners(page: { readonly pageSize?: number; readonly pageToken: string }): Promise<OwnerPage> {
    const { database, pageTokens, clock, limits } = this.#options;
    const size = pageSizeOf(page.pageSize, limits.ownerPage);
    const now = clock.now();
    const after =
      page.pageToken === '' ? OWNER_SESSION_PREFIX : pageTokens.verify(OWNER_SCOPE, page.pageToken, now).name;
    const found = await database.index.holders(after, size);
    const owners = found.filter(({ session }) => session.startsWith(OWNER_SESSION_PREFIX));
    const last = owners.length < size ? undefined : owners.at(-1)?.session;
    return {
      owners,
      nextPageToken: last === undefined ? '' : pageTokens.sign(OWNER_SCOPE, { createTimeMs: 0, name: last }, now),
    };
  }

  /** Where projects take turns, what others have queued does not stand before it. */
  #rivalsOf({ kind }: Operation): 'all' | 'collection' {
    const workers = this.#options.workers.workers().filter(({ kinds }) => kinds.includes(kind));
    return workers.length > 0 && workers.every(({ share }) => share !== undefined) ? 'collection' : 'all';
  }

  /** Counted only where a worker of its kind has shares. */
  async #leasedCount({ kind, surface, collection }: Operation): Promise<number> {
    const shares = this.#options.workers
      .workers()
      .flatMap(({ kinds, share }) => (share !== undefined && kinds.includes(kind) ? [share.leasedCountMax] : []));
    if (shares.length === 0) return 0;
    return this.#options.database.index.leasedCount(surface, collection, Math.max(...shares));
  }

  async #leaseLeftMs({ session }: Operation): Promise<number | undefined> {
    return session === undefined ? undefined : this.#options.database.index.sessionLeftMs(session);
  }

  #workerOf(operation: Operation): WorkerStatus | undefined {
    if (!isLeased(operation)) return undefined;
    return this.#options.workers
      .workers()
      .find(({ held }) => held.some(({ name, fence }) => name === operation.name && fence === operation.fence));
  }

  #children(parent: Operation): Promise<readonly OperationHead[]> {
    const limit = this.#options.limits.describedChildCountMax + 1;
    return this.#options.database.index.children({ parent, visibleOnly: true, after: '', limit });
  }
}
