import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Operation } from '../../../src/operations/operation.ts';
import { end, endCancelled } from '../../../src/operations/transitions.ts';
import { openMemoryDatabase, type MemoryDatabase } from '../../../src/repositories/memory-database.ts';
import { transferJobCodec } from '../../../src/schema/transfer-job.ts';
import { owedNotificationCodec, transferNotificationOf } from '../../../src/schema/transfer-notification.ts';
import type { Message } from '../../../src/transfers/jobs/field-rules.ts';
import { newTransferJob } from '../../../src/transfers/jobs/job-rules.ts';
import { TRANSFER_OPERATION_KIND } from '../../../src/transfers/jobs/transfer-job.ts';
import { DEFAULT_NOTIFICATION_LIMITS } from '../../../src/transfers/notifications/limits.ts';
import type { Notification } from '../../../src/transfers/notifications/notification.ts';
import type { NotificationTarget } from '../../../src/transfers/notifications/notification-target.ts';
import { Notifier } from '../../../src/transfers/notifications/notifier.ts';
import { NOTIFICATION_KIND, owe } from '../../../src/transfers/notifications/outbox.ts';
import { EMPTY } from '../../../src/core/any.ts';
import { createOperation } from '../../../src/operations/create.ts';
import { DEFAULT_OPERATIONS_LIMITS } from '../../../src/operations/limits.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { RecordingLogger } from '../../support/recording-logger.ts';
import { JOB } from '../jobs/sample-job.ts';

const NAME = 'transferOperations/transferJobs-a-1';
const TOPIC = 'projects/p/topics/t';
const DAY_MS = 24 * 3_600_000;

/** Keeps what it is given, unless it refuses or says nothing. */
class RecordingTarget implements NotificationTarget {
  readonly delivered: Notification[] = [];
  refuses = false;
  /** The message that is not answered. */
  silentFor = '';
  attemptCount = 0;

