import { StatusError } from '../../core/status-error.ts';
import type { ListNote, ListPage } from '../../transfers/object-store.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';
import type { ListedUrl } from './url-list.ts';

type Stat = (object: ListedUrl) => Promise<ObjectRecord>;

/** A run of listed objects, with what servers said of those whose sizes the list leaves out. */
export class ListedPage {
  readonly #objects: readonly ListedUrl[];
  readonly #told = new Map<ListedUrl, ObjectRecord | StatusError>();

  constructor(objects: readonly ListedUrl[]) {
    this.#objects = objects;
  }

  /** Asks for sizes, a bounded number at the same time. An object that cannot be asked for becomes a note. */
  async completeSizes(stat: Stat, inFlightMax: number): Promise<void> {
    const questions = this.#objects.filter(({ sizeBytes }) => sizeBytes === undefined).values();
    const asker = async (): Promise<void> => {
      for (const object of questions) this.#told.set(object, await stat(object).catch(statusErrorOf));
    };
    await Promise.all(Array.from({ length: inFlightMax }, asker));
  }

  toPage(): ListPage {
    const notes: ListNote[] = [];
    const noteIndexes: number[] = [];
    const records: Partial<ObjectRecord>[] = [];
    for (const object of this.#objects) {
      const told = this.#told.get(object);
      if (told instanceof StatusError) {
        notes.push({ kind: 'object-failed', key: object.key, cause: { code: told.code, detail: told.message } });
        noteIndexes.push(records.length);
      } else {
        records.push(told ?? object);
      }
    }
    return {
      keys: records.map(({ key = '' }) => key),
      sizesBytes: records.map(({ sizeBytes = 0 }) => sizeBytes),
      modifyTimesMs: records.map(({ modifyTimeMs = 0 }) => modifyTimeMs),
      md5s: records.map(({ md5 }) => md5),
      etags: records.map(({ etag }) => etag),
      notes,
      noteIndexes,
    };
  }
}

/** An abort, which is no StatusError, ends the listing. */
function statusErrorOf(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  throw error;
}
