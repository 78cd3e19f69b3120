import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Code } from '../../src/core/code.ts';
import { checkPlatform, checkPosixSpec, resolvePosixRoots } from '../../src/stores/posix/roots.ts';
import { runTransfer } from '../../src/transfers/run-transfer.ts';
import { FakeOperation } from '../support/fake-operation.ts';
import { TransferFixture } from '../support/transfer-fixture.ts';

let fixture: TransferFixture;
let root: string;
beforeEach(() => {
  fixture = new TransferFixture();
  root = join(fixture.directory, 'root');
  mkdirSync(join(root, 'source'), { recursive: true });
});
afterEach(() => {
  fixture.remove();
});

function check(source: string, sink: string) {
  return checkPosixSpec(
    { source: { kind: 'posix', rootDirectory: source }, sink: { kind: 'posix', rootDirectory: sink } },
    resolvePosixRoots([root]),
  );
}

describe('the directories of a transfer', () => {
  test.each([
    ['relative/path', Code.INVALID_ARGUMENT, 'not an absolute path'],
    ['ROOT/x/../y', Code.INVALID_ARGUMENT, 'holds ..'],
    ['/etc', Code.PERMISSION_DENIED, '--posix-root'],
    ['ROOT-beside', Code.PERMISSION_DENIED, '--posix-root'],
    ['ROOT/out/x', Code.PERMISSION_DENIED, '--posix-root'],
    ['ROOT/source', Code.INVALID_ARGUMENT, 'lie within each other'],
    ['ROOT/source/below', Code.INVALID_ARGUMENT, 'lie within each other'],
    ['ROOT/alias', Code.INVALID_ARGUMENT, 'lie within each other'],
    ['ROOT/alias/below', Code.INVALID_ARGUMENT, 'lie within each other'],
    ['ROOT', Code.INVALID_ARGUMENT, 'lie within each other'],
  ])('a sink at %s is refused', (sink, code, message) => {
    symlinkSync('/etc', join(root, 'out'));
    symlinkSync('source', join(root, 'alias'));
    let error: unknown;
    try {
      check(join(root, 'source'), sink.replace('ROOT', root));
    } catch (reason) {
      error = reason;
    }
    expect(error).toMatchObject({ code });
    expect(String(error)).toContain(message);
  });

  test('may be missing, and may be named through a link that stays within the roots', () => {
    symlinkSync('source', join(root, 'alias'));
    const { source, sink } = check(join(root, 'alias/deep'), join(root, 'not/there/yet'));
    expect(source.path).toBe(join(root, 'source/deep'));
    expect(sink).toEqual({ root, path: join(root, 'not/there/yet') });
  });

  test('may lie in a root that is named through a link', () => {
    symlinkSync(root, join(fixture.directory, 'link'));
    const roots = resolvePosixRoots([join(fixture.directory, 'link')]);
    expect(roots).toEqual([root]);
  });

  test('may be neighbours whose names begin alike', () => {
    expect(check(join(root, 'source'), join(root, 'source-copy')).sink.path).toBe(join(root, 'source-copy'));
  });
});

test('a root that is no directory is refused at start', () => {
  writeFileSync(join(root, 'file'), '');
  expect(() => resolvePosixRoots([join(root, 'file')])).toThrow('is not a directory');
  expect(() => resolvePosixRoots([join(root, 'missing')])).toThrow('is not a directory');
});

test('a system without /proc/self/fd is refused', () => {
  expect(() => checkPlatform('darwin')).toThrow(expect.objectContaining({ code: Code.UNIMPLEMENTED }));
});

describe('at run', () => {
  const run = () => runTransfer(fixture.request(), new FakeOperation().attempt(1n).context, fixture.environment());

  test('a missing source is NOT_FOUND, and no sink is made', async () => {
    await expect(run()).rejects.toMatchObject({ code: Code.NOT_FOUND });
    expect(() => lstatSync(fixture.sink)).toThrow('ENOENT');
  });

  test('a sink that is a file, or lies below one, is FAILED_PRECONDITION', async () => {
    mkdirSync(fixture.source);
    writeFileSync(fixture.sink, 'file');
    await expect(run()).rejects.toMatchObject({ code: Code.FAILED_PRECONDITION, info: { reason: 'NOT_A_DIRECTORY' } });
  });

  test('missing directories on the way to the sink are made', async () => {
    mkdirSync(fixture.source);
    const request = fixture.request();
    const sink = { kind: 'posix' as const, rootDirectory: `${fixture.sink}/a/b` };
    const { context } = new FakeOperation().attempt(1n);
    await runTransfer({ ...request, spec: { ...request.spec, sink } }, context, fixture.environment());
    expect(lstatSync(`${fixture.sink}/a/b`).isDirectory()).toBe(true);
  });
});
