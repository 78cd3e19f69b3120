import { execFileSync } from 'node:child_process';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchContext } from '../frame/bench-context.ts';

const IMAGE_BYTES = 40 * 2 ** 30;

/**
 * A fresh XFS in a sparse file, mounted until the benchmark ends: no history of deleted files slows it.
 *
 * @returns its root. @throws Error when it cannot be made here: that needs root, mkfs.xfs (xfsprogs) and loop devices.
 */
export function mountXfs(context: BenchContext): string {
  const directory = context.directory('xfs');
  const image = join(directory, 'image');
  const root = join(directory, 'root');
  mkdirSync(root);
  writeFileSync(image, '');
  truncateSync(image, IMAGE_BYTES);
  execFileSync('mkfs.xfs', ['-q', '-m', 'reflink=1', image]);
  execFileSync('mount', ['-o', 'loop', image, root]);
  const unmount = (): void => {
    execFileSync('umount', ['--lazy', root]);
  };
  // Before what is in it is removed.
  process.prependOnceListener('exit', unmount);
  context.atEnd(() => {
    process.off('exit', unmount);
    unmount();
  });
  return root;
}
