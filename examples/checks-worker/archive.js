import { addAbortSignal } from 'node:stream';
import { crc32 } from 'node:zlib';
import { openPromise } from 'yauzl';
import { limits } from './limits.js';
import { refused } from './refused.js';

/** A zip archive that nobody vouches for. Whatever is wrong with it is INVALID_ARGUMENT, and names the archive and the entry. */
export class Archive {
  /** Its files, as the directory at its end has them. */
  entries = [];
  /** Bytes of all of them, inflated. */
  inflatedSizeBytes = 0;
  #zip;
  #name;

  /** @param name  what callers call it, for errors. */
  static async open(path, name, signal) {
    const archive = new Archive();
    archive.#name = name;
    try {
      archive.#zip = await openPromise(path, { lazyEntries: true, autoClose: false });
      await archive.#list(signal);
      return archive;
    } catch (error) {
      archive.close();
      throw archive.#damaged(error, signal);
    }
  }

  close() {
    this.#zip?.close();
  }

  /**
   * The bytes of an entry, in windows of at most 64 KiB.
   *
   * The directory's sizes hold: an entry that inflates to more is refused as it does, and one to less, or to other bytes than its
   * checksum says, at its end. An abort does not wait for the disk.
   */
  async *read(entry, signal) {
    let checksum = 0;
    try {
      const windows = await this.#zip.openReadStreamPromise(entry);
      for await (const window of addAbortSignal(signal, windows)) {
        checksum = crc32(window, checksum);
        yield window;
      }
      if (checksum !== entry.crc32) throw new Error('its bytes are not those of its checksum');
    } catch (error) {
      throw this.#damaged(error, signal, entry.fileName);
    }
  }

  async #list(signal) {
    const { entryCountMax } = limits;
    const { entryCount, fileSize } = this.#zip;
    if (entryCount > entryCountMax) throw this.#tooLarge(`has ${entryCount} entries, and ${entryCountMax} are read`);
    for await (const entry of this.#zip.eachEntry()) {
      signal.throwIfAborted();
      if (entry.fileName.endsWith('/')) continue;
      this.#count(entry, fileSize);
      this.entries.push(entry);
    }
  }

  /** Before anything is inflated; entries that share their bytes count each. */
  #count({ uncompressedSize }, fileSize) {
    this.inflatedSizeBytes += uncompressedSize;
    const max = Math.min(limits.inflatedSizeMaxBytes, limits.inflatedPerByteMax * fileSize);
    if (this.inflatedSizeBytes <= max) return;
    throw this.#tooLarge(`inflates to more than ${max} bytes, which no app of ${fileSize} bytes does`);
  }

  #tooLarge(message) {
    return refused('ARCHIVE_TOO_LARGE', `${this.#name} ${message}`, { file: this.#name });
  }

  /** What the system says of the file itself is no fault of the archive, nor is a cancel. */
  #damaged(error, signal, entry) {
    const isAbort = error === signal.reason || error.name === 'AbortError';
    if (isAbort || error.name === 'StatusError' || error.syscall !== undefined) return error;
    const where = entry === undefined ? this.#name : `${entry} in ${this.#name}`;
    const metadata = { file: this.#name, ...(entry === undefined ? {} : { entry }) };
    return refused('ARCHIVE_DAMAGED', `${where} is damaged: ${error.message}`, metadata, error);
  }
}
