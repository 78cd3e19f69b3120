import { expect, test } from '@jest/globals';
import { descriptionLines } from '../../../src/cli/format/description-lines.ts';

const progress = { items: { done: '1', total: '2', totalComplete: true }, timeLeft: { seconds: '17' } };

test('the progress of what runs tells how long it will take', () => {
  const lines = descriptionLines({ summary: { progress } });
  expect(lines).toContainEqual(expect.stringMatching(/^Progress: +1 of 2 items$/));
  expect(lines).toContainEqual(expect.stringMatching(/^ +0:17 left$/));
});

test('of what has ended no time is left, whatever its last report told', () => {
  const lines = descriptionLines({ summary: { progress, endTime: { seconds: '1' } } });
  expect(lines.join('\n')).not.toContain('left');
});

test('one item is one item', () => {
  const lines = descriptionLines({ summary: { progress: { items: { done: '1' } } } });
  expect(lines).toContainEqual(expect.stringMatching(/^Progress: +1 item$/));
});
