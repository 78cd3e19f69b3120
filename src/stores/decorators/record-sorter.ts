import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';

export interface RecordSorterOptions {
  /** Where runs are kept that do not fit into memory. */
  readonly directory: string;
  /** Records sorted in memory at a time. */
  readonly sortRunCountMax: number;
  /** Runs that are merged, each with a file open. */
  readonly sortRunsMax: number;
}

/** Puts any number of records into the order of their keys, in bounded memory: sorted runs in files, merged as they are read. */
export class RecordSorter {
  readonly #options: RecordSorterOptions;
  readonly #paths: string[] = [];
  #run: ObjectRecord[] = [];
  #directory: string | undefined;

  constructor(options: RecordSorterOptions) {
    this.#options = options;
  }

  /** @throws StatusError RESOURCE_EXHAUSTED when there are more than runs may be. */
  async add(record: ObjectRecord): Promise<void> {
    this.#run.push(record);
    if (this.#run.length >= this.#options.sortRunCountMax) await this.#spill();
  }

  /** Every key once, in the order of bytes. Once only, after the last add(). */
  async *sorted(): AsyncGenerator<ObjectRecord> {
    const runs = [...this.#paths.map(readRun), inMemory(sortedRun(this.#run))];
    const heads: Head[] = [];
    try {
      for (const run of runs) await advance(heads, run);
      let last: string | undefined;
      for (let head = heads.pop(); head !== undefined; head = heads.pop()) {
        if (head.record.key !== last) yield head.record;
        last = head.record.key;
        await advance(heads, head.run);
      }
    } finally {
      for (const run of runs) await run.return(undefined);
    }
  }

  /** Removes the runs. */
  async close(): Promise<void> {
    if (this.#directory !== undefined) await rm(this.#directory, { recursive: true, force: true });
  }

  async #spill(): Promise<void> {
    const { directory, sortRunsMax } = this.#options;
    if (this.#paths.length >= sortRunsMax) throw tooMany(this.#options);
    this.#directory ??= await mkdtemp(join(directory, 'longrunning-sort-'));
    const path = join(this.#directory, String(this.#paths.length));
    this.#paths.push(path);
    try {
      await writeRun(path, sortedRun(this.#run));
    } catch (cause) {
      const text = `a listing that has to be sorted cannot be kept in ${directory}; make room there`;
      throw new StatusError(Code.RESOURCE_EXHAUSTED, text, { reason: 'SORT_FAILED', isFinal: true, cause });
    }
    this.#run = [];
  }
}

type Run = AsyncGenerator<ObjectRecord, void>;

interface Head {
  readonly record: ObjectRecord;
  readonly run: Run;
}

/** Puts the next record of a run among the heads, which are in order, the first one last. */
async function advance(heads: Head[], run: Run): Promise<void> {
  const next = await run.next();
  if (next.done === true) return;
  let low = 0;
  let high = heads.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((heads[middle]?.record.key ?? '') > next.value.key) low = middle + 1;
    else high = middle;
  }
  heads.splice(low, 0, { record: next.value, run });
}

function sortedRun(records: ObjectRecord[]): ObjectRecord[] {
  return records.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

async function writeRun(path: string, records: readonly ObjectRecord[]): Promise<void> {
  const lines = (function* () {
    for (const record of records) yield `${JSON.stringify(record)}\n`;
  })();
  await pipeline(lines, createWriteStream(path, { mode: 0o600 }));
}

async function* readRun(path: string): Run {
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    yield JSON.parse(line) as ObjectRecord;
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- of the same kind as those that are read
async function* inMemory(records: readonly ObjectRecord[]): Run {
  yield* records;
}

function tooMany({ sortRunCountMax, sortRunsMax }: RecordSorterOptions): StatusError {
  const count = sortRunCountMax * sortRunsMax;
  const text = `a listing that has to be sorted holds more than ${count} objects; transfer it by prefixes`;
  return new StatusError(Code.RESOURCE_EXHAUSTED, text, { reason: 'LISTING_TOO_LARGE', isFinal: true });
}
