import type { Reply } from './wire-channel.ts';

/** What cases need of a server, in words for its owner. */
export const NEEDS = {
  done: 'an operation that is done',
  succeeded: 'an operation that ended with a response',
  cancelled: 'an operation that ended with error code 1',
  spent: 'an operation that is done and may be cancelled',
  unfinished: 'an operation that is not done',
  expendable: 'a running operation that may be cancelled and deleted',
  completable: 'a running operation that the suite can complete',
  listed: 'three operations in the list',
  made: 'three operations, made one after the other',
  control: 'longrunning.control.v1.OperationControl',
  parallel: 'work that excludes other work of its kind',
} as const;

export type Need = keyof typeof NEEDS;

/** Names of operations, oldest first; never empty. */
export type FoundOperations = readonly [string, ...string[]];

/** The server has not what a case needs: the case is skipped with this reason. */
export class Unmet extends Error {
  override readonly name = 'Unmet';
}

/**
 * Where operations come from: given by name, or made by another API of the server.
 *
 * Whatever a source makes it removes when it is closed, as far as the server lets it.
 */
export interface OperationSource {
  /** Operations of the collection under test. What is found for `expendable` and `completable` is found once only. */
  find(need: Need): Promise<FoundOperations>;
  /** Ends one that was found as `completable`, with a response. */
  complete(name: string): Promise<void>;
  /** Ends one that was found as `completable`, with an error; only where `control` is found too. */
  fail(name: string, error: { readonly code: number; readonly message: string }): Promise<void>;
  /** Does the worker's part of a cancel that has been asked for, where it is the suite's to do. */
  confirmCancel(name: string): Promise<void>;
  /** Tries work that is excluded by what is under way; once for each `parallel` that was found. */
  excluded(): Promise<Reply>;
  /** Whether the work's owner was told to stop. */
  isCancelWanted(name: string): Promise<boolean>;
  close(): Promise<void>;
}
