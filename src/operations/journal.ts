/**
 * What is about to appear at a sink, written before it does, so that after a crash nothing has to be guessed.
 *
 * `value` is opaque to the repository. An entry lives from the transaction that puts it to the one that removes it, and
 * survives the operation's end and removal until then, so that a janitor finds what a crash left behind.
 */
export interface JournalEntry {
  readonly operation: string;
  /** Unique within the operation. */
  readonly id: string;
  readonly value: Uint8Array;
}

export type JournalChange =
  { readonly put: JournalEntry } | { readonly remove: { readonly operation: string; readonly id: string } };

/** Reads of the journal; its writes go with those of its operation, see OperationRepository.update. */
export interface JournalReader {
  /** The open entries of one operation, by id. */
  open(operation: string): Promise<readonly JournalEntry[]>;
  /** Open entries whose operation is done or gone, at most `limit`: a janitor's work. */
  orphans(limit: number): Promise<readonly JournalEntry[]>;
  /** Removes entries whose artefacts are cleaned up; unknown ones are skipped. */
  remove(entries: readonly { readonly operation: string; readonly id: string }[]): Promise<void>;
}
