import { DEFAULT_KEPT_METADATA, type KeptMetadata } from '../../src/transfers/object-copy/kept-metadata.ts';
import { newObjectEnds } from '../../src/transfers/object-copy/object-ends.ts';
import type { ObjectStore } from '../../src/transfers/object-store.ts';
import { NOTHING_PRESERVED } from '../../src/transfers/posix-metadata.ts';
import { runTransfer } from '../../src/transfers/run-transfer.ts';
import type { Deletes, OverwriteWhen, TransferRequest } from '../../src/transfers/spec.ts';
import type { MemoryStore } from '../../src/stores/memory/memory-store.ts';
import type { FakeAttempt } from './fake-operation.ts';
import { TEST_LIMITS } from './transfer-fixture.ts';
import { wrappedStore } from './wrapped-store.ts';

const never = new AbortController().signal;
const limits = { ...TEST_LIMITS, groupObjectCountInitial: 4, groupObjectCountMax: 4, cleanUpMaxMs: 500 };

const request = {
  operationName: 'transferOperations/transferJobs-1-1',
  projectId: 'project',
  transferJobName: 'transferJobs/1',
  startTimeMs: 1.7e12,
};

/** Two stores, and what a transfer from one to the other is to do. Neither is closed by it. */
export interface BetweenStores {
  readonly source: ObjectStore;
  readonly sink: ObjectStore;
  readonly overwriteWhen?: OverwriteWhen;
  readonly deletes?: Deletes;
  /** The defaults unless given. */
  readonly kept?: KeptMetadata;
  /** Keys that a store says it will write for itself while it is opened. */
  readonly announces?: readonly string[];
}

/** One attempt, in groups so small that a few objects are many. */
export function runBetween(
  {
    source,
    sink,
    overwriteWhen = 'DIFFERENT',
    deletes = 'nothing',
    announces,
    kept = DEFAULT_KEPT_METADATA,
  }: BetweenStores,
  context: FakeAttempt['context'],
) {
  const at = { kind: 'posix', rootDirectory: '/' } as const;
  const spec: TransferRequest['spec'] = { source: at, sink: at, overwriteWhen, metadata: NOTHING_PRESERVED, deletes };
  const urls = { sourceUrl: 's3://source', sinkUrl: 'gs://sink', sinkRoot: 'gs://sink' };
  const keepOpen = (store: ObjectStore): ObjectStore => wrappedStore(store, { close: () => Promise.resolve() });
  return runTransfer({ ...request, spec }, context, {
    limits,
    open: async (_, { word, announce }) => {
      if (announces !== undefined) await announce(urls.sinkRoot, announces);
      return newObjectEnds({
        source: keepOpen(source),
        sink: keepOpen(sink),
        ...urls,
        limits,
        word,
        overwriteWhen,
        kept,
      });
    },
  });
}

export async function* bodyOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** All objects by key, in base 64. */
export async function contentOf(store: ObjectStore): Promise<ReadonlyMap<string, string>> {
  const content = new Map<string, string>();
  for await (const page of store.list('', { signal: never })) {
    for (const key of page.keys) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of store.read(key, { signal: never })) chunks.push(Buffer.from(chunk));
      content.set(key, Buffer.concat(chunks).toString('base64'));
    }
  }
  return content;
}

export async function uploadKeysOf({ uploads }: ObjectStore): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { key } of uploads?.list?.('', never) ?? []) keys.push(key);
  return keys;
}

/** Calls `act` in the n-th half of a call that changes the sink: before it has its effect, or behind, when nobody hears of it. */
export function interruptingAt(halfNumber: number, sink: MemoryStore, act: () => void): ObjectStore {
  const { uploads } = sink;
  let halfCount = 0;
  const half = (signal: AbortSignal): void => {
    if ((halfCount += 1) === halfNumber) act();
    signal.throwIfAborted();
  };
  const step = async <Result>(call: () => Promise<Result>, signal: AbortSignal): Promise<Result> => {
    half(signal);
    const result = await call();
    half(signal);
    return result;
  };
  return wrappedStore(sink, {
    write: (key, body, options) => step(() => sink.write(key, body, options), options.signal),
    uploads: {
      rules: uploads.rules,
      begin: (key, options) => step(() => uploads.begin(key, options), options.signal),
      putPart: (upload, part, signal) => step(() => uploads.putPart(upload, part, signal), signal),
      complete: (upload, parts, options) => step(() => uploads.complete(upload, parts, options), options.signal),
      abort: (upload, signal) => uploads.abort(upload, signal),
      list: (prefix, signal) => uploads.list(prefix, signal),
    },
  });
}
