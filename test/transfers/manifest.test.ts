/** What a transfer with a manifest copies, counts and tells: "a list of objects to be transferred from the data source". */
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Code } from '../../src/core/code.ts';
import type { ByteString } from '../../src/transfers/byte-string.ts';
import { NOTHING_PRESERVED, type PreservedMetadata } from '../../src/transfers/posix-metadata.ts';
import { runTransfer } from '../../src/transfers/run-transfer.ts';
import type { Manifest, ManifestRow } from '../../src/transfers/selection/manifest.ts';
import type { OverwriteWhen, TransferRequest, TransferSpec } from '../../src/transfers/spec.ts';
import type { TransferEnvironment } from '../../src/transfers/transfer-environment.ts';
import { FakeOperation } from '../support/fake-operation.ts';
import { TransferFixture } from '../support/transfer-fixture.ts';
import { compareTrees, plantFile, plantTree, readTree } from '../support/tree.ts';

const TIME_MS = 1_700_000_000_000;

let fixture: TransferFixture;
beforeEach(() => {
  fixture = new TransferFixture();
  mkdirSync(fixture.source);
  mkdirSync(fixture.sink);
});
afterEach(() => {
  fixture.remove();
});

interface Options extends Partial<Pick<TransferSpec, 'conditions' | 'deletes' | 'manifest'>> {
  readonly overwriteWhen?: OverwriteWhen;
  readonly metadata?: PreservedMetadata;
}

/** The manifest lies at the sink, where no row names it. */
function requestFor(rows: readonly string[], { overwriteWhen, metadata, ...spec }: Options = {}): TransferRequest {
  writeFileSync(join(fixture.sink, 'm.csv'), Buffer.from(rows.map((row) => `${row}\n`).join(''), 'latin1'));
  const request = fixture.request(overwriteWhen, metadata);
  const manifest = { kind: 'sink', name: 'm.csv' } as const;
  return { ...request, startTimeMs: TIME_MS, spec: { ...request.spec, manifest, ...spec } };
}

async function transfer(rows: readonly string[], options: Options = {}) {
  const operation = new FakeOperation();
  const running = runTransfer(requestFor(rows, options), operation.attempt(1n).context, fixture.environment());
  const error: unknown = await running.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const { counters = {}, errorBreakdowns = [] } = operation.state.progress ?? {};
  return { error, counters, errorBreakdowns };
}

function plant(root: string, paths: readonly string[], modifyTimeMs = TIME_MS): void {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    plantFile(root, path, { sizeBytes: 10, modifyTimeMs });
  }
}

const filesAt = (root: string): string[] => [...readTree(root).keys()].filter((key) => key !== 'm.csv').toSorted();

