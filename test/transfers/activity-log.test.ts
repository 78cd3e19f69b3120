import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import { Interrupted } from '../../src/core/cancellation.ts';
import { openActivityLog } from '../../src/open-activity-log.ts';
import { DEFAULT_ACTIVITY_LOG_LIMITS, type ActivityLogLimits } from '../../src/stores/activity-log/limits.ts';
import { NOTHING_PRESERVED } from '../../src/transfers/posix-metadata.ts';
import { runTransfer } from '../../src/transfers/run-transfer.ts';
import type { Deletes, LoggedActions } from '../../src/transfers/spec.ts';
import { FakeOperation, type FakeAttempt } from '../support/fake-operation.ts';
import { TransferFixture } from '../support/transfer-fixture.ts';
import { plantFile } from '../support/tree.ts';

const PROTOS = dirname(fileURLToPath(import.meta.resolve('google-proto-files/package.json')));

let fixture: TransferFixture;
let directory: string;
const failures: string[] = [];
beforeEach(() => {
  fixture = new TransferFixture();
  directory = join(fixture.directory, 'logs');
  failures.length = 0;
  mkdirSync(join(fixture.source, 'd'), { recursive: true });
  mkdirSync(fixture.sink);
});
afterEach(() => {
  fixture.remove();
});

interface Line {
  readonly operation: string;
  readonly action: string;
  readonly status: { readonly statusCode: string; readonly errorType?: string; readonly errorMessage?: string };
  readonly sourceContainer?: { readonly type: string; readonly posixDirectory: { readonly path: string } };
  readonly sourceObject?: { readonly posixFile: { readonly path: string; readonly size: string } };
  readonly destinationObject?: { readonly posixFile: { readonly path: string } };
}

const ALL: LoggedActions = {
  actions: ['FIND', 'COPY', 'DELETE'],
  states: ['SUCCEEDED', 'FAILED', 'SKIPPED'],
  fileSystemLog: false,
};

function run(
  { context }: Pick<FakeAttempt, 'context'>,
  logged: LoggedActions | undefined,
  options: RunOptions = {},
): Promise<unknown> {
  const { deletes = 'nothing', limits = {} } = options;
  const request = fixture.request('DIFFERENT', NOTHING_PRESERVED, deletes);
  const place = { directory, limits: { ...DEFAULT_ACTIVITY_LOG_LIMITS, ...limits } };
  return runTransfer(logged === undefined ? request : { ...request, logged }, context, {
    ...fixture.environment(),
    openLog: (of, ends) =>
      openActivityLog(place, { request: of, ends, onFailure: (detail) => void failures.push(detail) }),
  }).catch((error: unknown) => error);
}

interface RunOptions {
  readonly deletes?: Deletes;
  readonly limits?: Partial<ActivityLogLimits>;
}

const path = (name = 'transferJobs-1-1.ndjson'): string => join(directory, 'project', name);

function lines(name?: string): readonly Line[] {
  const texts = readFileSync(path(name), 'utf8').split('\n');
  expect(texts.pop()).toBe('');
  return texts.map((text) => JSON.parse(text) as Line);
}

/** `COPY OK a.txt`, in order. */
const told = (): readonly string[] =>
  lines()
    .map(({ action, status, sourceContainer, sourceObject, destinationObject }) => {
      const at =
        sourceContainer?.posixDirectory.path ?? sourceObject?.posixFile.path ?? destinationObject?.posixFile.path ?? '';
      return `${action} ${status.statusCode} ${at.replace(`${fixture.directory}/`, '')}`;
    })
    .toSorted();

