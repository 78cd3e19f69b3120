import { describe, expect, test } from '@jest/globals';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import { ListCursor } from '../../src/transfers/list-cursor.ts';
import type { ObjectRecord } from '../../src/transfers/object-record.ts';
import type { ListNote, ListPage } from '../../src/transfers/object-store.ts';
import { NOTHING_PRESERVED } from '../../src/transfers/posix-metadata.ts';
import { Planner } from '../../src/transfers/planner.ts';
import { provenancePairs } from '../../src/transfers/provenance.ts';
import { TransferTally } from '../../src/transfers/transfer-tally.ts';
import { TEST_LIMITS } from '../support/transfer-fixture.ts';

const PLAIN_SIDE = { assignsModifyTime: false, mayTellMore: false };
const CAUSE = { code: Code.PERMISSION_DENIED, detail: 'list directory: EACCES' };
/** As a walk meets them; `!` marks a directory that cannot be listed. */
const TREE = ['', 'a', 'b/!', 'c', 'd/', 'd/x', 'e/', 'e/f/!', 'g/', 'h/!'];

/** What a TreeLister says of it: it enters again what leads to where it is to begin. */
async function* listing(startAfter: string | undefined): AsyncGenerator<ListPage> {
  for (const [index, entry] of TREE.entries()) {
    const key = entry.replace('!', '');
    const isFailed = entry.endsWith('!');
    const isBehind = startAfter === undefined || key > startAfter;
    if (!isBehind && !(isFailed && startAfter.startsWith(key))) continue;
    const note: ListNote = isFailed ? { kind: 'directory-failed', key, cause: CAUSE } : { kind: 'directory', key };
    const isNote = key === '' || key.endsWith('/');
    yield isNote
      ? { keys: [], sizesBytes: [], modifyTimesMs: [], notes: [note], noteIndexes: [0] }
      : { keys: [key], sizesBytes: [index], modifyTimesMs: [0], notes: [], noteIndexes: [] };
  }
}

async function* empty(): AsyncGenerator<ListPage> {}

function newPlanner(cursor: string | undefined, recordCountMax: number): Planner {
  return new Planner({
    source: new ListCursor(listing(cursor)),
    sink: new ListCursor(empty()),
    published: [],
    begun: new Map(),
    isPublished: () => Promise.resolve(false),
    removed: [],
    deletes: 'nothing',
    logs: () => false,
    cursor,
    rules: { overwriteWhen: 'DIFFERENT', grainMs: 0.001, source: PLAIN_SIDE, sink: PLAIN_SIDE },
    metadata: NOTHING_PRESERVED,
    hasSinkDirectories: true,
    stat: () => Promise.reject(new Error('listings tell all')),
    sourceUrl: 'file:///source',
    sinkUrl: 'file:///sink',
    limits: { ...TEST_LIMITS, groupRecordCountMax: recordCountMax },
    isStopped: () => false,
    now: () => 0,
  });
}

/** Plans one group of up to so many records, dies behind its commit, and begins again there; the counts of all of it. */
async function planInLives(recordCountMax: number) {
  const tally = new TransferTally(5);
  const size = { objectCount: 100, sizeBytes: 1e9, planDurationMs: 1e9 };
  let cursor: string | undefined;
  for (;;) {
    const group = await newPlanner(cursor, recordCountMax).next(size);
    if (group === undefined) return tally.progress();
    expect(cursor === undefined || group.lastKey > cursor).toBe(true);
    tally.addAll(group.tally);
    cursor = group.lastKey;
  }
}

test.each([1, 2, 3, 4, 100])(
  'wherever an attempt ends, each directory counts once (groups of %d records)',
  async (count) => {
    const { counters, errorBreakdowns } = await planInLives(count);
    expect(counters).toEqual({
      directoriesFoundFromSource: 7,
      directoriesSuccessfullyListedFromSource: 4,
      directoriesFailedToListFromSource: 3,
    });
    expect(errorBreakdowns).toMatchObject([{ count: 3 }]);
  },
);

