import { closeSync, constants, fstatSync, openSync, statfsSync } from 'node:fs';
import { setModifyTime } from './regular-file.ts';

/** Node does not name it; the same on all Linux architectures that Node runs on. */
const O_TMPFILE_BIT = 0o20000000;

/** An odd number of microseconds; 2021-09-13. */
const PROBE_MS = 1_631_531_697_531.753;

export const MICROSECOND_MS = 0.001;

/** f_type of filesystems with times of two seconds: FAT. */
const FAT = 0x4d44;

/**
 * How far apart two modification times may be and still mean the same on the filesystem of this directory, in milliseconds.
 *
 * Asks it, by an unnamed file that nobody can see; where that does not exist, goes by the kind of filesystem.
 */
export function probeTimeGrain(directory: number): number {
  let file: number;
  try {
    file = openSync(`/proc/self/fd/${directory}`, O_TMPFILE_BIT | constants.O_DIRECTORY | constants.O_RDWR, 0o600);
  } catch {
    return statfsSync(`/proc/self/fd/${directory}`).type === FAT ? 2000 : MICROSECOND_MS;
  }
  try {
    setModifyTime(file, PROBE_MS);
    return grainOf(Math.abs(fstatSync(file).mtimeMs - PROBE_MS));
  } finally {
    closeSync(file);
  }
}

/** The smallest usual grain that explains the difference. */
function grainOf(differenceMs: number): number {
  return [MICROSECOND_MS, 1, 1000, 2000].find((grain) => differenceMs <= grain) ?? 2000;
}
