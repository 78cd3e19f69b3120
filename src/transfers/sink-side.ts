import type { ByteString } from './byte-string.ts';
import { doomed } from './doomed.ts';
import { KeptDirectories } from './kept-directories.ts';
import type { ListCursor } from './list-cursor.ts';
import type { FailureCause } from './object-failure.ts';
import type { ListNote } from './object-store.ts';
import type { DoomedObject } from './removal.ts';

/** What the sink holds at a key. */
export type AtSink = 'absent' | 'special' | 'present' | FailureCause;

/** The sink's listing beside the source's, and which of its objects only it has. */
export class SinkSide {
  readonly #sink: ListCursor;
  readonly #isUniqueDoomed: boolean;
  readonly #kept = new KeptDirectories();
  /** The source's directory that could not be listed last: what only the sink has there may be what the source has, too. */
  #unlistedSource: ByteString | undefined;
  /** The last key that both have, whatever it is at either: not the sink's alone. */
  #met: ByteString | undefined;
  /** The sink's directory that could not be listed last: what it holds is unknown. */
  #unlisted: { readonly key: ByteString; readonly cause: FailureCause } | undefined;

  constructor(sink: ListCursor, { isUniqueDoomed }: { readonly isUniqueDoomed: boolean }) {
    this.#sink = sink;
    this.#isUniqueDoomed = isUniqueDoomed;
  }

  /** What the source says of its directories, in the order of keys. */
  noteSource(note: ListNote | undefined): void {
    if (note?.kind === 'directory') this.#kept.note(note.key);
    if (note?.kind === 'directory-failed') this.#unlistedSource = note.key;
  }

  /**
   * Moves the sink's listing up to `key`, or to its end, and says what is there; undefined when its page ends before that. On the
   * way it dooms what only the sink has, where that is asked for.
   */
  seek(key: ByteString | undefined, doom: (object: DoomedObject) => void): AtSink | undefined {
    const sink = this.#sink;
    while (!sink.isEnded) {
      if (!sink.isReady) {
        if (key !== undefined && sink.hasToldOf(key)) break;
        return undefined;
      }
      if (key !== undefined && sink.key > key) break;
      const note = sink.note;
      if (note?.kind === 'directory-failed') this.#unlisted = note;
      if (sink.key === key) {
        this.#met = key;
        return atSink(note);
      }
      if (note === undefined && this.#isUnique(sink.key)) {
        doom({ ...doomed(sink), keptDirectory: this.#kept.around(sink.key) });
      }
      sink.advance();
    }
    return key !== undefined && this.#unlisted !== undefined && key.startsWith(this.#unlisted.key)
      ? this.#unlisted.cause
      : 'absent';
  }

  #isUnique(key: ByteString): boolean {
    if (!this.#isUniqueDoomed || key === this.#met) return false;
    return this.#unlistedSource === undefined || !key.startsWith(this.#unlistedSource);
  }
}

function atSink(note: ListNote | undefined): AtSink {
  if (note === undefined) return 'present';
  if (note.kind === 'special') return 'special';
  return note.kind === 'object-failed' ? note.cause : 'absent';
}
