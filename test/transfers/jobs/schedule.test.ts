import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { codeName } from '../../../src/core/code.ts';
import { StatusError } from '../../../src/core/status-error.ts';
import type { Message } from '../../../src/transfers/jobs/field-rules.ts';
import { countRuns, lastRun, nextRun, timetableOf, type Schedule } from '../../../src/transfers/jobs/schedule.ts';
import { scheduleOf } from '../../../src/transfers/jobs/schedule-message.ts';

const HOUR_MS = 3_600_000;

/** `2026-03-10` as a google.type.Date. */
function date(text: string): Message {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  return { year, month, day };
}

/** `9:30` or `9:30:15` as a google.type.TimeOfDay; members that are 0 are absent, as they are on the wire. */
function time(text: string): Message {
  const [hours = 0, minutes = 0, seconds = 0] = text.split(':').map(Number);
  const members = Object.entries({ hours, minutes, seconds });
  return Object.fromEntries(members.filter(([, value]) => value !== 0));
}

function hours(count: number): Message {
  return { seconds: String(count * 3600) };
}

function parse(message: Message): Schedule {
  const schedule = scheduleOf(message, 'schedule');
  if (schedule === undefined) throw new Error('is no schedule');
  return schedule;
}

/** The first runs of a schedule that was set at a moment, at most `limit`. */
function runs(message: Message, since: string, limit = 3): readonly string[] {
  const timetable = timetableOf(parse(message), Date.parse(since));
  const found: string[] = [];
  for (let next = nextRun(timetable, -Infinity); next !== undefined && found.length < limit;) {
    found.push(new Date(next).toISOString());
    next = nextRun(timetable, next);
  }
  return found.map((it) => it.replace(':00.000Z', 'Z').replace('.000Z', 'Z'));
}

// It is Tuesday, 2026-03-10, noon.
const NOW = '2026-03-10T12:00:00.000Z';
const TODAY = date('2026-03-10');
const YESTERDAY = date('2026-03-09');
const TOMORROW = date('2026-03-11');

