import { closeSync, fsyncSync } from 'node:fs';
import type { AttributeUpdate } from '../../transfers/copier.ts';
import type { FailureCause } from '../../transfers/object-failure.ts';
import { causeOf, withRetries, type CopyContext } from './copy-context.ts';
import { setAttributes, setLinkAttributes } from './file-attributes.ts';
import { directoryOf, nameOf, pathIn } from './file-path.ts';
import { openSource, statRegular } from './regular-file.ts';

export interface IndexedFailure {
  readonly index: number;
  readonly cause: FailureCause;
}

/** Gives copies the attributes of their sources, until STOP. Where a copy has another name too, that shows them as well. */
export function updateAttributes(context: CopyContext, updates: readonly AttributeUpdate[]): readonly IndexedFailure[] {
  const failures: IndexedFailure[] = [];
  for (const [index, update] of updates.entries()) {
    if (context.isStopped()) break;
    try {
      context.throttle.takeObject();
      withRetries(context, () => {
        updateOne(context, update);
      });
    } catch (error) {
      failures.push({ index, cause: causeOf(context, error, 'set attributes') });
    }
  }
  return failures;
}

/** The sync of a batch does not reach what is mounted within the sink. Through a descriptor: what takes its name meanwhile, a link to elsewhere perhaps, is not touched. */
function updateOne(context: CopyContext, update: AttributeUpdate): void {
  const { sink, metadata, limits } = context;
  const { key, attributes, isLink } = update;
  if (isLink) {
    setLinkAttributes(pathIn(sink.open(directoryOf(key)), nameOf(key)), attributes, metadata);
    return;
  }
  const directory = directoryOf(key);
  const file = openSource(sink.open(directory), nameOf(key));
  try {
    statRegular(file);
    setAttributes(file, attributes, metadata);
    const isSynced = limits.durability === 'batch' && !sink.isElsewhere(directory);
    if (limits.durability !== 'none' && !isSynced) fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
