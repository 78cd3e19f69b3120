import { expect, test } from '@jest/globals';
import { taggedAnswer } from '../../src/http/entity-tag.ts';
import { KeptAnswers } from '../../src/http/kept-answers.ts';

const answer = (body: string) => taggedAnswer({ status: 200, contentType: 'text/plain', body });

test('an answer is found by its very bytes and its form', () => {
  const kept = new KeptAnswers(1_000_000, 1);
  const bytes = Buffer.from('a');
  const one = answer('one');
  kept.keep(bytes, 'indented', one);
  const other = [kept.find(Buffer.from('a'), 'indented'), kept.find(bytes, 'compact')];
  expect([kept.find(bytes, 'indented'), ...other]).toEqual([one, undefined, undefined]);
});

test('what is asked for stays, what is not goes, and the room is never exceeded', () => {
  const kept = new KeptAnswers(100_000, 10_000);
  const [asked, left] = [Buffer.from('asked'), Buffer.from('left')];
  kept.keep(asked, 'f', answer('a'));
  kept.keep(left, 'f', answer('b'));
  const others = Array.from({ length: 1000 }, (_, index) => Buffer.from(String(index)));
  for (const other of others) {
    kept.keep(other, 'f', answer('x'));
    kept.find(asked, 'f');
  }
  const count = others.filter((other) => kept.find(other, 'f') !== undefined).length;
  expect([kept.find(asked, 'f') !== undefined, kept.find(left, 'f')]).toEqual([true, undefined]);
  expect(count * 400).toBeLessThanOrEqual(100_000);
});

test('an answer that would take a great share of the room has its own, and pushes out none that are small', () => {
  const kept = new KeptAnswers(100_000, 20_000);
  const small = Buffer.from('small');
  kept.keep(small, 'f', answer('x'));
  const large = Array.from({ length: 100 }, (_, index) => Buffer.from(String(index)));
  for (const message of large) kept.keep(message, 'f', answer('x'.repeat(2000)));
  const found = large.map((message) => kept.find(message, 'f') !== undefined);
  expect([kept.find(small, 'f') !== undefined, found.at(-1)]).toEqual([true, true]);
  expect(found.filter(Boolean).length * 4000).toBeLessThanOrEqual(20_000);
});

test('an answer that is larger than half of all the room is not kept', () => {
  const kept = new KeptAnswers(100_000, 6000);
  const bytes = Buffer.from('a');
  kept.keep(bytes, 'f', answer('x'.repeat(2000)));
  expect(kept.find(bytes, 'f')).toBeUndefined();
});