describe('a schedule runs', () => {
  test.each<[string, Message, readonly string[]]>([
    // "One-time transfers run immediately."
    ['once, now, as gcloud asks for', { scheduleStartDate: TODAY, scheduleEndDate: TODAY }, ['2026-03-10T12:00Z']],
    [
      'once, now, where gcloud’s caller is a day behind',
      { scheduleStartDate: YESTERDAY, scheduleEndDate: YESTERDAY },
      ['2026-03-10T12:00Z'],
    ],
    [
      'once, at midnight, where gcloud’s caller is a day ahead',
      { scheduleStartDate: TOMORROW, scheduleEndDate: TOMORROW },
      ['2026-03-11T00:00Z'],
    ],
    // "One-time transfers run at the specified time."
    [
      'once, at its time',
      { scheduleStartDate: TODAY, scheduleEndDate: TODAY, startTimeOfDay: time('18:30') },
      ['2026-03-10T18:30Z'],
    ],
    // "If `schedule_start_date` and `start_time_of_day` are in the past relative to the job's creation time, the transfer starts the
    // day after you schedule the transfer request."
    [
      'once, the day after, when its time has passed',
      { scheduleStartDate: TODAY, scheduleEndDate: TODAY, startTimeOfDay: time('9:00') },
      ['2026-03-11T09:00Z'],
    ],
    [
      'once, the day after, when its date is long past',
      { scheduleStartDate: date('2018-10-01'), scheduleEndDate: date('2018-10-01'), startTimeOfDay: time('23:30') },
      ['2026-03-11T23:30Z'],
    ],
    [
      'once, also when an interval is given',
      { scheduleStartDate: TODAY, scheduleEndDate: TODAY, startTimeOfDay: time('18:00'), repeatInterval: hours(1) },
      ['2026-03-10T18:00Z'],
    ],
    [
      'never, when it is to run once before a time that has passed',
      { scheduleStartDate: TODAY, scheduleEndDate: TODAY, endTimeOfDay: time('11:00') },
      [],
    ],
    [
      'once, the day after, where its end is put off too',
      { scheduleStartDate: TODAY, scheduleEndDate: TODAY, startTimeOfDay: time('9:00'), endTimeOfDay: time('10:00') },
      ['2026-03-11T09:00Z'],
    ],
    // "Recurring transfers run immediately, and each day at midnight UTC, through `schedule_end_date`."
    [
      'now and at every midnight, without end',
      { scheduleStartDate: TODAY },
      ['2026-03-10T12:00Z', '2026-03-11T00:00Z', '2026-03-12T00:00Z'],
    ],
    [
      'now and at every midnight, through its end',
      { scheduleStartDate: TODAY, scheduleEndDate: TOMORROW },
      ['2026-03-10T12:00Z', '2026-03-11T00:00Z'],
    ],
    [
      'now, when it has begun already, and at every midnight',
      { scheduleStartDate: date('2026-01-01') },
      ['2026-03-10T12:00Z', '2026-03-11T00:00Z', '2026-03-12T00:00Z'],
    ],
    [
      'from the first midnight of its start on',
      { scheduleStartDate: date('2026-03-20') },
      ['2026-03-20T00:00Z', '2026-03-21T00:00Z', '2026-03-22T00:00Z'],
    ],
    // "Interval between the start of each scheduled TransferOperation."
    [
      'now and every six hours of the day',
      { scheduleStartDate: TODAY, repeatInterval: hours(6) },
      ['2026-03-10T12:00Z', '2026-03-10T18:00Z', '2026-03-11T00:00Z'],
    ],
    [
      'each week at its time',
      { scheduleStartDate: TODAY, startTimeOfDay: time('18:00'), repeatInterval: hours(7 * 24) },
      ['2026-03-10T18:00Z', '2026-03-17T18:00Z', '2026-03-24T18:00Z'],
    ],
    // "Recurring transfers run at the specified time each day, through `schedule_end_date`."
    [
      'each day at its time',
      { scheduleStartDate: TODAY, startTimeOfDay: time('18:00') },
      ['2026-03-10T18:00Z', '2026-03-11T18:00Z', '2026-03-12T18:00Z'],
    ],
    [
      'each day at its time from the day after on, when it has passed',
      { scheduleStartDate: TODAY, startTimeOfDay: time('11:59:59') },
      ['2026-03-11T11:59:59Z', '2026-03-12T11:59:59Z', '2026-03-13T11:59:59Z'],
    ],
    [
      'at once, when its time is this very moment',
      { scheduleStartDate: TODAY, startTimeOfDay: time('12:00') },
      ['2026-03-10T12:00Z', '2026-03-11T12:00Z', '2026-03-12T12:00Z'],
    ],
    [
      'at midnight, when a time is given and is 0:00',
      { scheduleStartDate: TOMORROW, scheduleEndDate: date('2026-03-12'), startTimeOfDay: {} },
      ['2026-03-11T00:00Z', '2026-03-12T00:00Z'],
    ],
    // "If `end_time_of_day` is not set and `schedule_end_date` is set, then a default value of `23:59:59` is used".
    [
      'up to the last second of its end',
      { scheduleStartDate: TODAY, scheduleEndDate: TOMORROW, startTimeOfDay: time('23:59:59') },
      ['2026-03-10T23:59:59Z', '2026-03-11T23:59:59Z'],
    ],
    // "The time in UTC that no further transfer operations are scheduled."
    [
      'not after its end time, but at it',
      {
        scheduleStartDate: TODAY,
        scheduleEndDate: TOMORROW,
        startTimeOfDay: time('20:00'),
        endTimeOfDay: time('4:00'),
        repeatInterval: hours(8),
      },
      ['2026-03-10T20:00Z', '2026-03-11T04:00Z'],
    ],
    [
      'never, when it has ended',
      { scheduleStartDate: date('2025-01-01'), scheduleEndDate: date('2025-12-31'), startTimeOfDay: time('8:00') },
      [],
    ],
    // google.type.TimeOfDay: "An API may choose to allow the value "24:00:00" for scenarios like business closing time."
    [
      'through the day that ends at 24:00, and not at the next one’s midnight',
      {
        scheduleStartDate: TODAY,
        scheduleEndDate: TOMORROW,
        startTimeOfDay: time('16:00'),
        endTimeOfDay: time('24:00'),
        repeatInterval: hours(16),
      },
      ['2026-03-10T16:00Z', '2026-03-11T08:00Z'],
    ],
    [
      'at the end of the day, when it starts at 24:00',
      { scheduleStartDate: TODAY, scheduleEndDate: TODAY, startTimeOfDay: time('24:00') },
      ['2026-03-11T00:00Z'],
    ],
    // google.type.TimeOfDay: "An API may allow the value 60 if it allows leap-seconds."
    [
      'in the next minute, when its second is 60',
      { scheduleStartDate: TODAY, scheduleEndDate: TODAY, startTimeOfDay: time('17:59:60') },
      ['2026-03-10T18:00Z'],
    ],
    [
      'on the leap day',
      { scheduleStartDate: date('2028-02-29'), scheduleEndDate: date('2028-03-01'), startTimeOfDay: time('1:00') },
      ['2028-02-29T01:00Z', '2028-03-01T01:00Z'],
    ],
  ])('%s', (_title, message, expected) => {
    expect(runs(message, NOW)).toEqual(expected);
  });

  // "The first scheduled TransferOperation takes place on June 3 at midnight UTC."
  test('a day later when it reaches the server just after midnight', () => {
    const message = { scheduleStartDate: date('2026-06-02'), startTimeOfDay: {} };

    expect(runs(message, '2026-06-02T00:00:00.001Z', 1)).toEqual(['2026-06-03T00:00Z']);
    expect(runs(message, '2026-06-01T23:59:59.999Z', 1)).toEqual(['2026-06-02T00:00Z']);
  });

  test('at once, and not never, in the last moment of its last day', () => {
    const message = { scheduleStartDate: YESTERDAY, scheduleEndDate: TODAY };

    expect(runs(message, '2026-03-10T23:59:59.900Z')).toEqual(['2026-03-10T23:59:59.900Z']);
  });
});

