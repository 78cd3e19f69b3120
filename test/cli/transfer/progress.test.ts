import { describe, expect, test } from '@jest/globals';
import { plainStyle } from '../../../src/cli/format/style.ts';
import { textWidth } from '../../../src/cli/format/text-width.ts';
import type { Output } from '../../../src/cli/terminal.ts';
import { ProgressDisplay, type DisplayForm } from '../../../src/cli/transfer/progress-display.ts';
import { progressLines, progressText, type ProgressState } from '../../../src/cli/transfer/progress-lines.ts';
import { bytesPerSecond, withSample, type RateSample } from '../../../src/cli/transfer/rate.ts';
import { failureLines, summaryLines } from '../../../src/cli/transfer/summary-lines.ts';
import { totalsOf } from '../../../src/cli/transfer/totals.ts';

const MIB = 1024 * 1024;
const COUNTERS = {
  objectsFoundFromSource: '100',
  bytesFoundFromSource: String(100 * MIB),
  objectsCopiedToSink: '40',
  bytesCopiedToSink: String(50 * MIB),
  objectsFromSourceFailed: '2',
  bytesFromSourceFailed: String(MIB),
  objectsFromSourceSkippedBySync: '7',
  bytesFromSourceSkippedBySync: String(3 * MIB),
};

const SOURCE = { count: 107, bytes: 103 * MIB, isComplete: true };

function state(changes: Partial<ProgressState> = {}): ProgressState {
  const totals = totalsOf({ counters: COUNTERS }, { source: SOURCE });
  return { totals, bytesPerSecond: 7 * MIB, elapsedMs: 12_000, status: 'IN_PROGRESS', isCancelling: false, ...changes };
}

describe('the progress of a transfer', () => {
  test('says what share of the source is done, how fast, and how long the rest takes', () => {
    expect(progressLines(state(), 79, plainStyle)).toEqual([
      '████████████░░░░░░░░░░░░  52%  7.00 MiB/s  about 0:07 left                 0:12',
      '50.0 MiB, 40 files copied; 7 skipped; 2 failed; 49.0 MiB, 58 files left',
    ]);
  });

  test('says why it waits for another attempt', () => {
    expect(progressLines(state({ status: 'QUEUED', waitsAfter: 'UNAVAILABLE: away' }), 79, plainStyle)).toEqual([
      '████████████░░░░░░░░░░░░ Waiting to try again                              0:12',
      'UNAVAILABLE: away',
    ]);
  });

  test('tells no share and no end before the source has been counted', () => {
    const totals = totalsOf({ counters: COUNTERS }, { source: { count: 60, bytes: 60 * MIB, isComplete: false } });

    expect(progressLines(state({ totals }), 79, plainStyle)).toEqual([
      '░░░░░░░░░░░░░░░░░░░░░░░░ Copying  7.00 MiB/s                               0:12',
      '50.0 MiB, 40 files copied; 7 skipped; 2 failed; 60 counted so far',
    ]);
  });

  describe('of a server, whose source nobody here can count,', () => {
    const items = { done: '49', total: '107', totalComplete: true };
    const bytes = { done: String(54 * MIB), total: String(103 * MIB), totalComplete: true };
    const told = (progress: object): readonly string[] =>
      progressLines(state({ totals: totalsOf({ counters: COUNTERS }, { progress }) }), 79, plainStyle);

    test('is shown in the same way once the server has found it all', () => {
      expect(told({ items, bytes })).toEqual(progressLines(state(), 79, plainStyle));
    });

    test('tells no share before', () => {
      expect(told({ items: { ...items, totalComplete: false }, bytes })).toEqual([
        '░░░░░░░░░░░░░░░░░░░░░░░░ Copying  7.00 MiB/s                               0:12',
        '50.0 MiB, 40 files copied; 7 skipped; 2 failed; 107 counted so far',
      ]);
    });

    test('counts what is copied of files that do not stand at the destination yet', () => {
      expect(told({ items, bytes: { ...bytes, done: String(89 * MIB) } })).toEqual([
        '████████████████████░░░░  86%  7.00 MiB/s  about 0:02 left                 0:12',
        '50.0 MiB, 40 files copied; 35.0 MiB under way; 7 skipped; 2 failed; 49.0 MiB, …',
      ]);
    });
  });

  test('drops its own count where the server has found more', () => {
    const source = { count: 48, bytes: MIB, isComplete: true };

    expect(totalsOf({ counters: COUNTERS }, { source }).source).toMatchObject({ isComplete: false });
  });

  test('of a server that tells nothing of it has no bar', () => {
    const totals = totalsOf({ counters: COUNTERS });

    expect(progressLines(state({ totals }), 79, plainStyle)).toEqual([
      'Copying  7.00 MiB/s                                                        0:12',
      '50.0 MiB, 40 files copied; 7 skipped; 2 failed; how many there are is not known',
    ]);
  });

  test('never says that all is done: only the end is the end', () => {
    const counters = { objectsFoundFromSource: '3', objectsCopiedToSink: '3' };
    const totals = totalsOf({ counters }, { source: { count: 3, bytes: 0, isComplete: true } });

    expect(progressText(state({ totals, bytesPerSecond: undefined }))).toContain(' 99%;');
  });

  test.each([
    [{ status: 'QUEUED' }, 'Waiting to start'],
    [{ status: 'QUEUED', waitsAfter: 'UNAVAILABLE: away' }, 'Waiting to try again: UNAVAILABLE: away'],
    [{ status: 'IN_PROGRESS', waitsAfter: 'UNAVAILABLE: away' }, '52%'],
    [{ status: 'PAUSED' }, 'Paused'],
    [{ isCancelling: true }, 'Cancelling: waiting until it has stopped'],
  ])('that is %j reads %s', (changes, text) => {
    expect(progressText(state(changes))).toContain(text);
  });

  test.each([20, 40, 79, 120, 200])('fits into %i columns', (width) => {
    const waiting = state({ status: 'QUEUED', waitsAfter: 'away '.repeat(50) });
    const states = [state(), state({ isCancelling: true }), state({ totals: totalsOf({}) }), waiting];

    for (const each of states) {
      for (const line of progressLines(each, width, plainStyle)) expect(textWidth(line)).toBeLessThanOrEqual(width);
    }
  });
});

