import type { ByteString } from '../byte-string.ts';
import type { TransferLimits } from '../limits.ts';
import type { OverwriteWhen } from '../spec.ts';
import type { TransferEnds } from '../transfer-environment.ts';
import type { CopyEnds } from './copy-ends.ts';
import { ObjectCopier } from './object-copier.ts';

export interface ObjectEndsOptions extends CopyEnds {
  readonly sourceUrl: string;
  readonly sinkUrl: string;
  /** See TransferEnds. */
  readonly sinkRoot: ByteString;
  readonly limits: TransferLimits;
  readonly word: Int32Array;
  readonly overwriteWhen: OverwriteWhen;
}

/** The ends of a transfer into a store whose writes are whole or nothing. Both stores are closed with them. */
export function newObjectEnds(options: ObjectEndsOptions): TransferEnds {
  const { source, sink, sourceUrl, sinkUrl, sinkRoot } = options;
  const copier = new ObjectCopier(options);
  return {
    source,
    sink,
    copier,
    sourceUrl,
    sinkUrl,
    sinkRoot,
    close: async () => {
      await copier.close();
      await Promise.all([source.close(), sink.close()]);
    },
  };
}
