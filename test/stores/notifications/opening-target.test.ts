import { beforeEach, expect, test } from '@jest/globals';
import { OpeningTarget } from '../../../src/stores/notifications/opening-target.ts';
import type { Notification } from '../../../src/transfers/notifications/notification.ts';

const notification = {} as Notification;
const { signal } = new AbortController();

let events: string[];
let failureCount: number;
let target: OpeningTarget;

beforeEach(() => {
  events = [];
  failureCount = 0;
  target = new OpeningTarget(() => {
    events.push('open');
    if (failureCount-- > 0) return Promise.reject(new Error('not now'));
    const tell = (what: string) => (): Promise<void> => Promise.resolve(void events.push(what));
    return Promise.resolve({ deliver: tell('deliver'), close: tell('close') });
  });
});

test('a target is opened for the first notification, once', async () => {
  expect(events).toEqual([]);
  await Promise.all([target.deliver(notification, signal), target.deliver(notification, signal)]);
  await target.close();
  expect(events).toEqual(['open', 'deliver', 'deliver', 'close']);
});

test('a target that nobody was told by is not opened to be closed', async () => {
  await target.close();
  expect(events).toEqual([]);
});

test('a target that could not be opened is opened anew', async () => {
  failureCount = 1;
  await expect(target.deliver(notification, signal)).rejects.toThrow('not now');
  await target.deliver(notification, signal);
  expect(events).toEqual(['open', 'open', 'deliver']);
});
