/**
 * A process of its own for the tests that kill one, or need two: `node sqlite-process.ts <what> <file>`. Each line that it
 * prints was true when it was printed.
 */
import type { Worker } from 'node:worker_threads';
import { StatusError } from '../../src/core/status-error.ts';
import { systemClock } from '../../src/core/clock.ts';
import { openSqliteDatabase } from '../../src/repositories/sqlite-database.ts';
import { sampleOperation } from '../operations/sample-operation.ts';

const [, , what = '', path = ''] = process.argv;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function explain(promise: Promise<unknown>): Promise<void> {
  try {
    await promise;
    say('resolved');
  } catch (error) {
    say(error instanceof StatusError ? `${error.code} ${error.info.reason} ${error.message}` : String(error));
  }
}

/** Holds the file until it is killed. */
async function hold(): Promise<void> {
  await openSqliteDatabase({ path, clock: systemClock });
  say('open');
  setInterval(() => undefined, 1_000);
}

/** Opens the file and lets go of it again, quickly. */
async function open(): Promise<void> {
  await explain(
    openSqliteDatabase({ path, clock: systemClock, limits: { openTimeoutMs: 100 } }).then((it) => it.close()),
  );
}

/** Writes from many callers until it is killed, and says what was acknowledged. */
async function storm(): Promise<void> {
  const { operations } = await openSqliteDatabase({ path, clock: systemClock });
  let last = 0;
  const write = async (): Promise<void> => {
    for (;;) {
      const name = `operations/${++last}`;
      const journal = [{ put: { operation: name, id: 'a', value: new Uint8Array(10) } }];
      await operations.insert(sampleOperation({ name, encoded: new Uint8Array(300) }), { journal });
      say(`created ${name}`);
      const also = { journal: [{ remove: { operation: name, id: 'a' } }] };
      await operations.update(name, (it) => ({ ...it, state: 'SUCCEEDED' }), also);
      say(`done ${name}`);
    }
  };
  await Promise.all(Array.from({ length: 20 }, write));
}

/** What callers see when the database's thread ends without being asked to. */
async function loseThread(): Promise<void> {
  const threads: Worker[] = [];
  process.on('worker', (thread) => threads.push(thread));
  const database = await openSqliteDatabase({ path, clock: systemClock });
  await database.operations.insert(sampleOperation());
  // Writes: a read may be answered before the thread has ended.
  const pending = ['operations/2', 'operations/3'].map((name) => database.operations.insert(sampleOperation({ name })));
  say(`lost ${database.lost.aborted}`);
  await threads[0]?.terminate();
  for (const call of pending) await explain(call);
  await explain(database.operations.update('operations/1', (it) => ({ ...it, priority: 1 })));
  await explain(database.resources.get('k', 'n'));
  await explain(database.check());
  await explain(database.close());
  say(`lost ${database.lost.aborted}`);
}

const commands: Record<string, () => Promise<void>> = { hold, open, storm, loseThread };
await commands[what]?.();
