import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openMemoryDatabase, type MemoryDatabase } from '../../src/repositories/memory-database.ts';
import { openHarness, type SqliteHarness } from '../repositories/sqlite-harness.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FAULTS, FaultyOperations, type Fault } from './faulty-operations.ts';
import { history, Run, type Step, type Subject } from './repository-steps.ts';

/** More for a night: `FC_FACTOR=10 npm test -- test/property` is ten times as much. */
const FACTOR = Number(process.env['FC_FACTOR'] ?? 1);

/** Enough to find each planted fault many times over, and done in well under a minute on two cores. */
const RUNS = 750 * FACTOR;
const CONCURRENT_RUNS = 250 * FACTOR;

/** Fixed, so that a change of the code alone decides; FC_SEED tries another. A failure prints it. */
const SEED = Number(process.env['FC_SEED'] ?? 20_260_102);

class MemorySubject implements Subject {
  readonly clock = new FakeClock();
  readonly database: MemoryDatabase = openMemoryDatabase({ clock: this.clock });

  get operations(): Subject['operations'] {
    return this.database.operations;
  }

  get index(): Subject['index'] {
    return this.database.index;
  }

  async crash(): Promise<void> {
    this.database.forgetSessions();
  }
}

class SqliteSubject implements Subject {
  readonly #harness: SqliteHarness;

  constructor(harness: SqliteHarness) {
    this.#harness = harness;
  }

  get clock(): FakeClock {
    return this.#harness.clock;
  }

  get operations(): Subject['operations'] {
    return this.#harness.database.operations;
  }

  get index(): Subject['index'] {
    return this.#harness.database.index;
  }

  async crash(): Promise<void> {
    await this.#harness.reopen();
  }
}

let runs = 0;

/** Both answer alike at each step, hold the same at the end, and no answer contradicts another. */
async function agree(subject: Subject, steps: readonly Step[]): Promise<void> {
  const id = `run${++runs}`;
  const model = new MemorySubject();
  model.clock.shift(subject.clock.now() - model.clock.now());
  const run = new Run(subject, id);
  const expected = new Run(model, id);
  try {
    for (const step of steps) expect(await run.take(step)).toBe(await expected.take(step));
    expect(await run.contents()).toBe(await expected.contents());
    expect(await run.ledger.violations(subject.operations, subject.clock.now())).toEqual([]);
  } finally {
    await run.clear();
  }
}

/** Whatever is asked for at once, no answer contradicts another. */
async function holdTogether(subject: Subject, steps: readonly Step[], width: number): Promise<void> {
  const run = new Run(subject, `run${++runs}`);
  try {
    for (let start = 0; start < steps.length; start += width) {
      const together = steps.slice(start, start + width);
      await Promise.all(together.filter(({ kind }) => kind !== 'crash').map((step) => run.take(step)));
      if (together.some(({ kind }) => kind === 'crash')) await subject.crash();
    }
    expect(await run.ledger.violations(subject.operations, subject.clock.now())).toEqual([]);
  } finally {
    await run.clear();
  }
}

describe('SQLite', () => {
  let harness: SqliteHarness;

  beforeAll(async () => {
    harness = await openHarness();
  });

  afterAll(() => harness.dispose());

  test(
    'answers every history as the model does, and keeps the invariants',
    async () => {
      const property = fc.asyncProperty(history, (steps) => agree(new SqliteSubject(harness), steps));
      await fc.assert(property, { numRuns: RUNS, seed: SEED });
    },
    300_000 * FACTOR,
  );

  test(
    'keeps the invariants when everything is asked for at once',
    async () => {
      const width = fc.integer({ min: 2, max: 12 });
      const property = fc.asyncProperty(history, width, (steps, count) =>
        holdTogether(new SqliteSubject(harness), steps, count),
      );
      await fc.assert(property, { numRuns: CONCURRENT_RUNS, seed: SEED });
    },
    300_000 * FACTOR,
  );
});

describe('the property', () => {
  const faulty = (fault?: Fault) =>
    fc.asyncProperty(history, (steps) => {
      const memory = new MemorySubject();
      const operations = new FaultyOperations(memory.operations, fault);
      return agree({ clock: memory.clock, operations, index: memory.index, crash: () => memory.crash() }, steps);
    });

  test('finds nothing in the model itself', async () => {
    await fc.assert(faulty(), { numRuns: 100, seed: SEED });
  });

  test.each(FAULTS)('finds a repository that %s', async (fault) => {
    const { failed } = await fc.check(faulty(fault), { numRuns: RUNS, seed: SEED, endOnFailure: true });
    expect(failed).toBe(true);
  });
});
