/** What a transfer with object conditions copies, counts and deletes; sentences are those of transfer_types.proto. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { NOTHING_PRESERVED, type PreservedMetadata } from '../../src/transfers/posix-metadata.ts';
import { runTransfer } from '../../src/transfers/run-transfer.ts';
import type { ObjectConditions } from '../../src/transfers/selection/object-conditions.ts';
import type { Deletes, TransferRequest } from '../../src/transfers/spec.ts';
import { FakeOperation, type FakeAttempt } from '../support/fake-operation.ts';
import { TransferFixture } from '../support/transfer-fixture.ts';
import { plantFile, plantTree, readTree } from '../support/tree.ts';

const HOUR_MS = 3_600_000;
const START_MS = 1_700_000_000_000;

let fixture: TransferFixture;
beforeEach(() => {
  fixture = new TransferFixture();
  mkdirSync(fixture.source);
  mkdirSync(fixture.sink);
});
afterEach(() => {
  fixture.remove();
});

interface Options {
  readonly deletes?: Deletes;
  readonly metadata?: PreservedMetadata;
}

function requestWith(conditions: Partial<ObjectConditions>, { deletes, metadata }: Options = {}): TransferRequest {
  const request = fixture.request('DIFFERENT', metadata, deletes);
  const all = { includePrefixes: [], excludePrefixes: [], ...conditions };
  return { ...request, startTimeMs: START_MS, spec: { ...request.spec, conditions: all } };
}

async function transfer(conditions: Partial<ObjectConditions>, options: Options = {}) {
  const operation = new FakeOperation();
  await runTransfer(requestWith(conditions, options), operation.attempt(1n).context, fixture.environment());
  return operation.state.progress?.counters ?? {};
}

function plant(root: string, paths: readonly string[], modifyTimeMs = START_MS - 10 * HOUR_MS): void {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    plantFile(root, path, { sizeBytes: 10, modifyTimeMs });
  }
}

const filesAt = (root: string): string[] => [...readTree(root).keys()].toSorted();

describe('conditions on time', () => {
  beforeEach(() => {
    for (const hours of [0, 1, 2, 3]) plant(fixture.source, [`d/${hours}h`], START_MS - hours * HOUR_MS);
    plant(fixture.source, ['future'], START_MS + HOUR_MS);
  });

  test.each<[string, Partial<ObjectConditions>, readonly string[]]>([
    ['min: "equal to or greater than the value"', { minElapsedMs: 2 * HOUR_MS }, ['d/2h', 'd/3h']],
    ['max: "less than the value"', { maxElapsedMs: 2 * HOUR_MS }, ['d/0h', 'd/1h', 'future']],
    ['since: "on or after this timestamp"', { modifiedSinceMs: START_MS - HOUR_MS }, ['d/0h', 'd/1h', 'future']],
    ['before: "before this timestamp"', { modifiedBeforeMs: START_MS - HOUR_MS }, ['d/2h', 'd/3h']],
    ['all at once', { minElapsedMs: 1, maxElapsedMs: 3 * HOUR_MS, modifiedBeforeMs: START_MS - HOUR_MS }, ['d/2h']],
  ])('%s', async (_title, conditions, expected) => {
    const counters = await transfer(conditions);
    expect(filesAt(fixture.sink)).toEqual(expected);
    // "Objects found in the data source that are scheduled to be transferred, excluding any that are filtered based on object conditions".
    expect(counters).toEqual({
      objectsFoundFromSource: expected.length,
      bytesFoundFromSource: expected.length * 10,
      objectsCopiedToSink: expected.length,
      bytesCopiedToSink: expected.length * 10,
      directoriesFoundFromSource: 2,
      directoriesSuccessfullyListedFromSource: 2,
    });
  });

  test('count from the start of the operation in every attempt, however late that is', async () => {
    const operation = new FakeOperation();
    const request = requestWith({ maxElapsedMs: 2 * HOUR_MS });
    const first = operation.attempt(1n);
    first.suspend();
    expect(await runTransfer(request, first.context, fixture.environment())).toBe('suspended');
    expect(await runTransfer(request, operation.attempt(2n).context, fixture.environment())).toBe('done');
    expect(filesAt(fixture.sink)).toEqual(['d/0h', 'd/1h', 'future']);
  });

  test('leave what they exclude at the source, also where copied objects are deleted from it', async () => {
    await transfer({ minElapsedMs: 2 * HOUR_MS }, { deletes: 'from-source' });
    expect(filesAt(fixture.source)).toEqual(['d/0h', 'd/1h', 'future']);
    expect(filesAt(fixture.sink)).toEqual(['d/2h', 'd/3h']);
  });

  test('an object that was copied and is excluded since counts as copied, and is not copied again', async () => {
    const operation = new FakeOperation();
    const request = requestWith({ modifiedBeforeMs: START_MS });
    const dying = operation.attempt(1n);
    await expect(runTransfer(request, withoutCommit(dying), fixture.environment())).rejects.toThrow('dies here');
    expect(filesAt(fixture.sink)).toContain('d/1h');
    utimesSync(join(fixture.source, 'd/1h'), new Date(START_MS + 1), new Date(START_MS + 1));
    await runTransfer(request, operation.attempt(2n).context, fixture.environment());
    expect(operation.state.progress?.counters).toMatchObject({ objectsFoundFromSource: 3, objectsCopiedToSink: 3 });
    expect(statSync(join(fixture.sink, 'd/1h')).mtimeMs).toBe(START_MS - HOUR_MS);
  });
});

/** An attempt that dies when its first group was published, and is not counted. */
function withoutCommit({ context }: FakeAttempt): FakeAttempt['context'] {
  const dies = (): Promise<never> => Promise.reject(new Error('dies here'));
  return { ...context, journal: { ...context.journal, commit: dies }, saveCheckpoint: dies };
}

