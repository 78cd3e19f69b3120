/**
 * A resource beside the operations, such as a transfer job: opaque bytes under a name, with what a repository must know
 * to list and to wake it.
 */
export interface Resource {
  /** What it is, such as `transfer-job`. */
  readonly kind: string;
  /** Unique within the kind. */
  readonly name: string;
  /** Where List finds it, such as a project id. */
  readonly collection: string;
  /** Grows by one with each write, from 1. */
  readonly revision: number;
  readonly value: Uint8Array;
  readonly createTimeMs: number;
  /** When something is to happen to it next, such as a scheduled run. */
  readonly dueTimeMs?: number;
  /** When it may be purged. */
  readonly expireTimeMs?: number;
}

/**
 * One write of a resource. `revision` is what the writer read: 0 creates (ALREADY_EXISTS when the name is taken), else it
 * must still stand (ABORTED when not). Without `value` the resource is removed.
 */
export interface ResourceChange {
  readonly kind: string;
  readonly name: string;
  readonly revision: number;
  readonly next?: Omit<Resource, 'kind' | 'name' | 'revision'>;
  /** With a creation: RESOURCE_EXHAUSTED (reason COLLECTION_FULL) where its kind and collection hold so many already. */
  readonly collectionCountMax?: number;
}

export interface ResourceQuery {
  readonly kind: string;
  readonly collection: string;
  /** Continue after this one, exclusively. */
  readonly after?: { readonly createTimeMs: number; readonly name: string };
  /** At most this many, from 1. */
  readonly limit: number;
}

/**
 * Home of resources. Reads see committed state only; every write is durable before it resolves.
 */
export interface ResourceRepository {
  get(kind: string, name: string): Promise<Resource | undefined>;
  /** Newest first by (createTimeMs, name), a keyset walk: each resource that exists throughout comes exactly once. */
  list(query: ResourceQuery): Promise<readonly Resource[]>;
  /** All or none. @throws StatusError ALREADY_EXISTS, ABORTED (reason RESOURCE_CHANGED) or RESOURCE_EXHAUSTED, as ResourceChange says. */
  write(changes: readonly ResourceChange[]): Promise<void>;
  /** Resources of a kind whose dueTimeMs is not after `now`, the earliest first. */
  due(kind: string, now: number, limit: number): Promise<readonly Resource[]>;
}
