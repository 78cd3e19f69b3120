import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Of the image, which is sparse: mkfs.xfs makes no file system below 300 MiB. */
const IMAGE_BYTES = 512 * 2 ** 20;

/** An XFS of its own, in a file, whose files can share their blocks. */
export class XfsDisk {
  readonly root: string;
  readonly #directory: string;

  /** @throws Error where that cannot be made: it needs root, mkfs.xfs and loop devices. */
  constructor({ hasReflinks = true } = {}) {
    this.#directory = realpathSync(mkdtempSync(join(tmpdir(), 'longrunning-xfs-')));
    this.root = join(this.#directory, 'root');
    try {
      const image = join(this.#directory, 'image');
      mkdirSync(this.root);
      writeFileSync(image, '');
      truncateSync(image, IMAGE_BYTES);
      execFileSync('mkfs.xfs', ['-q', '-m', `reflink=${hasReflinks ? '1' : '0'}`, image], { stdio: 'ignore' });
      execFileSync('mount', ['-o', 'loop', image, this.root], { stdio: 'ignore' });
    } catch (error) {
      rmSync(this.#directory, { recursive: true });
      throw error;
    }
  }

  /** A new, empty directory. */
  directory(): string {
    return mkdtempSync(join(this.root, 'test-'));
  }

  remove(): void {
    execFileSync('umount', ['--lazy', this.root]);
    rmSync(this.#directory, { recursive: true });
  }
}

export function canMountXfs(): boolean {
  try {
    new XfsDisk().remove();
    return true;
  } catch {
    return false;
  }
}
