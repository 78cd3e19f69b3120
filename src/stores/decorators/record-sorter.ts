import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { ByteString } from '../../transfers/byte-string.ts';

/** What can be sorted: it goes through JSON. */
interface Keyed {
  readonly key: ByteString;
}

export interface RecordSorterOptions<Row extends Keyed> {
  /** For messages: `a listing`. */
  readonly what: string;
  /** Orders by key first; of those with one key the first is kept. Default: by key alone. */
  readonly compare?: (a: Row, b: Row) => number;
  /** Where runs are kept that do not fit into memory. */
  readonly directory: string;
  /** Records sorted in memory at a time. */
  readonly sortRunCountMax: number;
  /** Runs that are merged, each with a file open. */
  readonly sortRunsMax: number;
}

/** Puts any number of records into the order of their keys, in bounded memory: sorted runs in files, merged as they are read. */
export class RecordSorter<Row extends Keyed> {
  readonly #options: RecordSorterOptions<Row>;
  readonly #compare: (a: Row, b: Row) => number;
  readonly #paths: string[] = [];
  #run: Row[] = [];
  #directory: string | undefined;

  constructor(options: RecordSorterOptions<Row>) {
    this.#options = options;
    this.#compare = options.compare ?? byKey;
  }

  /** @throws StatusError RESOURCE_EXHAUSTED when there are more than runs may be. */
  async add(record: Row): Promise<void> {
    this.#run.push(record);
    if (this.#run.length >= this.#options.sortRunCountMax) await this.#spill();
  }

  /** Every key once, in the order of bytes. After the last add(), as often as it is asked for. */
  async *sorted(): AsyncGenerator<Row> {
    const runs: Run<Row>[] = [...this.#paths.map((path) => readRun<Row>(path)), inMemory(this.#sortedRun())];
    const heads: Head<Row>[] = [];
    try {
      for (const run of runs) await advance(heads, run, this.#compare);
      let last: string | undefined;
      for (let head = heads.pop(); head !== undefined; head = heads.pop()) {
        if (head.record.key !== last) yield head.record;
        last = head.record.key;
        await advance(heads, head.run, this.#compare);
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
    const { directory, sortRunCountMax, sortRunsMax } = this.#options;
    const run = this.#sortedRun();
    // Mostly one record many times over: room for as many again.
    if (run.length <= sortRunCountMax / 2) {
      this.#run = run;
      return;
    }
    if (this.#paths.length >= sortRunsMax) throw tooMany(this.#options);
    this.#directory ??= await mkdtemp(join(directory, 'runs-'));
    const path = join(this.#directory, String(this.#paths.length));
    this.#paths.push(path);
    try {
      await writeRun(path, run);
    } catch (cause) {
      const text = `${this.#options.what} that has to be sorted cannot be kept in ${directory}; make room there`;
      throw new StatusError(Code.RESOURCE_EXHAUSTED, text, { reason: 'SORT_FAILED', isFinal: true, cause });
    }
    this.#run = [];
  }

  #sortedRun(): Row[] {
    const sorted = this.#run.sort(this.#compare);
    return sorted.filter(({ key }, index) => key !== sorted[index - 1]?.key);
  }
}

type Run<Row> = AsyncGenerator<Row, void>;

interface Head<Row> {
  readonly record: Row;
  readonly run: Run<Row>;
}

function byKey(a: Keyed, b: Keyed): number {
  if (a.key === b.key) return 0;
  return a.key < b.key ? -1 : 1;
}

/** Puts the next record of a run among the heads, which are in order, the first one last. */
async function advance<Row>(heads: Head<Row>[], run: Run<Row>, compare: (a: Row, b: Row) => number): Promise<void> {
  const next = await run.next();
  if (next.done === true) return;
  let low = 0;
  let high = heads.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const head = heads[middle];
    if (head !== undefined && compare(head.record, next.value) > 0) low = middle + 1;
    else high = middle;
  }
  heads.splice(low, 0, { record: next.value, run });
}

async function writeRun(path: string, records: readonly Keyed[]): Promise<void> {
  const lines = (function* () {
    for (const record of records) yield `${JSON.stringify(record)}\n`;
  })();
  await pipeline(lines, createWriteStream(path, { mode: 0o600 }));
}

async function* readRun<Row>(path: string): Run<Row> {
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    yield JSON.parse(line) as Row;
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- of the same kind as those that are read
async function* inMemory<Row>(records: readonly Row[]): Run<Row> {
  yield* records;
}

function tooMany<Row extends Keyed>({ what, sortRunCountMax, sortRunsMax }: RecordSorterOptions<Row>): StatusError {
  const count = sortRunCountMax * sortRunsMax;
  const text = `${what} that has to be sorted holds more than ${count} objects; divide it among several jobs`;
  return new StatusError(Code.RESOURCE_EXHAUSTED, text, { reason: 'LISTING_TOO_LARGE', isFinal: true });
}
