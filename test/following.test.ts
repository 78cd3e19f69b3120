import { expect, test } from '@jest/globals';
import { follow } from '../src/following.ts';
import { RecordingLogger } from './support/recording-logger.ts';

test('a part that fails is told, ends nothing else, and leaves no rejection behind', async () => {
  const logger = new RecordingLogger();
  const stop = new AbortController();
  const error = new Error('broken');
  const ends: string[] = [];
  const following = follow(
    {
      broken: () => Promise.reject(error),
      sound: (signal) => {
        const { promise, resolve } = Promise.withResolvers<undefined>();
        signal.addEventListener('abort', () => {
          ends.push('sound');
          resolve(undefined);
        });
        return promise;
      },
    },
    stop.signal,
    logger,
  );
  await Promise.resolve();
  await Promise.resolve();
  expect(following.failed).toMatchObject({ aborted: true, reason: error });
  expect(logger.ofLevel('error')).toMatchObject([{ fields: { part: 'broken', error } }]);
  expect(ends).toEqual([]);
  stop.abort();
  await following.ended;
  expect(ends).toEqual(['sound']);
});
