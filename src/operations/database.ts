import type { JournalReader } from './journal.ts';
import type { OperationIndex } from './operation-index.ts';
import type { OperationRepository } from './operation-repository.ts';
import type { ResourceRepository } from './resource.ts';

/** One database: its repositories change in one transaction where an interface says so. */
export interface Database {
  readonly operations: OperationRepository;
  readonly index: OperationIndex;
  readonly resources: ResourceRepository;
  readonly journal: JournalReader;
  /** Whether every session found at open is proven dead, because this process is the database's only owner. */
  readonly exclusive: boolean;
  /** Aborts, with a StatusError, when this process can never use it again: what helps is a new process. Not by close(). */
  readonly lost: AbortSignal;
  /** 32 random bytes under this name, made at the first call and the same ever after: keys of signatures. */
  secret(name: string): Promise<Uint8Array>;
  /** Resolves when a read and the write path answer. @throws StatusError UNAVAILABLE when they do not. */
  check(): Promise<void>;
  /** Finishes what was accepted, then closes. Calls after it are UNAVAILABLE. Safe to repeat. */
  close(): Promise<void>;
}
