/**
 * The spool of uploads as a directory: `ID.part` while a file is being received, `ID.upload` once it is whole.
 *
 * Only one process may use it at a time. What it finds of an earlier one is taken over, halves of files removed.
 */
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rename, stat, statfs, unlink, type FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { UploadedFile } from '../checks/upload-analysis.ts';
import type { UploadSpool, UploadSpoolLimits } from '../checks/upload-spool.ts';
import { invalidArgument } from '../core/status-error.ts';
import { untilAborted } from '../core/until-aborted.ts';
import { diskReserved, errnoOf, spoolError } from './spool-errors.ts';
import { SpoolRoom } from './spool-room.ts';

const PART = '.part';
const WHOLE = '.upload';
/** Between two looks at what the disk has left, of one file. */
const DISK_CHECK_BYTES = 8 * 1024 * 1024;

export interface DiskUploadSpoolOptions {
  /** Made when the first file comes. */
  readonly directory: string;
  readonly limits: UploadSpoolLimits;
  /** Bytes that the disk of a directory has left; what the system says unless given. */
  readonly freeBytes?: (directory: string) => Promise<number>;
}

export class DiskUploadSpool implements UploadSpool {
  readonly #directory: string;
  readonly #room: SpoolRoom;
  readonly #diskReserveBytes: number;
  readonly #freeBytes: (directory: string) => Promise<number>;
  #opened: Promise<void> | undefined;

  constructor({ directory, limits, freeBytes = freeBytesOf }: DiskUploadSpoolOptions) {
    this.#directory = resolve(directory);
    this.#room = new SpoolRoom(limits);
    this.#diskReserveBytes = limits.diskReserveBytes;
    this.#freeBytes = freeBytes;
  }

  async receive(
    id: string,
    chunks: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
    announcedBytes = 0,
  ): Promise<UploadedFile> {
    await this.#ready();
    this.#room.begin(id);
    try {
      this.#room.check(announcedBytes);
      await makeDirectory(this.#directory);
      await this.#checkDisk(announcedBytes);
      const received = await this.#write(id, chunks, signal);
      await rename(this.#path(id, PART), this.#path(id, WHOLE));
      await syncDirectory(this.#directory);
      return { uri: pathToFileURL(this.#path(id, WHOLE)).href, ...received };
    } catch (error) {
      await this.#discard(id);
      throw spoolError(error);
    }
  }

  async list(): Promise<readonly string[]> {
    await this.#ready();
    return translating(() => this.#names(WHOLE));
  }

  async remove(id: string): Promise<void> {
    await this.#ready();
    await translating(() => unlinkIfThere(this.#path(id, WHOLE)));
    this.#room.release(id);
  }

  async #write(id: string, chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Omit<UploadedFile, 'uri'>> {
    const file = await open(this.#path(id, PART), 'wx', 0o600);
    try {
      const hash = createHash('sha256');
      let sizeBytes = 0;
      let checkedBytes = 0;
      for await (const chunk of stoppable(chunks, signal)) {
        this.#room.grow(id, chunk.length);
        sizeBytes += chunk.length;
        hash.update(chunk);
        await writeWhole(file, chunk);
        if (sizeBytes - checkedBytes < DISK_CHECK_BYTES) continue;
        checkedBytes = sizeBytes;
        await this.#checkDisk(0);
      }
      if (sizeBytes === 0) throw uploadEmpty();
      await file.sync();
      return { sizeBytes, sha256: hash.digest() };
    } finally {
      await file.close();
    }
  }

  async #checkDisk(neededBytes: number): Promise<void> {
    const freeBytes = await this.#freeBytes(this.#directory);
    if (freeBytes - neededBytes < this.#diskReserveBytes) throw diskReserved(this.#diskReserveBytes);
  }

  /** Of what is left to it the next process learns by itself. */
  async #discard(id: string): Promise<void> {
    await Promise.allSettled([unlinkIfThere(this.#path(id, PART)), unlinkIfThere(this.#path(id, WHOLE))]);
    this.#room.release(id);
  }

  /** One look at what an earlier process has left; tried anew where it failed. */
  #ready(): Promise<void> {
    this.#opened ??= translating(() => this.#takeOver()).catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  async #takeOver(): Promise<void> {
    for (const id of await this.#names(PART)) await unlinkIfThere(this.#path(id, PART));
    for (const id of await this.#names(WHOLE)) this.#room.add(id, (await stat(this.#path(id, WHOLE))).size);
  }

  async #names(ending: string): Promise<readonly string[]> {
    try {
      const names = await readdir(this.#directory);
      return names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length));
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return [];
      throw error;
    }
  }

  #path(id: string, ending: string): string {
    return join(this.#directory, id + ending);
  }
}

async function freeBytesOf(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

/** What chunks there are until the signal aborts, also while one is waited for. */
async function* stoppable(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await untilAborted(iterator.next(), signal);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // Not waited for: a source that hangs must not hold whoever leaves it.
    void iterator.return?.().catch(() => undefined);
  }
}

async function writeWhole(file: FileHandle, chunk: Uint8Array): Promise<void> {
  let offset = 0;
  while (offset < chunk.length) offset += (await file.write(chunk, offset)).bytesWritten;
}

/** Durable together with its entry in its parent. */
async function makeDirectory(directory: string): Promise<void> {
  const made = await mkdir(directory, { recursive: true, mode: 0o700 });
  if (made !== undefined) await syncDirectory(dirname(made));
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}

async function translating<Value>(act: () => Promise<Value>): Promise<Value> {
  try {
    return await act();
  } catch (error) {
    throw spoolError(error);
  }
}

// The discovery document, of media.upload: "Metadata-only requests are not supported."
function uploadEmpty(): Error {
  return invalidArgument('media', 'is empty; send the bytes of the app', { reason: 'UPLOAD_EMPTY' });
}
