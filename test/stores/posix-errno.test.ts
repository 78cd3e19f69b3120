import { expect, test } from '@jest/globals';
import { Code } from '../../src/core/code.ts';
import { failureOf } from '../../src/stores/posix/errno.ts';

const failed = (code: string): Error => Object.assign(new Error(code), { code });

test.each([
  ['ENOSPC', 'copy', 'sink', Code.RESOURCE_EXHAUSTED],
  ['EDQUOT', 'copy', 'sink', Code.RESOURCE_EXHAUSTED],
  ['EROFS', 'copy', 'sink', Code.FAILED_PRECONDITION],
  ['EROFS', 'delete from the source', 'source', Code.FAILED_PRECONDITION],
] as const)('%s of %s stops the transfer, and is told of the %s', (errno, doing, side, code) => {
  expect(failureOf(failed(errno), doing, side)).toEqual({
    code,
    detail: expect.stringMatching(`^${doing}: ${errno}, the ${side} (is|has) `),
    fatal: side,
  });
});

test('what is wrong with one object stops no transfer', () => {
  expect(failureOf(failed('EACCES'), 'copy')).toEqual({
    code: Code.PERMISSION_DENIED,
    detail: 'copy: EACCES, this process has no permission',
  });
});
