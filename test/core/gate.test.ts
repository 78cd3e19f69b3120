import { expect, test } from '@jest/globals';
import { Gate } from '../../src/core/gate.ts';

const { signal } = new AbortController();

/** Acts that begin in turn and end when they are told to. */
class Acts {
  readonly begun: string[] = [];
  readonly #ends = new Map<string, () => void>();

  readonly of = (name: string) => (): Promise<string> => {
    this.begun.push(name);
    return new Promise((resolve) => {
      this.#ends.set(name, () => {
        resolve(name);
      });
    });
  };

  end(name: string): void {
    this.#ends.get(name)?.();
  }
}

test('no more are inside than may be, and the others come in the order of waiting', async () => {
  const gate = new Gate(2);
  const acts = new Acts();
  const runs = ['a', 'b', 'c', 'd'].map((name) => gate.run(acts.of(name), signal));
  await Promise.resolve();
  expect(acts.begun).toEqual(['a', 'b']);
  acts.end('b');
  await runs[1];
  acts.end('a');
  await runs[0];
  expect(acts.begun).toEqual(['a', 'b', 'c', 'd']);
  acts.end('c');
  acts.end('d');
  expect(await Promise.all(runs)).toEqual(['a', 'b', 'c', 'd']);
});

test('one that fails leaves its place to the next', async () => {
  const gate = new Gate(1);
  const fails = gate.run(() => Promise.reject(new Error('broken')), signal);
  const next = gate.run(() => Promise.resolve('next'), signal);
  await expect(fails).rejects.toThrow('broken');
  expect(await next).toBe('next');
  expect(await gate.run(() => Promise.resolve('later'), signal)).toBe('later');
});

test('who leaves while waiting does nothing, and holds up nobody', async () => {
  const gate = new Gate(1);
  const acts = new Acts();
  const leaver = new AbortController();
  const first = gate.run(acts.of('first'), signal);
  const leaves = gate.run(acts.of('leaves'), leaver.signal);
  const last = gate.run(acts.of('last'), signal);
  leaver.abort(new Error('enough'));
  await expect(leaves).rejects.toThrow('enough');
  acts.end('first');
  await first;
  acts.end('last');
  expect([await last, acts.begun]).toEqual(['last', ['first', 'last']]);
});
