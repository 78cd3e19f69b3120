import { lstatSync, type Stats } from 'node:fs';
import type { ByteString } from '../../transfers/byte-string.ts';
import { present } from '../../transfers/present.ts';
import { errnoOf } from './errno.ts';

/** What a name in a directory turned out to be; undefined when it has vanished. */
export type FoundName = Stats | Error | undefined;

const NO_THROW = { throwIfNoEntry: false } as const;

/** Stats of a run of names, links not followed. Errors of the system are answered, by name. */
export function statNames(
  pathOf: (name: ByteString) => string | Buffer,
  names: readonly ByteString[],
  from: number,
  to: number,
): readonly FoundName[] {
  const stats: FoundName[] = [];
  for (let index = from; index < to; index += 1) {
    try {
      stats.push(lstatSync(pathOf(present(names[index])), NO_THROW));
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      stats.push(error as Error);
    }
  }
  return stats;
}