test.each<[string, Message | undefined]>([
  ['is not set', undefined],
  ['is empty, as the real API returns it', {}],
  ['holds nothing but empty messages', { scheduleStartDate: {}, startTimeOfDay: {} }],
])('a schedule that %s is none', (_title, message) => {
  expect(scheduleOf(message, 'schedule')).toBeUndefined();
});

describe('a schedule is refused', () => {
  test.each<[string, Message, string]>([
    ['without a start date', { scheduleEndDate: TODAY }, 'schedule_start_date'],
    ['with a date that is not whole', { scheduleStartDate: { year: 2026, month: 3 } }, 'schedule_start_date'],
    ['with a day that no month has', { scheduleStartDate: date('2026-02-29') }, 'schedule_start_date'],
    ['with a year beyond 9999', { scheduleStartDate: date('10000-01-01') }, 'schedule_start_date'],
    ['that ends before it starts', { scheduleStartDate: TODAY, scheduleEndDate: YESTERDAY }, 'schedule_end_date'],
    // "If `end_time_of_day` is set and `schedule_end_date` is not set, then INVALID_ARGUMENT is returned."
    ['with an end time and no end date', { scheduleStartDate: TODAY, endTimeOfDay: time('8:00') }, 'end_time_of_day'],
    // "This field must be greater than or equal to the timestamp corresponding to the combination of …"
    [
      'with an end time before its start',
      { scheduleStartDate: TODAY, scheduleEndDate: TODAY, startTimeOfDay: time('8:00'), endTimeOfDay: time('7:59') },
      'end_time_of_day',
    ],
    ['with hour 25', { scheduleStartDate: TODAY, startTimeOfDay: { hours: 25 } }, 'start_time_of_day'],
    ['with 24:01', { scheduleStartDate: TODAY, startTimeOfDay: { hours: 24, minutes: 1 } }, 'start_time_of_day'],
    ['with minute 60', { scheduleStartDate: TODAY, startTimeOfDay: { minutes: 60 } }, 'start_time_of_day'],
    ['with second 61', { scheduleStartDate: TODAY, startTimeOfDay: { seconds: 61 } }, 'start_time_of_day'],
    ['with a negative hour', { scheduleStartDate: TODAY, startTimeOfDay: { hours: -1 } }, 'start_time_of_day'],
    // "This value may not be less than 1 hour."
    ['with 59:59', { scheduleStartDate: TODAY, repeatInterval: { seconds: '3599' } }, 'repeat_interval'],
    ['with an interval of nothing', { scheduleStartDate: TODAY, repeatInterval: {} }, 'repeat_interval'],
    ['with a negative one', { scheduleStartDate: TODAY, repeatInterval: { seconds: '-7200' } }, 'repeat_interval'],
    ['with one of ages', { scheduleStartDate: TODAY, repeatInterval: { seconds: '400000000000' } }, 'repeat_interval'],
  ])('%s', (_title, message, field) => {
    let refusal: unknown;
    try {
      scheduleOf(message, 'schedule');
    } catch (error) {
      refusal = error;
    }

    expect(refusal).toBeInstanceOf(StatusError);
    const { code, info } = refusal as StatusError;
    expect([codeName(code), info.metadata?.['field']]).toEqual(['INVALID_ARGUMENT', `schedule.${field}`]);
  });
});

test('a run is found from before it, after it and among all, whatever the schedule', () => {
  const day = fc.integer({ min: 0, max: 30 }).map((offset) => Date.UTC(2026, 2, 1 + offset));
  const schedules = fc.record(
    {
      startDateMs: day,
      endDateMs: day,
      startTimeMs: fc.integer({ min: 0, max: 24 * HOUR_MS }),
      repeatIntervalMs: fc.integer({ min: HOUR_MS, max: 100 * HOUR_MS }),
    },
    { requiredKeys: ['startDateMs', 'repeatIntervalMs'] },
  );
  const moments = fc.integer({ min: Date.UTC(2026, 1, 20), max: Date.UTC(2026, 3, 10) });

  fc.assert(
    fc.property(schedules, moments, moments, (schedule, sinceMs, momentMs) => {
      const timetable = timetableOf(schedule, sinceMs);
      const all: number[] = [];
      for (let next = nextRun(timetable, -Infinity); next !== undefined && all.length < 2000;) {
        all.push(next);
        next = nextRun(timetable, next);
      }
      const passed = all.filter((it) => it <= momentMs);

      expect([...all].sort((left, right) => left - right)).toEqual(all);
      expect(lastRun(timetable, momentMs)).toBe(passed.at(-1));
      expect(nextRun(timetable, momentMs)).toBe(all.find((it) => it > momentMs));
      const [first, last] = [passed[0], passed.at(-1)];
      if (first !== undefined && last !== undefined) expect(countRuns(timetable, first, last)).toBe(passed.length);
    }),
  );
});
