import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lchownSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Code } from '../../src/core/code.ts';
import type { TransferLimits } from '../../src/transfers/limits.ts';
import {
  NOTHING_PRESERVED,
  wantedAttributes,
  type FileAttributes,
  type PreservedMetadata,
} from '../../src/transfers/posix-metadata.ts';
import { runTransfer } from '../../src/transfers/run-transfer.ts';
import type { OverwriteWhen } from '../../src/transfers/spec.ts';
import type { TransferEnvironment } from '../../src/transfers/transfer-environment.ts';
import { FakeOperation, type FakeAttempt } from '../support/fake-operation.ts';
import { TransferFixture } from '../support/transfer-fixture.ts';
import { compareTrees, listLeftovers, plantFile, plantTree, readAttributes, toPath } from '../support/tree.ts';

const PROCESS = fileURLToPath(new URL('../support/transfer-process.ts', import.meta.url));
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const asRoot = isRoot ? test : test.skip;

const MODE: PreservedMetadata = { ...NOTHING_PRESERVED, mode: true };
const ALL: PreservedMetadata = { ...NOTHING_PRESERVED, mode: true, uid: true, gid: true };

let fixture: TransferFixture;
beforeEach(() => {
  fixture = new TransferFixture();
});
afterEach(() => {
  fixture.remove();
});

interface RunOptions {
  readonly metadata?: PreservedMetadata;
  readonly limits?: Partial<TransferLimits>;
  readonly overwriteWhen?: OverwriteWhen;
  readonly environment?: TransferEnvironment;
}

function run(
  attempt: FakeAttempt,
  {
    metadata = ALL,
    limits = {},
    overwriteWhen = 'DIFFERENT',
    environment = fixture.environment(limits),
  }: RunOptions = {},
) {
  return runTransfer(fixture.request(overwriteWhen, metadata), attempt.context, environment);
}

/** A whole operation: answers its counters. */
async function transfer(options: RunOptions = {}) {
  const operation = new FakeOperation();
  await run(operation.attempt(1n), options);
  return operation.state.progress?.counters ?? {};
}

function plantOne(name: string, { mode = 0o640, uid = 0, gid = 0, sizeBytes = 10 } = {}): void {
  mkdirSync(fixture.source, { recursive: true });
  plantFile(fixture.source, name, { sizeBytes });
  if (isRoot) chownSync(join(fixture.source, name), uid, gid);
  chmodSync(join(fixture.source, name), mode);
}

/** Files and directories, small, large and empty, with all kinds of modes; as root with owners, too. */
function plantAttributes(): void {
  const files = plantTree(fixture.source, 7, { fileCount: 120, sizeBytesMax: 100_000 });
  mkdirSync(join(fixture.source, 'empty/deep'), { recursive: true });
  const modes = [0o644, 0o600, 0o444, 0o755, 0o4755, 0o2750, 0o1644, 0o666];
  for (const [index, { path }] of files.entries()) {
    if (isRoot) chownSync(toPath(fixture.source, path), index % 5, index % 7);
    chmodSync(toPath(fixture.source, path), modes[index % modes.length] ?? 0);
  }
  const directories = [...readAttributes(fixture.source)]
    .filter(([, text]) => text.startsWith('4'))
    .map(([path]) => path);
  for (const [index, path] of directories.entries()) {
    if (isRoot) chownSync(toPath(fixture.source, path), index % 3, index % 4);
    chmodSync(toPath(fixture.source, path), [0o755, 0o700, 0o1777, 0o2775][index % 4] ?? 0);
  }
}

/** A whole attempt by somebody to whom permissions mean something. */
function runAsNobody(metadata: PreservedMetadata, limits: Partial<TransferLimits> = {}) {
  for (const path of [fixture.directory, fixture.source]) chownSync(path, NOBODY, 0);
  const state = join(fixture.directory, 'state');
  const texts = [JSON.stringify(limits), String(NOBODY), JSON.stringify(metadata)];
  const parameters = [PROCESS, fixture.directory, state, '1', ...texts];
  spawnSync(process.execPath, parameters, { env: { ...process.env, NODE_OPTIONS: '' } });
  return new FakeOperation(state).state.progress;
}

const modeOf = (name: string): number => statSync(join(fixture.sink, name)).mode & 0o7777;