describe('a rate', () => {
  const after = (given: readonly RateSample[]) => given.reduce<readonly RateSample[]>(withSample, []);

  test('is not known from one sample, nor from an instant', () => {
    expect(bytesPerSecond(after([{ timeMs: 0, bytes: 5 }]))).toBeUndefined();
    expect(
      bytesPerSecond(
        after([
          { timeMs: 0, bytes: 0 },
          { timeMs: 100, bytes: 5 },
        ]),
      ),
    ).toBeUndefined();
  });

  test('is that of the last ten seconds', () => {
    const fastThenSlow = Array.from({ length: 40 }, (_, second) => ({
      timeMs: second * 1000,
      bytes: second < 20 ? second * 1000 : 20_000 + (second - 20) * 10,
    }));

    expect(bytesPerSecond(after(fastThenSlow))).toBeCloseTo(10);
  });

  test('keeps a bounded number of samples', () => {
    expect(after(Array.from({ length: 500 }, (_, index) => ({ timeMs: index, bytes: index })))).toHaveLength(50);
  });
});

describe('the summary of a run', () => {
  const totals = totalsOf({ counters: COUNTERS });

  test('that is done says what was copied, skipped and failed', () => {
    expect(summaryLines({ totals, elapsedMs: 10_000, outcome: 'done' })).toEqual([
      'Copied 40 files, 50.0 MiB in 0:10 (5.00 MiB/s).',
      'Skipped 7 files, 3.00 MiB: the same at the destination already.',
      'Failed: 2 files, 1.00 MiB.',
    ]);
  });

  test('that was cancelled says what is left, and how to go on', () => {
    const counted = totalsOf({ counters: COUNTERS }, { source: SOURCE });

    expect(summaryLines({ totals: counted, elapsedMs: 10_000, outcome: 'cancelled' })).toEqual([
      'Cancelled. Copied 40 files, 50.0 MiB in 0:10 (5.00 MiB/s).',
      'Skipped 7 files, 3.00 MiB: the same at the destination already.',
      'Failed: 2 files, 1.00 MiB.',
      'Left: 58 files, 49.0 MiB.',
      'Nothing half-written is left; the same command again copies the rest.',
    ]);
  });

  test('that was cancelled says that nobody knows what is left where the source was not counted', () => {
    expect(summaryLines({ totals, elapsedMs: 10_000, outcome: 'cancelled' })).toContain(
      'How much is left is not known.',
    );
  });

  test('with nothing to do says so', () => {
    expect(summaryLines({ totals: totalsOf({}), elapsedMs: 10, outcome: 'done' })).toEqual([
      'Nothing had to be copied.',
    ]);
  });

  test('shows a few failures of each kind', () => {
    const errorLogEntries = Array.from({ length: 5 }, (_, index) => ({
      url: `file:///f${String(index)}`,
      errorDetails: ['denied'],
    }));

    expect(
      failureLines({ errorBreakdowns: [{ errorCode: 'PERMISSION_DENIED', errorCount: '1200', errorLogEntries }] }),
    ).toEqual([
      '  PERMISSION_DENIED: 1,200',
      '    file:///f0: denied',
      '    file:///f1: denied',
      '    file:///f2: denied',
    ]);
  });
});

