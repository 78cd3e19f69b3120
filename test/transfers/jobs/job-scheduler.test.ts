import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Message } from '../../../src/transfers/jobs/field-rules.ts';
import { openScheduler, type Replica, type SchedulerHarness } from './scheduler-harness.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MARCH_10 = { year: 2026, month: 3, day: 10 };
/** Every day at 18:00. */
const DAILY: Message = { scheduleStartDate: MARCH_10, startTimeOfDay: { hours: 18 } };
const NAME = 'transferJobs/a';

let harness: SchedulerHarness;
let stops: AbortController[];

beforeEach(async () => {
  harness = await openScheduler('2026-03-10T12:00:00Z');
  stops = [];
});

afterEach(() => {
  for (const stop of stops) stop.abort();
});

/** Lets a replica look now and then, until it is stopped. */
function run({ scheduler }: Replica = harness.open()): AbortController {
  const stop = new AbortController();
  stops.push(stop);
  void scheduler.run(stop.signal);
  return stop;
}

/** One look. */
async function look(replica = harness.open()): Promise<void> {
  await replica.scheduler.round(new AbortController().signal);
}

function warnings(): readonly string[] {
  return harness.logger.ofLevel('warn').map(({ message }) => message);
}

describe('a scheduled job', () => {
  test('is started at its times, each within a second, by an operation as RunTransferJob makes it', async () => {
    await harness.create({ name: NAME, schedule: DAILY });
    run();

    harness.clock.shift(6 * HOUR_MS - 5000);
    await harness.clock.advance(4000);
    expect(await harness.operations()).toEqual([]);
    await harness.clock.advance(2000);

    expect(await harness.operations()).toMatchObject([
      { resource: NAME, state: 'QUEUED', collection: 'p', exclusiveKey: 'projects/p/transferJobs/a' },
    ]);
    const { jobs } = harness.open();
    const [operation] = await harness.operations();
    expect(await jobs.get({ projectId: 'p', name: NAME })).toMatchObject({ latestOperationName: operation?.name });
  });

  test('with a schedule that says now is started at once', async () => {
    await harness.create({ name: NAME, schedule: { scheduleStartDate: MARCH_10, scheduleEndDate: MARCH_10 } });

    await look();
    await harness.endAll();
    harness.clock.shift(7 * DAY_MS);
    await look();

    expect(await harness.startTimes()).toEqual(['2026-03-10T12:00:00.000Z']);
  });

  // "New transfers are not scheduled."
  test.each(['DISABLED', 'DELETED'])('that is %s is not started', async (status) => {
    await harness.create({ name: NAME, schedule: DAILY });
    await harness.update(NAME, { status });

    harness.clock.shift(7 * HOUR_MS);
    await look();

    expect(await harness.operations()).toEqual([]);
  });

  test('that is enabled again is not started for what came due meanwhile', async () => {
    await harness.create({ name: NAME, schedule: DAILY });
    harness.clock.shift(6 * HOUR_MS);
    await look();
    await harness.endAll();
    await harness.update(NAME, { status: 'DISABLED' });
    harness.clock.shift(3 * DAY_MS + HOUR_MS);
    await harness.update(NAME, { status: 'ENABLED' });

    await look();
    expect(await harness.operations()).toHaveLength(1);
    harness.clock.shift(DAY_MS - HOUR_MS);
    await look();

    expect(await harness.startTimes()).toEqual(['2026-03-10T18:00:00.000Z', '2026-03-14T18:00:00.000Z']);
  });

  test('that was made DISABLED counts from when it is enabled', async () => {
    const schedule = { scheduleStartDate: MARCH_10, scheduleEndDate: MARCH_10 };
    await harness.create({ name: NAME, schedule, status: 'DISABLED' });
    harness.clock.shift(DAY_MS);
    await harness.update(NAME, { status: 'ENABLED' });

    await look();

    expect(await harness.startTimes()).toEqual(['2026-03-11T12:00:00.000Z']);
  });

  test('is not started again when it is updated with the schedule that it has', async () => {
    await harness.create({ name: NAME, schedule: { scheduleStartDate: MARCH_10 } });
    await look();
    await harness.endAll();

    await harness.update(NAME, { schedule: { scheduleStartDate: MARCH_10 }, description: 'new' });
    await look();

    expect(await harness.operations()).toHaveLength(1);
  });

  test('follows a new schedule from when that was set', async () => {
    await harness.create({ name: NAME, schedule: DAILY });
    harness.clock.shift(7 * HOUR_MS);
    await look();
    await harness.endAll();

    await harness.update(NAME, { schedule: { ...DAILY, startTimeOfDay: { hours: 9 } } });
    harness.clock.shift(15 * HOUR_MS);
    await look();

    expect(await harness.startTimes()).toEqual(['2026-03-10T19:00:00.000Z', '2026-03-11T10:00:00.000Z']);
  });

  test('without a schedule any more is not started', async () => {
    await harness.create({ name: NAME, schedule: DAILY });
    await harness.update(NAME, { schedule: {} });

    harness.clock.shift(DAY_MS);
    await look();

    expect(await harness.operations()).toEqual([]);
  });

  test('that is run by hand keeps its schedule', async () => {
    await harness.create({ name: NAME, schedule: DAILY });
    await harness.open().jobs.run({ projectId: 'p', name: NAME });
    await harness.endAll();

    harness.clock.shift(6 * HOUR_MS);
    await look();

    expect(await harness.startTimes()).toEqual(['2026-03-10T12:00:00.000Z', '2026-03-10T18:00:00.000Z']);
  });
});