describe('objects that listings do not decide', () => {
  const SILENT_SIDE = { assignsModifyTime: true, mayTellMore: true };
  const KEYS = Array.from({ length: 40 }, (_, index) => `k${String(index).padStart(2, '0')}`);
  const MODIFY_TIME_MS = 1.6e12;

  async function* sized(): AsyncGenerator<ListPage> {
    const column = KEYS.map(() => 1);
    yield { keys: KEYS, sizesBytes: column, modifyTimesMs: KEYS.map(() => MODIFY_TIME_MS), notes: [], noteIndexes: [] };
  }

  async function plan(stat: (key: string) => Promise<ObjectRecord | undefined>) {
    const planner = new Planner({
      source: new ListCursor(sized()),
      sink: new ListCursor(sized()),
      published: [],
      begun: new Map(),
      isPublished: () => Promise.resolve(false),
      removed: [],
      deletes: 'nothing',
      logs: () => false,
      cursor: undefined,
      rules: { overwriteWhen: 'DIFFERENT', grainMs: 0.001, source: PLAIN_SIDE, sink: SILENT_SIDE },
      metadata: NOTHING_PRESERVED,
      hasSinkDirectories: false,
      stat: (_, key) => stat(key),
      sourceUrl: 'file:///source',
      sinkUrl: 'gs://sink',
      limits: { ...TEST_LIMITS, statsInFlightMax: 4 },
      isStopped: () => false,
      now: () => 0,
    });
    return planner.next({ objectCount: 100, sizeBytes: 1e9, planDurationMs: 1e9 });
  }

  const copyOf = (key: string, modifyTimeMs: number): ObjectRecord => {
    return { key, sizeBytes: 1, modifyTimeMs: 0, metadata: { custom: provenancePairs({ modifyTimeMs }) } };
  };

  test('are asked of the sink a few at a time, and copied in the order of keys where it says so', async () => {
    let busyCount = 0;
    let busyCountMax = 0;
    const asked: string[] = [];
    const group = await plan(async (key) => {
      asked.push(key);
      busyCountMax = Math.max(busyCountMax, (busyCount += 1));
      await new Promise((resolve) => setImmediate(resolve));
      busyCount -= 1;
      return copyOf(key, key < 'k20' ? MODIFY_TIME_MS : MODIFY_TIME_MS + 1);
    });
    expect(asked.toSorted()).toEqual(KEYS);
    expect(busyCountMax).toBe(4);
    expect(group?.small.map(({ key }) => key)).toEqual(KEYS.slice(20));
    expect(group?.tally.count('objectsFromSourceSkippedBySync')).toBe(20);
  });

  test('are copied when they have gone from the sink, and fail one by one when it does not answer', async () => {
    const group = await plan((key) =>
      key === 'k07'
        ? Promise.reject(new StatusError(Code.UNAVAILABLE, 'k07: no answer', { reason: 'TEST' }))
        : Promise.resolve(undefined),
    );
    expect(group?.small).toHaveLength(39);
    expect(group?.tally.progress()).toMatchObject({
      counters: { objectsFoundFromSource: 1, objectsFromSourceFailed: 1 },
      errorBreakdowns: [{ code: Code.UNAVAILABLE, samples: [{ url: 'file:///source/k07' }] }],
    });
  });
});

test('what stands for a directory in a bucket is no object where there are directories', async () => {
  async function* markers(): AsyncGenerator<ListPage> {
    const keys = ['d/', 'd/a', 'e/'];
    yield { keys, sizesBytes: [0, 3, 7], modifyTimesMs: [0, 0, 0], notes: [], noteIndexes: [] };
  }
  const planner = new Planner({
    source: new ListCursor(markers()),
    sink: new ListCursor(empty()),
    published: [],
    begun: new Map(),
    isPublished: () => Promise.resolve(false),
    removed: [],
    deletes: 'nothing',
    logs: () => false,
    cursor: undefined,
    rules: { overwriteWhen: 'DIFFERENT', grainMs: 0.001, source: PLAIN_SIDE, sink: PLAIN_SIDE },
    metadata: NOTHING_PRESERVED,
    hasSinkDirectories: true,
    stat: () => Promise.reject(new Error('listings tell all')),
    sourceUrl: 'gs://source',
    sinkUrl: 'file:///sink',
    limits: TEST_LIMITS,
    isStopped: () => false,
    now: () => 0,
  });
  const group = await planner.next({ objectCount: 100, sizeBytes: 1e9, planDurationMs: 1e9 });
  expect(group?.small.map(({ key }) => key)).toEqual(['d/a', 'e/']);
  expect(group?.specialCount).toBe(1);
});