test('what has ended the whole is told once', () => {
  const full = { url: 'file:///to', errorDetails: ['file:///to: full'] };
  const errorBreakdowns = [
    {
      errorCode: 'RESOURCE_EXHAUSTED',
      errorCount: '3',
      errorLogEntries: [full, { url: 'file:///a', errorDetails: ['x'] }],
    },
    { errorCode: 'UNAVAILABLE', errorCount: '1', errorLogEntries: [{ errorDetails: ['away'] }] },
  ];

  expect(failureLines({ errorBreakdowns })).toEqual([
    '  RESOURCE_EXHAUSTED: 3',
    '    file:///to: full',
    '    file:///a: x',
    '  UNAVAILABLE: 1',
    '    away',
  ]);
  expect(failureLines({ errorBreakdowns }, 'file:///to: full')).toEqual([
    '  RESOURCE_EXHAUSTED: 2',
    '    file:///a: x',
    '  UNAVAILABLE: 1',
    '    away',
  ]);
  expect(failureLines({ errorBreakdowns: errorBreakdowns.slice(1) }, 'away')).toEqual([]);
});

describe('a display', () => {
  function shown(form: DisplayForm) {
    const written: string[] = [];
    let nowMs = 0;
    const output: Output = {
      isTerminal: true,
      columns: 80,
      closed: new AbortController().signal,
      write: (text) => void written.push(text),
    };
    const display = new ProgressDisplay({ form, output, clock: { monotonic: () => nowMs }, style: plainStyle });
    const show = (atMs: number, changes: object = {}): void => {
      nowMs = atMs;
      const totals = totalsOf({ counters: COUNTERS });
      display.show({ totals, status: 'IN_PROGRESS', isCancelling: false, ...changes });
    };
    return { written, display, show };
  }

  test('draws its two lines over themselves, and takes them away', () => {
    const { written, display, show } = shown('bar');

    show(0);
    show(200);
    display.clear();
    display.clear();

    expect(written).toHaveLength(3);
    expect(written[0]).not.toContain('\u001B[1A');
    expect(written[1]?.startsWith('\u001B[1A\r')).toBe(true);
    expect(written[2]).toBe('\u001B[1A\r\r\u001B[J');
  });

  test('without a terminal writes a line each half minute', () => {
    const { written, show } = shown('lines');

    for (const second of [0, 10, 29, 30, 40, 61]) show(second * 1000);

    expect(written).toHaveLength(2);
    expect(written[0]).toMatch(/^0:30 .*\n$/);
  });

  test('without a terminal writes at once, and once, why a transfer waits', () => {
    const { written, show } = shown('lines');
    const waiting = { status: 'QUEUED', waitsAfter: 'UNAVAILABLE: away' };

    show(1_000, waiting);
    show(2_000, waiting);
    show(3_000);
    show(4_000, waiting);

    expect(written.map((line) => line.slice(0, 47))).toEqual([
      '0:01 Waiting to try again: UNAVAILABLE: away; 5',
      '0:04 Waiting to try again: UNAVAILABLE: away; 5',
    ]);
  });

  test('that is quiet writes nothing', () => {
    const { written, display, show } = shown('none');

    show(0);
    show(60_000);
    display.clear();

    expect(written).toEqual([]);
  });
});
