import { expect, test } from '@jest/globals';
import { Code } from '../../src/core/code.ts';
import { ListCursor } from '../../src/transfers/list-cursor.ts';
import type { ListNote, ListPage } from '../../src/transfers/object-store.ts';
import { NOTHING_PRESERVED } from '../../src/transfers/posix-metadata.ts';
import { Planner } from '../../src/transfers/planner.ts';
import { TransferTally } from '../../src/transfers/transfer-tally.ts';
import { TEST_LIMITS } from '../support/transfer-fixture.ts';

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
    cursor,
    overwriteWhen: 'DIFFERENT',
    metadata: NOTHING_PRESERVED,
    grainMs: 0.001,
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