describe('a manifest', () => {
  test('has what it names copied, in any order and once, and nothing else looked at', async () => {
    plant(fixture.source, ['a', 'b/c', 'b/d', 'e,f', 'not-named']);
    const { error, counters } = await transfer(['b/d', '"e,f"', 'a', 'b/d', '"a"']);
    expect(error).toBeUndefined();
    expect(filesAt(fixture.sink)).toEqual(['a', 'b/d', 'e,f']);
    // No directory was listed.
    expect(counters).toEqual({
      objectsFoundFromSource: 3,
      bytesFoundFromSource: 30,
      objectsCopiedToSink: 3,
      bytesCopiedToSink: 30,
    });
  });

  test('skips what the sink has already, and copies what differs', async () => {
    plant(fixture.source, ['a', 'b', 'c']);
    plant(fixture.sink, ['a']);
    plant(fixture.sink, ['b'], TIME_MS - 5000);
    const { counters } = await transfer(['a', 'b', 'c']);
    expect(counters).toMatchObject({ objectsFromSourceSkippedBySync: 1, objectsCopiedToSink: 2 });
    expect(statSync(join(fixture.sink, 'b')).mtimeMs).toBe(TIME_MS);
  });

  test('a row that names no file fails with NOT_FOUND, and the others are copied', async () => {
    plant(fixture.source, ['a', 'b/c', 'z']);
    mkdirSync(join(fixture.source, 'folder'));
    const { error, counters, errorBreakdowns } = await transfer(['z', 'gone', 'a', 'a/b', 'folder', 'b/none']);
    expect(filesAt(fixture.sink)).toEqual(['a', 'z']);
    expect(error).toMatchObject({ code: Code.NOT_FOUND, info: { reason: 'TRANSFER_OBJECTS_FAILED' } });
    expect(counters).toMatchObject({ objectsFoundFromSource: 6, objectsFromSourceFailed: 4, objectsCopiedToSink: 2 });
    expect(errorBreakdowns).toMatchObject([{ code: Code.NOT_FOUND, count: 4 }]);
    expect(errorBreakdowns[0]?.samples.at(-1)).toEqual({
      url: expect.stringMatching(/\/source\/gone$/),
      details: ['row 2 of the manifest: the source has no such object'],
    });
  });

  test.each(['/a', 'b/', '../a', 'b/../a', './a', 'b//c', 'a,5'])(
    'the row %s names nothing in a file system, and fails with INVALID_ARGUMENT',
    async (row) => {
      plant(fixture.source, ['a', 'b/c']);
      const { errorBreakdowns } = await transfer([row]);
      expect(errorBreakdowns).toMatchObject([{ code: Code.INVALID_ARGUMENT, count: 1 }]);
      expect(filesAt(fixture.sink)).toEqual([]);
    },
  );

  test('never leads out of the source, whatever links are in it', async () => {
    const outside = mkdtempSync(join(fixture.directory, 'outside-'));
    plant(outside, ['secret']);
    symlinkSync(outside, join(fixture.source, 'link'));
    const { errorBreakdowns } = await transfer(['link/secret']);
    expect(errorBreakdowns).toMatchObject([{ code: Code.NOT_FOUND, count: 1 }]);
    expect(filesAt(fixture.sink)).toEqual([]);
  });

  test('"ObjectConditions still apply"', async () => {
    plant(fixture.source, ['logs/a', 'logs/b', 'data/a']);
    plant(fixture.source, ['logs/new'], TIME_MS + 5000);
    const conditions = { includePrefixes: ['logs/'], excludePrefixes: ['logs/b'], modifiedBeforeMs: TIME_MS + 1 };
    const rows = ['data/a', 'data/none', 'logs/new', 'logs/b', 'logs/a'];
    const { error, counters } = await transfer(rows, { conditions });
    expect(error).toBeUndefined();
    expect(filesAt(fixture.sink)).toEqual(['logs/a']);
    expect(counters).toMatchObject({ objectsFoundFromSource: 1, objectsCopiedToSink: 1 });
  });

  test('has the objects that it names deleted from the source, and no other, where that is asked for', async () => {
    plant(fixture.source, ['a', 'b', 'c']);
    plant(fixture.sink, ['b']);
    const { counters } = await transfer(['a', 'b'], { deletes: 'from-source' });
    expect(filesAt(fixture.source)).toEqual(['c']);
    expect(counters).toMatchObject({ objectsDeletedFromSource: 2, objectsCopiedToSink: 1 });
  });

  test('takes modes and links along, and no directory that it does not name', async () => {
    plant(fixture.source, ['d/a']);
    chmodSync(join(fixture.source, 'd/a'), 0o640);
    mkdirSync(join(fixture.source, 'empty'));
    symlinkSync('d/a', join(fixture.source, 'l'));
    await transfer(['l', 'd/a'], { metadata: { ...NOTHING_PRESERVED, mode: true, symlinks: true } });
    expect(filesAt(fixture.sink)).toEqual(['d/a', 'l']);
    expect(statSync(join(fixture.sink, 'd/a')).mode & 0o777).toBe(0o640);
    expect(lstatSync(join(fixture.sink, 'l')).isSymbolicLink()).toBe(true);
    expect(existsSync(join(fixture.sink, 'empty'))).toBe(false);
  });

  test('that is empty has nothing copied', async () => {
    plant(fixture.source, ['a']);
    expect(await transfer([])).toMatchObject({ error: undefined, counters: {} });
    expect(filesAt(fixture.sink)).toEqual([]);
  });

  const NOWHERE: Options = { manifest: { kind: 'source', name: 'none' } };

  test.each([
    { what: 'is not there', options: NOWHERE, rows: [], code: Code.NOT_FOUND, reason: 'MANIFEST_NOT_FOUND' },
    { what: 'is no CSV', rows: ['a', '"b'], code: Code.INVALID_ARGUMENT, reason: 'MANIFEST_MALFORMED' },
    { what: 'is not UTF-8', rows: ['a', '\xff'], code: Code.INVALID_ARGUMENT, reason: 'MANIFEST_MALFORMED' },
  ])('that $what fails the whole transfer, and nothing is copied', async ({ options = {}, rows, code, reason }) => {
    plant(fixture.source, ['a']);
    const { error } = await transfer(rows, options);
    expect(error).toMatchObject({ code, info: { reason } });
    expect(filesAt(fixture.sink)).toEqual([]);
  });
});