  deliver(notification: Notification, signal: AbortSignal): Promise<void> {
    this.attemptCount += 1;
    if (this.silentFor === notification.messageId) return untilAborted(signal);
    if (this.refuses) return Promise.reject(new Error('not now'));
    this.delivered.push(notification);
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
}

let clock: FakeClock;
let database: MemoryDatabase;
let logger: RecordingLogger;
let target: RecordingTarget;
let stop: AbortController;

beforeEach(() => {
  clock = new FakeClock(Date.UTC(2026, 2, 10));
  database = openMemoryDatabase({ clock });
  logger = new RecordingLogger();
  target = new RecordingTarget();
  stop = new AbortController();
});

afterEach(() => {
  stop.abort();
});

function notifier(topic = TOPIC): Notifier {
  return new Notifier({
    database,
    codec: owedNotificationCodec,
    notificationOf: transferNotificationOf,
    bindings: [{ topic, target }],
    clock,
    logger,
    random: () => 0.5,
    limits: DEFAULT_NOTIFICATION_LIMITS,
  });
}

/** An operation of a job that asks for notifications, with what it owes. */
async function start(config: Message = {}, name = NAME): Promise<void> {
  const notificationConfig = { pubsubTopic: TOPIC, payloadFormat: 'NONE', ...config };
  const job = newTransferJob({ ...JOB, notificationConfig }, { name: 'transferJobs/a', now: clock.now() });
  const input = {
    name,
    surface: 'storagetransfer',
    collection: 'p',
    kind: TRANSFER_OPERATION_KIND,
    request: transferJobCodec.encodeRequest(job),
  };
  const owed = owe({ name, projectId: 'p' }, clock.now(), clock.now() + 60_000);
  const operation = createOperation(input, clock.now(), DEFAULT_OPERATIONS_LIMITS);
  await database.operations.insert(operation, { resources: [owed] });
}

async function finish(change = succeed, name = NAME): Promise<void> {
  await database.operations.update(name, change);
}

function succeed(operation: Operation, now: number): Operation {
  return end(operation, now, 'SUCCEEDED', { response: EMPTY });
}

function run(): void {
  void notifier().run(stop.signal);
}

function owedCount(): Promise<number> {
  return database.resources.due(NOTIFICATION_KIND, Number.MAX_SAFE_INTEGER, 10).then((owed) => owed.length);
}

describe('the notification of an operation that has ended', () => {
  test('comes at once, with the attributes that Pub/Sub has, and once', async () => {
    await start();
    run();
    await clock.advance(1000);
    await finish();
    await clock.advance(10);

    expect(target.delivered).toEqual([
      {
        topic: TOPIC,
        messageId: NAME,
        publishTimeMs: Date.UTC(2026, 2, 10, 0, 0, 1),
        attributes: {
          eventType: 'TRANSFER_OPERATION_SUCCESS',
          payloadFormat: 'NONE',
          projectId: 'p',
          transferJobName: 'transferJobs/a',
          transferOperationName: NAME,
        },
        data: '',
      },
    ]);
    await clock.advance(120_000);
    expect(target.attemptCount).toBe(1);
    expect(await owedCount()).toBe(0);
  });

  // "`TransferOperation` is formatted as a JSON response … in application/json."
  test('holds the operation as JSON where that was asked for', async () => {
    await start({ payloadFormat: 'JSON' });
    await finish();
    clock.shift(60_000);

    await notifier().round(stop.signal);

    expect(JSON.parse(target.delivered[0]?.data ?? '')).toMatchObject({
      name: NAME,
      projectId: 'p',
      transferJobName: 'transferJobs/a',
      status: 'SUCCESS',
      endTime: '2026-03-10T00:00:00Z',
      notificationConfig: { pubsubTopic: TOPIC, payloadFormat: 'JSON' },
    });
  });

  test.each<[string, typeof succeed, string]>([
    ['failed', (it, now) => end(it, now, 'FAILED', { error: { code: 5, message: 'no' } }), 'FAILED'],
    ['was cancelled', (it, now) => endCancelled(it, now, true), 'ABORTED'],
  ])('that %s says so', async (_title, change, event) => {
    await start();
    await finish(change);
    clock.shift(60_000);

    await notifier().round(stop.signal);

    expect(target.delivered[0]?.attributes['eventType']).toBe(`TRANSFER_OPERATION_${event}`);
  });

  // "Event types for which a notification is desired. If empty, send notifications for all event types."
  test.each([
    [['TRANSFER_OPERATION_FAILED'], 0],
    [['TRANSFER_OPERATION_FAILED', 'TRANSFER_OPERATION_SUCCESS'], 1],
    [[], 1],
  ])('with the event types %j comes %i times', async (eventTypes, count) => {
    await start({ eventTypes });
    await finish();
    clock.shift(60_000);

    await notifier().round(stop.signal);

    expect(target.delivered).toHaveLength(count);
    expect(await owedCount()).toBe(0);
  });

  test('comes within a minute when its hint was lost, as after a restart', async () => {
    await start();
    await finish();
    run();

    await clock.advance(61_000);

    expect(target.delivered).toHaveLength(1);
  });

  test('waits for an operation that goes on, however long', async () => {
    await start();
    run();
    await clock.advance(300_000);
    expect(target.attemptCount).toBe(0);

    await finish();
    await clock.advance(10);

    expect(target.delivered).toHaveLength(1);
  });

  test('is tried again, less and less often, until it is accepted', async () => {
    await start();
    await finish();
    target.refuses = true;
    run();
    await clock.advance(180_000);
    const earlyCount = target.attemptCount;
    clock.shift(DAY_MS);
    target.refuses = false;
    await clock.advance(1000);

    expect(earlyCount).toBeGreaterThan(3);
    expect(earlyCount).toBeLessThan(10);
    expect(target.delivered).toHaveLength(1);
    expect(await owedCount()).toBe(0);
  });

  test('is given up on when nobody accepts it for a week, and the log says so', async () => {
    await start();
    await finish();
    target.refuses = true;
    clock.shift(7 * DAY_MS);

    await notifier().round(stop.signal);

    expect(await owedCount()).toBe(0);
    expect(logger.ofLevel('error')).toMatchObject([{ fields: { operation: NAME, topic: TOPIC } }]);
  });

  test('stays owed while its topic is bound to nothing', async () => {
    await start();
    await finish();
    clock.shift(60_000);

    await notifier('projects/p/topics/other').round(stop.signal);
    expect(await owedCount()).toBe(1);
    expect(logger.ofLevel('warn')[0]?.fields['error']).toMatchObject({ info: { reason: 'TOPIC_NOT_BOUND' } });
    clock.shift(60_000);
    await notifier('projects/p/topics/*').round(stop.signal);

    expect(target.delivered).toHaveLength(1);
  });

  test('comes once from two replicas that look at once', async () => {
    await start();
    await finish();
    clock.shift(60_000);

    await Promise.all([notifier().round(stop.signal), notifier().round(stop.signal)]);

    expect(target.delivered).toHaveLength(1);
  });

  test('comes again from the next process when one is killed between its delivery and its record of it', async () => {
    await start();
    await finish();
    clock.shift(60_000);
    const { write } = database.resources;
    let writeCount = 0;
    database.resources.write = (changes) => {
      writeCount += 1;
      return writeCount === 1 ? write.call(database.resources, changes) : Promise.reject(new Error('killed'));
    };
    await notifier()
      .round(stop.signal)
      .catch(() => undefined);
    database.resources.write = write.bind(database.resources);
    clock.shift(60_000);

    await notifier().round(stop.signal);

    expect(target.delivered).toHaveLength(2);
  });

  test('is not kept waiting by another that is not answered', async () => {
    await start();
    await start({}, `${NAME}2`);
    target.silentFor = NAME;
    run();
    await clock.advance(10);
    await finish();
    await finish(succeed, `${NAME}2`);
    await clock.advance(10);

    expect(target.delivered.map(({ messageId }) => messageId)).toEqual([`${NAME}2`]);
  });

  test('of a target that does not answer is given up after ten seconds, for this time', async () => {
    await start();
    await finish();
    target.silentFor = NAME;
    run();

    await clock.advance(75_000);

    expect(logger.ofLevel('warn')[0]?.fields['error']).toMatchObject({ info: { reason: 'NOTIFICATION_TIMEOUT' } });
    expect(await owedCount()).toBe(1);
  });
});

test('what is owed for an operation that has gone is forgotten', async () => {
  await database.resources.write([owe({ name: NAME, projectId: 'p' }, clock.now(), clock.now())]);

  await notifier().round(stop.signal);

  expect(await owedCount()).toBe(0);
});
