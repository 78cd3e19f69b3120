/** Compares two listings that are made up as they are asked for: the engine's delta, with no disk, no server and nothing to copy. */
import { parentPort, workerData } from 'node:worker_threads';
import { DEFAULT_TRANSFER_LIMITS } from '../../src/transfers/limits.ts';
import type { ListOptions, ListPage, ObjectStore, StoreCapabilities } from '../../src/transfers/object-store.ts';
import { ObjectCopier } from '../../src/transfers/object-copy/object-copier.ts';
import { NOTHING_PRESERVED } from '../../src/transfers/posix-metadata.ts';
import { runTransfer } from '../../src/transfers/run-transfer.ts';
import { forgetfulContext } from './forgetful-context.ts';

/** As services send them. */
const PAGE_COUNT = 1000;
const OBJECTS_IN_FOLDER = 1000;

/** What the thread is started with; its answer says that it is done. */
export interface ListDeltaData {
  readonly objectCount: number;
  /** Otherwise the listings are made, and nobody looks at them. */
  readonly isCompared: boolean;
}

/** A bucket of `count` objects, the same whenever it is listed; nothing can be read of it. */
class GeneratedStore implements ObjectStore {
  readonly capabilities: StoreCapabilities = {
    listsInByteOrder: true,
    acceptsAnyBytes: false,
    hasDirectories: false,
    modifyTimeGrainMs: 1,
    hasAttributes: false,
    hasLinks: false,
    hasMetadata: true,
    assignsModifyTime: true,
    listsMetadata: false,
    preconditions: [],
  };
  readonly #count: number;

  constructor(count: number) {
    this.#count = count;
  }

  async *list(_prefix: string, { startAfter }: ListOptions): AsyncGenerator<ListPage> {
    const start = startAfter === undefined ? 0 : indexOf(startAfter) + 1;
    for (let first = start; first < this.#count; first += PAGE_COUNT) {
      yield pageOf(first, Math.min(PAGE_COUNT, this.#count - first));
    }
  }

  stat(): never {
    throw new Error('what the listings tell is enough');
  }
  read(): never {
    throw new Error('nothing is copied');
  }
  write(): never {
    throw new Error('nothing is copied');
  }
  delete(): never {
    throw new Error('nothing is deleted');
  }
  async close(): Promise<void> {}
}

function pageOf(first: number, count: number): ListPage {
  const column = <Value>(value: (index: number) => Value): readonly Value[] =>
    Array.from({ length: count }, (_, index) => value(first + index));
  return {
    keys: column(keyOf),
    sizesBytes: column((index) => 4096 + (index % 1000)),
    modifyTimesMs: column((index) => 1.7e12 + index),
    crc32cs: column((index) => index),
    etags: column((index) => index.toString(16).padStart(32, '0')),
    notes: [],
    noteIndexes: [],
  };
}

function keyOf(index: number): string {
  const folder = String(Math.floor(index / OBJECTS_IN_FOLDER)).padStart(6, '0');
  return `folder-${folder}/object-${String(index).padStart(9, '0')}`;
}

function indexOf(key: string): number {
  return Number(key.slice(-9));
}

async function compare(objectCount: number): Promise<void> {
  const source = new GeneratedStore(objectCount);
  const sink = new GeneratedStore(objectCount);
  const spec = {
    source: { kind: 'posix', rootDirectory: '/source' },
    sink: { kind: 'posix', rootDirectory: '/sink' },
    overwriteWhen: 'DIFFERENT',
    metadata: NOTHING_PRESERVED,
    deletes: 'nothing',
  } as const;
  const names = {
    operationName: 'transferOperations/bench',
    transferJobName: 'transferJobs/bench',
    projectId: 'bench',
  };
  const limits = DEFAULT_TRANSFER_LIMITS;
  const context = forgetfulContext();
  let skippedCount = 0;
  await runTransfer(
    { ...names, startTimeMs: Date.now(), spec },
    {
      ...context,
      journal: {
        ...context.journal,
        commit: (_ids, _checkpoint, progress) => {
          skippedCount = progress?.counters.objectsFromSourceSkippedBySync ?? 0;
          return Promise.resolve();
        },
      },
    },
    {
      limits,
      open: (_, { word }) =>
        Promise.resolve({
          source,
          sink,
          copier: new ObjectCopier({ source, sink, limits, word, overwriteWhen: 'DIFFERENT' }),
          sourceUrl: 'gs://source',
          sinkUrl: 'gs://sink',
          sinkRoot: 'gs://sink',
          close: async () => {},
        }),
    },
  );
  if (skippedCount !== objectCount) throw new Error(`${String(skippedCount)} of ${String(objectCount)} were compared`);
}

/** The same listings, looked at by nobody. */
async function listOnly(objectCount: number): Promise<void> {
  const { signal } = new AbortController();
  let count = 0;
  for (const store of [new GeneratedStore(objectCount), new GeneratedStore(objectCount)]) {
    for await (const { keys } of store.list('', { signal })) count += keys.length;
  }
  if (count !== 2 * objectCount) throw new Error(`${String(count)} keys were listed`);
}

const { objectCount, isCompared } = workerData as ListDeltaData;
await (isCompared ? compare(objectCount) : listOnly(objectCount));
parentPort?.postMessage('done');