describe('a large manifest, in attempts that are suspended again and again', () => {
  const LIMITS = { groupObjectCountMax: 8, groupObjectCountInitial: 8, groupsInFlightMax: 1, listPageCountMax: 7 };
  const operation = new FakeOperation();
  /** Of each attempt: the keys that its two walks read, in their order. */
  const walked: ByteString[][] = [];
  let outcome: unknown;
  let compared: ReturnType<typeof compareTrees>;

  beforeAll(async () => {
    fixture = new TransferFixture();
    mkdirSync(fixture.source);
    mkdirSync(fixture.sink);
    const files = plantTree(fixture.source, 5, { fileCount: 80, hasOddNames: false });
    plant(fixture.source, ['excluded/a', 'excluded/b']);
    const rows = files.map(({ path }) => `"${path}"`).toReversed();
    rows.push('none-1', 'none-2', 'excluded/a', 'excluded/b');
    const conditions = { includePrefixes: [], excludePrefixes: ['excluded/'] };
    outcome = await runToEnd(requestFor(rows, { conditions }));
    compared = compareTrees(fixture.source, fixture.sink);
    fixture.remove();
  });

  function environment(): TransferEnvironment {
    const inner = fixture.environment(LIMITS);
    return {
      ...inner,
      openManifest: async (...how) => {
        const manifest = await inner.openManifest?.(...how);
        const keys: ByteString[] = [];
        walked.push(keys);
        return manifest && { rows: () => told(manifest, keys), close: () => manifest.close() };
      },
    };
  }

  async function* told(manifest: Manifest, keys: ByteString[]): AsyncGenerator<ManifestRow> {
    for await (const row of manifest.rows()) {
      keys.push(row.key);
      yield row;
    }
  }

  /** Attempts, each suspended when it has committed something, until one is not. */
  async function runToEnd(request: TransferRequest): Promise<unknown> {
    for (let fence = 1n; ; fence += 1n) {
      const attempt = operation.attempt(fence);
      const { journal } = attempt.context;
      const commit: typeof journal.commit = async (...parts) => {
        await journal.commit(...parts);
        attempt.suspend();
      };
      const context = { ...attempt.context, journal: { ...journal, commit } };
      const ended: unknown = await runTransfer(request, context, environment()).catch((error: unknown) => error);
      if (ended !== 'suspended') return ended;
    }
  }

  test('ends with exact counters', () => {
    expect(outcome).toMatchObject({ code: Code.NOT_FOUND });
    expect(operation.state.progress?.counters).toMatchObject({
      objectsFoundFromSource: 82,
      objectsCopiedToSink: 80,
      objectsFromSourceFailed: 2,
    });
    expect(compared).toMatchObject({ missing: ['excluded/a', 'excluded/b'], different: [], equalCount: 80 });
  });

  test('is walked on from where the last attempt stopped, with no row that was passed before', () => {
    const firsts = walked.flatMap((keys) => keys.slice(0, 1));
    expect(firsts.length).toBeGreaterThan(3);
    expect(firsts).toEqual([...new Set(firsts)].toSorted());
  });

  test('is asked for at the sink no further than at the source, so that a pause need not wait for all that is new', () => {
    // What two groups ask for on either side, and a page more.
    for (const keys of walked) expect(keys.length).toBeLessThanOrEqual(2 * (2 * 8 + 2 * 7));
  });

  test('is not walked through where conditions exclude its rows', () => {
    expect(walked.flat().filter((key) => key.startsWith('excluded/'))).toEqual([]);
  });
});