describe('what a copy is to have', () => {
  const source: FileAttributes = { mode: 0o6755, uid: 1, gid: 2 };
  const copy: FileAttributes = { mode: 0o644, uid: 8, gid: 9 };

  test.each<[string, Partial<PreservedMetadata>, FileAttributes]>([
    ['nothing', {}, copy],
    ['the mode without what lends the rights of another owner', { mode: true }, { ...copy, mode: 0o755 }],
    ['the mode with setuid, where the user is preserved', { mode: true, uid: true }, { mode: 0o4755, uid: 1, gid: 9 }],
    ['the mode with setgid, where the group is preserved', { mode: true, gid: true }, { mode: 0o2755, uid: 8, gid: 2 }],
    ['all', { mode: true, uid: true, gid: true }, source],
    ['the user only', { uid: true }, { ...copy, uid: 1 }],
    ['the group only', { gid: true }, { ...copy, gid: 2 }],
  ])('is %s', (_what, preserved, wanted) => {
    expect(wantedAttributes(source, copy, { ...NOTHING_PRESERVED, ...preserved })).toEqual(wanted);
  });

  test('keeps setuid and setgid where the owner is the same by itself', () => {
    const own = { ...copy, uid: 1, gid: 2 };
    expect(wantedAttributes(source, own, MODE).mode).toBe(0o6755);
  });
});

describe('mode, user and group', () => {
  test.each(['none', 'batch', 'file'] as const)(
    'of files and directories are those of the source, and a second run changes nothing, durability %s',
    async (durability) => {
      plantAttributes();
      const metadata = isRoot ? ALL : MODE;
      await transfer({ metadata, limits: { durability } });
      expect(readAttributes(fixture.sink)).toEqual(readAttributes(fixture.source));
      expect(compareTrees(fixture.source, fixture.sink)).toMatchObject({
        equalCount: 120,
        different: [],
        leftovers: [],
      });
      const before = [...readAttributes(fixture.sink).keys()].map(
        (path) => lstatSync(toPath(fixture.sink, path)).ctimeMs,
      );
      expect(await transfer({ metadata, limits: { durability } })).toMatchObject({
        objectsFromSourceSkippedBySync: 120,
      });
      const after = [...readAttributes(fixture.sink).keys()].map(
        (path) => lstatSync(toPath(fixture.sink, path)).ctimeMs,
      );
      expect(after).toEqual(before);
    },
  );

  test('are not those of the source when nothing is asked for, nor is an empty directory made', async () => {
    plantOne('f', { mode: 0o4777 });
    mkdirSync(join(fixture.source, 'empty'));
    await transfer({ metadata: NOTHING_PRESERVED });
    // 0644 less the umask.
    expect(modeOf('f') & ~0o044).toBe(0o600);
    expect(readdirSync(fixture.sink)).toEqual(['f']);
  });

  test('that alone differ are set in place, and the object counts as skipped', async () => {
    plantOne('small');
    plantOne('large', { sizeBytes: 200_000 });
    await transfer({ metadata: MODE });
    const inodes = ['small', 'large'].map((name) => statSync(join(fixture.sink, name)).ino);
    for (const name of ['small', 'large']) chmodSync(join(fixture.source, name), 0o444);
    const counters = await transfer({ metadata: MODE });
    expect(counters).toMatchObject({ objectsFromSourceSkippedBySync: 2, bytesFromSourceSkippedBySync: 200_010 });
    expect(counters.objectsCopiedToSink).toBeUndefined();
    expect(['small', 'large'].map((name) => statSync(join(fixture.sink, name)).ino)).toEqual(inodes);
    expect(['small', 'large'].map(modeOf)).toEqual([0o444, 0o444]);
  });

  test('of what is there already are left alone by NEVER', async () => {
    plantOne('f');
    await transfer({ metadata: MODE });
    chmodSync(join(fixture.source, 'f'), 0o444);
    expect(await transfer({ metadata: MODE, overwriteWhen: 'NEVER' })).toMatchObject({
      objectsFromSourceSkippedBySync: 1,
    });
    expect(modeOf('f')).toBe(0o640);
  });

  asRoot('of a file that lends its owner’s rights are kept without them, where the owner is not', async () => {
    plantOne('f', { mode: 0o6755, uid: 5, gid: 6 });
    await transfer({ metadata: MODE });
    expect(modeOf('f')).toBe(0o755);
    await transfer({ metadata: ALL });
    expect(modeOf('f')).toBe(0o6755);
  });

  test('keep what is private private while it is copied', async () => {
    mkdirSync(join(fixture.source, 'd'), { recursive: true });
    plantOne('d/large', { mode: 0o644, sizeBytes: 1_000_000 });
    chmodSync(join(fixture.source, 'd'), 0o711);
    const running = transfer({ metadata: MODE, limits: { bytesPerSecondMax: 1_000_000 } });
    while (listLeftovers(fixture.directory).length === 0) await sleep(5);
    const [staging = ''] = readdirSync(join(fixture.sink, 'd'));
    expect(modeOf(join('d', staging))).toBe(0o600);
    expect([modeOf('d'), modeOf('')]).toEqual([0o700, 0o700]);
    await running;
    expect([modeOf('d'), modeOf('d/large')]).toEqual([0o711, 0o644]);
  });

  asRoot.each(['none', 'batch', 'file'] as const)(
    'that close a file to its own writer are set without root too, durability %s',
    (durability) => {
      plantOne('small', { mode: 0o444, uid: NOBODY });
      plantOne('large', { mode: 0o400, uid: NOBODY, sizeBytes: 200_000 });
      const progress = runAsNobody(MODE, { durability });
      expect(progress?.counters).toMatchObject({ objectsCopiedToSink: 2 });
      expect(['small', 'large'].map(modeOf)).toEqual([0o444, 0o400]);
    },
  );

  asRoot('that this process may not set fail their object alone, by name', async () => {
    plantOne('own', { uid: NOBODY, gid: 0 });
    plantOne('a-other', { mode: 0o644, uid: 5, gid: 0 });
    plantOne('other-large', { mode: 0o644, uid: 5, sizeBytes: 200_000 });
    const progress = runAsNobody({ ...NOTHING_PRESERVED, uid: true });
    expect(progress?.counters).toMatchObject({
      objectsFoundFromSource: 3,
      objectsCopiedToSink: 1,
      objectsFromSourceFailed: 2,
    });
    expect(progress?.errorBreakdowns).toMatchObject([{ code: Code.PERMISSION_DENIED, count: 2 }]);
    expect(progress?.errorBreakdowns[0]?.samples[0]?.details[0]).toContain('set owner 5:0: EPERM');
    expect(readdirSync(fixture.sink)).toEqual(['own']);
  });
});

