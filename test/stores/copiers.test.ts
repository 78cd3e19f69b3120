import { MemoryStore, type MemoryStoreOptions } from '../../src/stores/memory/memory-store.ts';
import { DownloadCopier } from '../../src/stores/posix/download-copier.ts';
import { PosixStore } from '../../src/stores/posix/posix-store.ts';
import { ObjectCopier } from '../../src/transfers/object-copy/object-copier.ts';
import type { ObjectStore } from '../../src/transfers/object-store.ts';
import { NOTHING_PRESERVED } from '../../src/transfers/posix-metadata.ts';
import { copierContract, type CopierUnderTest } from '../contract/copier.contract.ts';
import { TEST_LIMITS, TransferFixture } from '../support/transfer-fixture.ts';
import { listLeftovers } from '../support/tree.ts';
import { wrappedStore } from '../support/wrapped-store.ts';

/** As Google's: its own times, listings that tell all, parts that come in order. */
const SEQUENTIAL: MemoryStoreOptions = {
  capabilities: { assignsModifyTime: true },
  rules: { isSequential: true, partSizeGrainBytes: 4096 },
};
/** As S3: its own times, metadata that costs a HEAD. */
const SILENT: MemoryStoreOptions = { capabilities: { assignsModifyTime: true, listsMetadata: false } };

const never = new AbortController().signal;

async function uploadsOf(sink: ObjectStore): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { key } of sink.uploads?.list?.('', never) ?? []) found.push(key);
  return found;
}

function toStore(source: ObjectStore, sink: ObjectStore, remove: () => void = () => undefined): CopierUnderTest {
  return {
    source,
    sink,
    open: (word) => new ObjectCopier({ source, sink, word, limits: TEST_LIMITS, overwriteWhen: 'DIFFERENT' }),
    leftovers: () => uploadsOf(sink),
    remove,
  };
}

function posixStore(fixture: TransferFixture, side: 'source' | 'sink'): PosixStore {
  const place = { root: fixture.directory, path: fixture[side] };
  return new PosixStore({ place, role: 'sink', limits: TEST_LIMITS });
}

function withFixture(make: (fixture: TransferFixture) => CopierUnderTest): CopierUnderTest {
  const fixture = new TransferFixture();
  return { ...make(fixture), remove: () => fixture.remove() };
}

copierContract('PosixCopier', () =>
  withFixture((fixture) => {
    const [source, sink] = [posixStore(fixture, 'source'), posixStore(fixture, 'sink')];
    const limits = { ...TEST_LIMITS, durability: 'batch' as const };
    return {
      source,
      sink,
      open: (word) => sink.copierFrom(source, { limits, word, metadata: NOTHING_PRESERVED }),
      leftovers: () => Promise.resolve(listLeftovers(fixture.sink)),
      remove: () => undefined,
    };
  }),
);

for (const durability of ['none', 'batch', 'file'] as const) {
  copierContract(`DownloadCopier, durability ${durability},`, () =>
    withFixture((fixture) => {
      const [source, sink] = [new MemoryStore(SILENT), posixStore(fixture, 'sink')];
      const limits = { ...TEST_LIMITS, durability };
      const ends = { source, sinkRoot: sink.root, grainMs: 0.001, limits, metadata: NOTHING_PRESERVED };
      return {
        source,
        sink,
        open: (word) => new DownloadCopier({ ...ends, word }),
        leftovers: () => Promise.resolve(listLeftovers(fixture.sink)),
        remove: () => undefined,
      };
    }),
  );
}

copierContract('ObjectCopier within a service', () => toStore(new MemoryStore(), new MemoryStore(SILENT)));
copierContract('ObjectCopier between services', () =>
  toStore(wrappedStore(new MemoryStore(SILENT)), new MemoryStore()),
);
copierContract('ObjectCopier to a service whose parts come in order', () =>
  toStore(wrappedStore(new MemoryStore()), new MemoryStore(SEQUENTIAL)),
);
copierContract('ObjectCopier from a directory', () =>
  withFixture((fixture) => toStore(posixStore(fixture, 'source'), new MemoryStore(SILENT))),
);