describe('a run that comes due', () => {
  // "If a run is still active at the next slot, that slot is skipped": TRANSFER §2.1.
  test('while an operation of the job goes on is skipped, and the log says so', async () => {
    await harness.create({ name: NAME, schedule: DAILY });
    harness.clock.shift(6 * HOUR_MS);
    await look();
    harness.clock.shift(DAY_MS);
    await look();

    expect(await harness.operations()).toHaveLength(1);
    expect(warnings()).toEqual(['a scheduled run is skipped, as an operation of the job is not done']);
    await harness.endAll();
    await look();
    expect(await harness.operations()).toHaveLength(1);
    harness.clock.shift(DAY_MS);
    await look();
    expect(await harness.startTimes()).toEqual(['2026-03-10T18:00:00.000Z', '2026-03-12T18:00:00.000Z']);
  });

  test('while nobody looks is made up for, all of them by one operation', async () => {
    await harness.create({ name: NAME, schedule: DAILY });
    harness.clock.shift(3 * DAY_MS);
    await look();
    await harness.endAll();
    await look();
    harness.clock.shift(DAY_MS);
    await look();

    expect(await harness.startTimes()).toEqual(['2026-03-13T12:00:00.000Z', '2026-03-14T12:00:00.000Z']);
    expect(harness.logger.ofLevel('warn')[0]?.fields).toMatchObject({
      transferJob: NAME,
      runTime: '2026-03-12T18:00:00.000Z',
      runCount: 3,
    });
  });

  test.each<[string, Message, number, number]>([
    ['for less than a week is made up for', { repeatInterval: { seconds: String(30 * 24 * 3600) } }, 7, 1],
    ['for more than a week is not', { repeatInterval: { seconds: String(30 * 24 * 3600) } }, 8, 0],
    // "The time in UTC that no further transfer operations are scheduled."
    ['until the schedule’s end is not', { scheduleEndDate: { ...MARCH_10, day: 11 } }, 2, 0],
  ])('while nobody looks %s', async (_title, members, days, count) => {
    await harness.create({ name: NAME, schedule: { ...DAILY, ...members } });

    harness.clock.shift(days * DAY_MS);
    await look();

    expect(await harness.operations()).toHaveLength(count);
    if (count === 0) expect(warnings()).toEqual([expect.stringContaining('missed for too long')]);
  });

  test('in the last second of its schedule is started although it is looked for a moment later', async () => {
    const schedule = { ...DAILY, startTimeOfDay: { hours: 23, minutes: 59, seconds: 59 }, scheduleEndDate: MARCH_10 };
    await harness.create({ name: NAME, schedule });

    harness.clock.shift(12 * HOUR_MS + 20_000);
    await look();

    expect(await harness.startTimes()).toEqual(['2026-03-11T00:00:20.000Z']);
  });

  test('of a damaged job is told in the log, and the jobs behind it run', async () => {
    await harness.create({ name: NAME, schedule: DAILY });
    await harness.create({ name: 'transferJobs/b', schedule: DAILY });
    const [damaged] = await harness.database.resources.due('transfer-job', Number.MAX_SAFE_INTEGER, 1);
    if (damaged === undefined) throw new Error('is not due');
    const { kind, name, revision, ...next } = damaged;
    await harness.database.resources.write([{ kind, name, revision, next: { ...next, value: Uint8Array.of(255) } }]);

    harness.clock.shift(6 * HOUR_MS);
    await look();
    await look();

    expect(await harness.operations()).toMatchObject([{ resource: 'transferJobs/b' }]);
    expect(harness.logger.ofLevel('error')).toHaveLength(1);
  });
});

