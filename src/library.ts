/**
 * What the package offers to those who embed it in a grpc-js server of their own; docs/library.md shows it at work. What is not named
 * here may change at any time.
 */
import { systemClock } from './core/clock.ts';
import type { Logger } from './core/logger.ts';
import type { Database } from './operations/database.ts';
import { MemoryDatabase } from './repositories/memory-database.ts';
import { openSqliteDatabase } from './repositories/sqlite-database.ts';

export { anyOf, embed, messageOf } from './embedded-operations.ts';
export type { EmbeddedOperations, EmbeddedService, EmbedOptions, NewOperation } from './embedded-operations.ts';
export { LongrunningClient } from './client/longrunning-client.ts';
export type { ClientLimits } from './client/limits.ts';
export { OperationOwner } from './client/operation-owner.ts';
export type {
  NewOwnedOperation,
  OperationOwnerOptions,
  OwnedOperation,
  OwnerTrouble,
  TakeOverOptions,
} from './client/operation-owner.ts';
export type { OwnedEnd, OwnedHandler, OwnedWork } from './client/owned-work.ts';
export type { CreateOperationRequest, HoldTerms, OwnerReport } from './client/owner-messages.ts';
export { EMPTY, messageName } from './core/any.ts';
export type { Any } from './core/any.ts';
export { Interrupted } from './core/cancellation.ts';
export { Code } from './core/code.ts';
export type { Logger } from './core/logger.ts';
export { StatusError } from './core/status-error.ts';
export type { Database } from './operations/database.ts';
export type { JournalChange, JournalEntry, JournalReader } from './operations/journal.ts';
export type { Operation, OwnerTerms, State } from './operations/operation.ts';
export type { ChildQuery, EndedQuery, OperationIndex } from './operations/operation-index.ts';
export type {
  Change,
  ChangeHint,
  ClaimQuery,
  InsertResult,
  ListQuery,
  OperationRepository,
  OperationUpdate,
  SideWrites,
} from './operations/operation-repository.ts';
export type { Presenter } from './operations/presenter.ts';
export type { Amount, ErrorSample, Progress, ProgressReport } from './operations/progress.ts';
export type { Resource, ResourceChange, ResourceQuery, ResourceRepository } from './operations/resource.ts';
export type { Surface } from './operations/surface.ts';
export type { Task, TaskContext, TaskHandler, TaskOutcome } from './operations/task.ts';
export type { TimerPosition } from './operations/timers.ts';
export { timerOf } from './operations/timers.ts';

/** A durable home of operations in a SQLite file, which only this process may have open. @throws StatusError naming the file. */
export function openSqlite(path: string, logger?: Logger): Promise<Database> {
  return openSqliteDatabase({ path, clock: systemClock, ...(logger === undefined ? {} : { logger }) });
}

/** A home of operations that goes with this process. */
export function openMemory(): Database {
  return new MemoryDatabase(systemClock);
}