describe('the log of a transfer', () => {
  /** Of all that can become of an object. */
  function plantAll(): void {
    plantFile(fixture.source, 'new', { sizeBytes: 3 });
    plantFile(fixture.source, 'd/same', { sizeBytes: 4 });
    mkdirSync(join(fixture.sink, 'd'));
    plantFile(fixture.sink, 'd/same', { sizeBytes: 4 });
    plantFile(fixture.source, 'taken', { sizeBytes: 5 });
    mkdirSync(join(fixture.sink, 'taken'));
    plantFile(fixture.source, 'large', { sizeBytes: 200_000 });
    plantFile(fixture.sink, 'unique', { sizeBytes: 6 });
  }

  test('tells of every directory and object, what became of it, and why not', async () => {
    plantAll();
    await run(new FakeOperation().attempt(1n), ALL, { deletes: 'unique-in-sink' });
    expect(told()).toEqual([
      'COPY ALREADY_EXISTS source/d/same',
      'COPY FAILED_PRECONDITION source/taken',
      'COPY OK source/large',
      'COPY OK source/new',
      'DELETE OK sink/unique',
      'FIND OK source',
      'FIND OK source/d',
    ]);
    const failed = lines().find(({ status }) => status.statusCode === 'FAILED_PRECONDITION');
    expect(failed?.status.errorMessage).toMatch(/directory/);
    const copied = lines().find(({ sourceObject }) => sourceObject?.posixFile.path.endsWith('/new'));
    expect(copied).toMatchObject({
      operation: 'transferOperations/transferJobs-1-1',
      sourceObject: { type: 'POSIX_FS', posixFile: { size: '3', lastModifiedTime: '2020-09-13T12:26:40.000Z' } },
    });
    expect(statSync(path()).mode & 0o777).toBe(0o600);
  });

  test.each<[string, Partial<LoggedActions>, readonly string[]]>([
    // "Listing objects in a bucket."
    ['FIND alone', { actions: ['FIND'] }, ['FIND OK source', 'FIND OK source/d']],
    // "Deleting objects at the source or the destination."
    ['DELETE alone', { actions: ['DELETE'] }, ['DELETE OK sink/unique']],
    // "`LoggableAction` terminated in an error state."
    ['FAILED alone', { states: ['FAILED'] }, ['COPY FAILED_PRECONDITION source/taken']],
    // "`LoggableAction` completed successfully."
    [
      'SUCCEEDED alone',
      { states: ['SUCCEEDED'] },
      ['COPY OK source/large', 'COPY OK source/new', 'DELETE OK sink/unique', 'FIND OK source', 'FIND OK source/d'],
    ],
  ])('of %s has nothing else', async (_title, logged, expected) => {
    plantAll();
    await run(new FakeOperation().attempt(1n), { ...ALL, ...logged }, { deletes: 'unique-in-sink' });
    expect(told()).toEqual(expected);
  });

  test('is made of TransferActivityLog messages', async () => {
    plantFile(fixture.source, 'new', { sizeBytes: 3 });
    await run(new FakeOperation().attempt(1n), ALL);
    const root = new protobuf.Root();
    root.resolvePath = (_origin, target) => join(PROTOS, target);
    const type = root
      .loadSync('google/storagetransfer/logging/transfer_activity_log.proto')
      .lookupType('google.storagetransfer.logging.TransferActivityLog');
    for (const line of lines()) expect(strangers(line, type)).toEqual([]);
  });

  test.each<[string, LoggedActions, readonly string[]]>([
    ['"Loggable actions … If empty, no logs are generated."', { ...ALL, actions: [] }, []],
    ['"States in which log_actions are logged. If empty, no logs are generated."', { ...ALL, states: [] }, []],
    ['COPY alone', { ...ALL, actions: ['COPY'] }, ['COPY ALREADY_EXISTS source/same', 'COPY OK source/new']],
    ['SKIPPED alone', { ...ALL, states: ['SKIPPED'] }, ['COPY ALREADY_EXISTS source/same']],
    [
      'file system transfer logs: "This option ignores LoggableAction and LoggableActionState."',
      { actions: [], states: [], fileSystemLog: true },
      ['COPY ALREADY_EXISTS source/same', 'COPY OK source/new', 'FIND OK source', 'FIND OK source/d'],
    ],
  ])('%s', async (_title, logged, expected) => {
    plantFile(fixture.source, 'new', { sizeBytes: 3 });
    plantFile(fixture.source, 'same', { sizeBytes: 4 });
    plantFile(fixture.sink, 'same', { sizeBytes: 4 });
    await run(new FakeOperation().attempt(1n), logged);
    if (expected.length === 0) expect(readdirSync(fixture.directory)).not.toContain('logs');
    else expect(told()).toEqual(expected);
  });

  test('is not made where no job asks for it', async () => {
    await run(new FakeOperation().attempt(1n), undefined);
    expect(readdirSync(fixture.directory)).not.toContain('logs');
  });

  test('has every object that a stopped attempt copied, at least once', async () => {
    for (let index = 0; index < 200; index += 1) plantFile(fixture.source, `f${index}`, { sizeBytes: 2000 });
    const operation = new FakeOperation();
    let fence = 0n;
    for (const kind of ['lease-lost', 'lease-lost', 'user'] as const) {
      fence += 1n;
      const attempt = operation.attempt(fence);
      const { commit } = attempt.context.journal;
      let count = 0;
      const journal = {
        ...attempt.context.journal,
        commit: async (...given: Parameters<typeof commit>) => {
          count += 1;
          if (count === 2) attempt.interrupt(new Interrupted(kind, 0));
          await commit(...given);
        },
      };
      await run({ context: { ...attempt.context, journal } }, ALL);
    }
    const copied = new Set(told().filter((line) => line.startsWith('COPY OK')));
    expect(copied.size).toBe(operation.state.progress?.counters.objectsCopiedToSink);
  });

  test('goes on behind half a line that a killed process left, and in another file when one is full', async () => {
    plantFile(fixture.source, 'new', { sizeBytes: 3 });
    mkdirSync(join(directory, 'project'), { recursive: true });
    writeFileSync(path(), '{"operation":"trans');
    await run(new FakeOperation().attempt(1n), ALL, { limits: { fileSizeBytesMax: 700 } });
    expect(readFileSync(path(), 'utf8')).toMatch(/^\{"operation":"trans\n\{/);
    appendFileSync(path(), `${' '.repeat(700)}\n`);
    plantFile(fixture.source, 'newer', { sizeBytes: 3 });
    await run(new FakeOperation().attempt(1n), ALL, { limits: { fileSizeBytesMax: 700 } });
    expect(lines('transferJobs-1-1.1.ndjson').length).toBeGreaterThan(0);
  });

  test('of operations that are long gone is removed', async () => {
    mkdirSync(join(directory, 'project'), { recursive: true });
    for (const name of ['old.ndjson', 'young.ndjson', 'old.txt']) writeFileSync(path(name), '');
    for (const name of ['old.ndjson', 'old.txt']) utimesSync(path(name), 1, 1);
    await run(new FakeOperation().attempt(1n), ALL);
    expect(readdirSync(join(directory, 'project')).toSorted()).toEqual([
      'old.txt',
      'transferJobs-1-1.ndjson',
      'young.ndjson',
    ]);
  });

  test('that cannot be written ends with one word, and the transfer goes on', async () => {
    for (let index = 0; index < 100; index += 1) plantFile(fixture.source, `f${index}`, { sizeBytes: 20 });
    writeFileSync(directory, 'no directory');
    expect(await run(new FakeOperation().attempt(1n), ALL)).toBe('done');
    expect(failures).toHaveLength(1);
  });
});

/** Members of a JSON object that a message has no field for, and enum values that its field does not know. */
function strangers(value: object, type: protobuf.Type): readonly string[] {
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) => {
    const field = type.fields[name]?.resolve();
    if (field === undefined) return [name];
    if (field.resolvedType instanceof protobuf.Enum) {
      return Object.hasOwn(field.resolvedType.values, String(member)) ? [] : [`${name}: ${String(member)}`];
    }
    // A Timestamp is text in JSON.
    if (field.resolvedType === null || !(member instanceof Object)) return [];
    return strangers(member, field.resolvedType);
  });
}