describe('directories', () => {
  function failingOnce(failures: number): TransferEnvironment {
    const environment = fixture.environment();
    return {
      ...environment,
      open: async (spec, options) => {
        const ends = await environment.open(spec, options);
        const { copier } = ends;
        const copyDirectories: typeof copier.copyDirectories = async (onFailure) => {
          for (let count = 0; count < failures; count += 1) {
            onFailure(`d${count}/`, { code: Code.PERMISSION_DENIED, detail: 'denied' });
          }
          await copier.copyDirectories(onFailure);
        };
        return {
          ...ends,
          copier: Object.assign(Object.create(copier) as typeof copier, bound(copier), { copyDirectories }),
        };
      },
    };
  }

  /** Methods that find their private members. */
  function bound<T extends object>(object: T): Partial<T> {
    const names = Object.getOwnPropertyNames(Object.getPrototypeOf(object)).filter((name) => name !== 'constructor');
    const methods = names.map((name) => [name, (object[name as keyof T] as () => unknown).bind(object)]);
    return Object.fromEntries(methods) as Partial<T>;
  }

  test('that fail make the transfer fail, and are counted and named', async () => {
    plantOne('f');
    const operation = new FakeOperation();
    const running = run(operation.attempt(1n), { metadata: MODE, environment: failingOnce(7) });
    await expect(running).rejects.toMatchObject({
      code: Code.PERMISSION_DENIED,
      info: { reason: 'TRANSFER_OBJECTS_FAILED', metadata: { count: '7' } },
    });
    expect(operation.state.progress).toMatchObject({
      counters: { objectsCopiedToSink: 1 },
      errorBreakdowns: [{ count: 7, samples: [{ url: `file://${fixture.source}/d0/` }, {}, {}, {}, {}] }],
    });
  });

  test('are begun anew by the next attempt after a pause among them, and their failures count once', async () => {
    plantTree(fixture.source, 8, { fileCount: 10 });
    const operation = new FakeOperation();
    const paused = operation.attempt(1n);
    const environment = failingOnce(2);
    const pausing: TransferEnvironment = {
      ...environment,
      open: async (spec, options) => {
        const ends = await environment.open(spec, options);
        const { copyDirectories } = ends.copier;
        Object.assign(ends.copier, {
          copyDirectories: (onFailure: Parameters<typeof copyDirectories>[0]) => {
            paused.suspend();
            return copyDirectories(onFailure);
          },
        });
        return ends;
      },
    };
    expect(await run(paused, { metadata: MODE, environment: pausing })).toBe('suspended');
    await expect(run(operation.attempt(2n), { metadata: MODE, environment })).rejects.toMatchObject({
      info: { metadata: { count: '2' } },
    });
    expect(operation.state.progress?.counters.objectsCopiedToSink).toBe(10);
    expect(readAttributes(fixture.sink)).toEqual(readAttributes(fixture.source));
  });

  test('whose place is taken by a file fail, and the rest goes on', async () => {
    mkdirSync(join(fixture.source, 'taken/below'), { recursive: true });
    mkdirSync(join(fixture.source, 'other'));
    mkdirSync(fixture.sink);
    plantFile(fixture.sink, 'taken', { sizeBytes: 5 });
    const operation = new FakeOperation();
    await expect(run(operation.attempt(1n), { metadata: MODE })).rejects.toMatchObject({
      code: Code.FAILED_PRECONDITION,
    });
    expect(operation.state.progress?.errorBreakdowns).toMatchObject([{ count: 1 }]);
    expect(readdirSync(fixture.sink).sort()).toEqual(['other', 'taken']);
  });
});