describe('prefixes', () => {
  const PATHS = ['a', 'logs/1', 'logs/2026/1', 'logs/2026/tmp/1', 'logs/2026-old', 'logs/x', 'logsx', 'z/z'];

  test('"Objects must start with one of the matching include_prefixes", and "must not start with any of the exclude_prefixes"', async () => {
    plant(fixture.source, PATHS);
    const counters = await transfer({ includePrefixes: ['logs/2026', 'z'], excludePrefixes: ['logs/2026/tmp/'] });
    expect(filesAt(fixture.sink)).toEqual(['logs/2026-old', 'logs/2026/1', 'z/z']);
    expect(counters).toMatchObject({ objectsFoundFromSource: 3, objectsCopiedToSink: 3 });
    // The root, logs/, logs/2026/ and z/: what is excluded is not opened.
    expect(counters).toMatchObject({ directoriesFoundFromSource: 4, directoriesSuccessfullyListedFromSource: 4 });
  });

  test('hold for both sides: what only the sink has outside of them stays', async () => {
    plant(fixture.source, PATHS);
    plant(fixture.sink, ['a~', 'logs/2026/gone', 'logs/2026/tmp/gone', 'logs/gone', 'z/gone/1', 'zz']);
    const counters = await transfer(
      { includePrefixes: ['logs/2026', 'z/'], excludePrefixes: ['logs/2026/tmp/'] },
      { deletes: 'unique-in-sink' },
    );
    expect(filesAt(fixture.sink)).toEqual(
      ['a~', 'logs/2026-old', 'logs/2026/1', 'logs/2026/tmp/gone', 'logs/gone', 'z/z', 'zz'].toSorted(),
    );
    expect(counters).toMatchObject({ objectsFoundOnlyFromSink: 2, objectsDeletedFromSink: 2, objectsCopiedToSink: 3 });
    expect(existsSync(join(fixture.sink, 'z/gone'))).toBe(false);
  });

  test('make no directory that lies outside of them, and give those on the way the attributes of their sources', async () => {
    for (const path of ['logs/2026/empty', 'logs/2026/tmp', 'data/empty', 'on-the-way/x']) {
      mkdirSync(join(fixture.source, path), { recursive: true, mode: 0o700 });
    }
    plant(fixture.source, ['logs/2026/1']);
    const metadata = { ...NOTHING_PRESERVED, mode: true };
    const includePrefixes = ['logs/2026/', 'on-the-way/y'];
    await transfer({ includePrefixes, excludePrefixes: ['logs/2026/tmp'] }, { metadata });
    const modeOf = (path: string): number => statSync(join(fixture.sink, path)).mode & 0o777;
    expect([modeOf('logs'), modeOf('logs/2026'), modeOf('logs/2026/empty')]).toEqual([0o700, 0o700, 0o700]);
    for (const path of ['data', 'logs/2026/tmp', 'on-the-way'])
      expect(existsSync(join(fixture.sink, path))).toBe(false);
  });

  test('copy and delete what a naive filter would, whatever the tree and the prefixes', async () => {
    const part = fc.constantFrom('a', 'b', 'a-', 'ab', '!');
    const path = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => [...parts, 'f'].join('/'));
    const paths = fc.uniqueArray(path, { maxLength: 12 });
    const prefix = fc.oneof(
      path,
      path.map((each) => each.slice(0, 3)),
      part,
    );
    const prefixes = fc.array(prefix, { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(paths, paths, prefixes, prefixes, async (atSource, atSink, includePrefixes, excludePrefixes) => {
        for (const [root, each] of [
          [fixture.source, atSource],
          [fixture.sink, atSink],
        ] as const) {
          rmSync(root, { recursive: true, force: true });
          mkdirSync(root);
          plant(root, each);
        }
        const isWanted = (key: string): boolean =>
          (includePrefixes.length === 0 || includePrefixes.some((start) => key.startsWith(start))) &&
          !excludePrefixes.some((start) => key.startsWith(start));
        await transfer({ includePrefixes, excludePrefixes }, { deletes: 'unique-in-sink' });
        const expected = [...atSource.filter(isWanted), ...atSink.filter((key) => !isWanted(key))];
        expect(filesAt(fixture.sink)).toEqual([...new Set(expected)].toSorted());
        expect(filesAt(fixture.source)).toEqual(atSource.toSorted());
      }),
      { numRuns: 25 },
    );
  });

  test('go on where an attempt was stopped', async () => {
    plantTree(fixture.source, 3, { fileCount: 80, hasOddNames: false });
    const all = filesAt(fixture.source);
    const includePrefixes = [...new Set(all.map((key) => key.slice(0, 2)))].slice(0, 3);
    const operation = new FakeOperation();
    let fence = 1n;
    for (let outcome = 'suspended'; outcome === 'suspended'; fence += 1n) {
      const attempt = operation.attempt(fence);
      const commit = attempt.context.journal.commit;
      const context = {
        ...attempt.context,
        journal: {
          ...attempt.context.journal,
          commit: async (...parts: Parameters<typeof commit>) => {
            await commit(...parts);
            attempt.suspend();
          },
        },
      };
      const limits = { groupObjectCountMax: 4, groupObjectCountInitial: 4, groupsInFlightMax: 1 };
      outcome = await runTransfer(requestWith({ includePrefixes }), context, fixture.environment(limits));
    }
    const expected = all.filter((key) => includePrefixes.some((prefix) => key.startsWith(prefix)));
    expect(filesAt(fixture.sink)).toEqual(expected);
    expect(operation.state.progress?.counters.objectsCopiedToSink).toBe(expected.length);
  });
});