test('a storage that fails for a while makes a run late, not lost', async () => {
  await harness.create({ name: NAME, schedule: DAILY });
  const replica = harness.open();
  const { insert } = harness.database.operations;
  harness.database.operations.insert = () => Promise.reject(new Error('no disk'));
  harness.clock.shift(6 * HOUR_MS);
  run(replica);
  await harness.clock.advance(5000);
  harness.database.operations.insert = insert.bind(harness.database.operations);
  await harness.clock.advance(31_000);

  expect(await harness.operations()).toHaveLength(1);
});

describe('every run is started once', () => {
  /** From 2026-03-10 to the end of 2027-03-09, at every sixth hour. */
  const YEAR: Message = {
    scheduleStartDate: MARCH_10,
    scheduleEndDate: { year: 2027, month: 3, day: 9 },
    startTimeOfDay: { hours: 18 },
    repeatInterval: { seconds: String(6 * 3600) },
  };

  /** Every sixth hour that the schedule has. */
  function timesOfYear(): readonly string[] {
    const times: string[] = [];
    const end = Date.UTC(2027, 2, 10);
    for (let at = Date.UTC(2026, 2, 10, 18); at < end; at += 6 * HOUR_MS) times.push(new Date(at).toISOString());
    return times;
  }

  test('in a year, by two replicas that look at the same moments and are restarted on and on', async () => {
    await harness.create({ name: NAME, schedule: YEAR });
    let replicas = [harness.open(), harness.open()];

    for (let hour = 0; hour < 366 * 24; hour += 3) {
      harness.clock.shift(3 * HOUR_MS);
      await Promise.all(replicas.map(look));
      if (hour % 6 === 0) await harness.endAll();
      if (hour % 51 === 0) replicas = [harness.open(), harness.open()];
    }

    expect(await harness.startTimes()).toEqual(timesOfYear());
    expect(warnings()).toEqual([]);
  });

  test('when the clock jumps back and forth', async () => {
    await harness.create({ name: NAME, schedule: DAILY });
    const jumps = [6, -5, 5, 24, -23, 23, -30, 30, 24];

    for (const jump of jumps) {
      harness.clock.shift(jump * HOUR_MS);
      await look();
      await harness.endAll();
    }

    expect(await harness.startTimes()).toEqual([
      '2026-03-10T18:00:00.000Z',
      '2026-03-11T18:00:00.000Z',
      '2026-03-12T18:00:00.000Z',
    ]);
  });

  test('when an owner writes the job at the same moment', async () => {
    await harness.create({ name: NAME, schedule: DAILY });
    harness.clock.shift(6 * HOUR_MS);

    await Promise.all([look(), harness.update(NAME, { description: 'new' }), look()]);
    await look();

    expect(await harness.operations()).toHaveLength(1);
    expect(await harness.open().jobs.get({ projectId: 'p', name: NAME })).toMatchObject({ description: 'new' });
  });

  test('of more jobs than are started at once', async () => {
    const names = Array.from({ length: 250 }, (_, number) => `transferJobs/${String(number)}`);
    for (const name of names) await harness.create({ name, schedule: DAILY });

    harness.clock.shift(6 * HOUR_MS);
    await look();

    expect(new Set((await harness.operations()).map(({ resource }) => resource))).toEqual(new Set(names));
  });
});