describe('symbolic links', () => {
  const LINKS: PreservedMetadata = { ...NOTHING_PRESERVED, symlinks: true };

  /** Where each link below a root leads. */
  function targetsIn(root: string): Record<string, string> {
    // The type of a link, before its permissions.
    const links = [...readAttributes(root)].filter(([, text]) => text.startsWith('120')).map(([path]) => path);
    return Object.fromEntries(links.map((name) => [name, readlinkSync(toPath(root, name), 'latin1')]));
  }

  function plantLinks(): void {
    mkdirSync(join(fixture.source, 'd'), { recursive: true });
    plantFile(fixture.source, 'file', { sizeBytes: 10 });
    const targets = [
      'file',
      '../../../../../etc/passwd',
      '/etc/shadow',
      'nowhere',
      'loop',
      '.',
      'x'.repeat(4000),
      ' \n*',
    ];
    for (const [index, target] of targets.entries()) symlinkSync(target, join(fixture.source, `link-${index}`));
    symlinkSync('loop', join(fixture.source, 'loop'));
    symlinkSync(Buffer.from('\xff\xfe/\x01', 'latin1'), toPath(fixture.source, 'd/odd-\xff'));
    for (const name of Object.keys(targetsIn(fixture.source)))
      lutimesSync(toPath(fixture.source, name), 1.5e9, 1.5e9 + 0.25);
  }

  test.each(['none', 'batch', 'file'] as const)(
    'are copied as they are, with their times, and a second run copies nothing, durability %s',
    async (durability) => {
      plantLinks();
      expect(await transfer({ metadata: LINKS, limits: { durability } })).toMatchObject({
        objectsFoundFromSource: 11,
        objectsCopiedToSink: 11,
      });
      const targets = targetsIn(fixture.source);
      expect(Object.keys(targets)).toHaveLength(10);
      expect(targetsIn(fixture.sink)).toEqual(targets);
      for (const name of Object.keys(targets)) {
        expect(lstatSync(toPath(fixture.sink, name)).mtimeMs).toBe(lstatSync(toPath(fixture.source, name)).mtimeMs);
      }
      expect(listLeftovers(fixture.directory)).toEqual([]);
      const again = await transfer({ metadata: LINKS, limits: { durability } });
      expect(again).toMatchObject({ objectsFromSourceSkippedBySync: 11 });
      expect(again.objectsCopiedToSink).toBeUndefined();
    },
  );

  test('are compared by their targets, whatever their times', async () => {
    plantLinks();
    await transfer({ metadata: LINKS });
    lutimesSync(join(fixture.source, 'link-0'), 1.6e9, 1.6e9);
    unlinkSync(join(fixture.source, 'link-1'));
    symlinkSync('elsewhere', join(fixture.source, 'link-1'));
    lutimesSync(join(fixture.source, 'link-1'), 1.5e9, 1.5e9 + 0.25);
    expect(await transfer({ metadata: LINKS })).toMatchObject({
      objectsCopiedToSink: 1,
      objectsFromSourceSkippedBySync: 10,
    });
    expect(readlinkSync(join(fixture.sink, 'link-1'))).toBe('elsewhere');
  });

  test('replace files and are replaced by them, of the same size and time too; NEVER leaves both', async () => {
    mkdirSync(fixture.source);
    mkdirSync(fixture.sink);
    for (const [link, file] of [
      [fixture.source, fixture.sink],
      [fixture.sink, fixture.source],
    ] as const) {
      const name = link === fixture.source ? 'becomes-link' : 'becomes-file';
      symlinkSync('12345', join(link, name));
      lutimesSync(join(link, name), 1.5e9, 1.5e9);
      plantFile(file, name, { sizeBytes: 5, modifyTimeMs: 1.5e12 });
    }
    expect(await transfer({ metadata: LINKS, overwriteWhen: 'NEVER' })).toMatchObject({
      objectsFromSourceSkippedBySync: 2,
    });
    expect(await transfer({ metadata: LINKS })).toMatchObject({ objectsCopiedToSink: 2 });
    expect(targetsIn(fixture.sink)).toEqual({ 'becomes-link': '12345' });
    expect(await transfer({ metadata: LINKS, overwriteWhen: 'ALWAYS' })).toMatchObject({ objectsCopiedToSink: 2 });
  });

  test('at the sink are never followed, though the transfer itself made them', async () => {
    const outside = join(fixture.directory, 'outside');
    mkdirSync(outside);
    mkdirSync(fixture.source);
    symlinkSync(outside, join(fixture.source, 'd'));
    await transfer({ metadata: LINKS });
    unlinkSync(join(fixture.source, 'd'));
    mkdirSync(join(fixture.source, 'd'));
    plantFile(fixture.source, 'd/f', { sizeBytes: 5 });
    const operation = new FakeOperation();
    const running = run(operation.attempt(1n), { metadata: { ...ALL, symlinks: true } });
    await expect(running).rejects.toMatchObject({ code: Code.FAILED_PRECONDITION });
    expect(readdirSync(outside)).toEqual([]);
    expect(statSync(outside).mode & 0o777).not.toBe(0);
    expect(targetsIn(fixture.sink)).toEqual({ d: outside });
  });

  test('in whose place is a directory fail alone, by name', async () => {
    plantLinks();
    mkdirSync(join(fixture.sink, 'link-0'), { recursive: true });
    const operation = new FakeOperation();
    await expect(run(operation.attempt(1n), { metadata: LINKS })).rejects.toMatchObject({
      info: { reason: 'TRANSFER_OBJECTS_FAILED', metadata: { count: '1' } },
    });
    expect(operation.state.progress?.counters).toMatchObject({ objectsCopiedToSink: 10, objectsFromSourceFailed: 1 });
    expect(listLeftovers(fixture.directory)).toEqual([]);
  });

  asRoot('have owners of their own, which never reach their targets', async () => {
    mkdirSync(fixture.source);
    plantOne('target', { mode: 0o640 });
    symlinkSync('target', join(fixture.source, 'link'));
    lchownSync(join(fixture.source, 'link'), 5, 6);
    const metadata = { ...ALL, symlinks: true };
    await transfer({ metadata });
    expect(lstatSync(join(fixture.sink, 'link'))).toMatchObject({ uid: 5, gid: 6 });
    lchownSync(join(fixture.source, 'link'), 7, 8);
    expect(await transfer({ metadata })).toMatchObject({ objectsFromSourceSkippedBySync: 2 });
    expect(lstatSync(join(fixture.sink, 'link'))).toMatchObject({ uid: 7, gid: 8 });
    expect(statSync(join(fixture.sink, 'target'))).toMatchObject({ uid: 0, gid: 0 });
  });
});
