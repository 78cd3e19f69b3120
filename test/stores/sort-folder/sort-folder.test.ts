import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { silentLogger } from '../../../src/core/logger.ts';
import { isGone, ownProcessMark } from '../../../src/stores/sort-folder/process-mark.ts';
import { SortFolder } from '../../../src/stores/sort-folder/sort-folder.ts';

let parent: string;
beforeEach(() => {
  parent = join(mkdtempSync(join(tmpdir(), 'sort-folder-')), 'runs');
});
afterEach(() => {
  rmSync(join(parent, '..'), { recursive: true });
});

/** A folder with a run in it, of a process that is gone: the number is this one's, as numbers are given again. */
function leave(namespace = ownProcessMark().namespace): string {
  const name = `longrunning-sort-${namespace}-${process.pid}-1-abcdef`;
  mkdirSync(join(parent, name, 'runs-1'), { recursive: true });
  writeFileSync(join(parent, name, 'runs-1', '0'), '{}\n');
  return name;
}

const sweep = (folder: SortFolder, isOwned = false): Promise<void> => folder.sweep(isOwned, silentLogger);

describe('a sweep', () => {
  test('removes what a process has left whose number another one has got since', async () => {
    leave();
    const folder = new SortFolder(parent);
    await sweep(folder);
    expect(readdirSync(parent)).toEqual([basename(folder.path)]);
  });

  test('leaves the folders of live processes, and all that is not of its kind', async () => {
    const live = new SortFolder(parent);
    mkdirSync(join(parent, 'longrunning-sort'));
    writeFileSync(join(parent, 'notes-1-2-3-abcdef'), '');
    const folder = new SortFolder(parent);
    await sweep(folder);
    expect(readdirSync(parent).toSorted()).toEqual(
      [basename(live.path), basename(folder.path), 'longrunning-sort', 'notes-1-2-3-abcdef'].toSorted(),
    );
  });

  test('leaves what another container’s process may still use, but where nobody else uses the directory', async () => {
    const name = leave('1');
    const folder = new SortFolder(parent);
    await sweep(folder);
    expect(existsSync(join(parent, name))).toBe(true);
    await sweep(folder, true);
    expect(readdirSync(parent)).toEqual([basename(folder.path)]);
  });
});

describe('a process', () => {
  test('is there while it runs', () => {
    expect(isGone(ownProcessMark())).toBe(false);
  });

  test('is gone when it was killed, though nobody has asked how it ended', async () => {
    const child = spawn('sleep', ['60']);
    const { pid = 0 } = child;
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const mark = { ...ownProcessMark(), pid, startTicks: stat.slice(stat.lastIndexOf(')')).split(' ')[20] ?? '' };
    expect(isGone(mark)).toBe(false);
    child.kill('SIGKILL');
    // This thread asks how it ended only when it is given a turn.
    while (!isGone(mark));
    expect(existsSync(`/proc/${pid}/stat`)).toBe(true);
    await once(child, 'exit');
  });
});
