import type { ByteString } from '../../transfers/byte-string.ts';
import type { AttributeUpdate, LargeObject, PublishOutcome, SliceOutcome } from '../../transfers/copier.ts';
import type { FailureCause } from '../../transfers/object-failure.ts';
import type { DoomedObject } from '../../transfers/removal.ts';
import type { CopyBatch, CopyBatchOutcome } from './copy-group.ts';
import type { beginSlice, SliceStart } from './copy-large.ts';
import type { RemoveBatchOutcome } from './remove-objects.ts';
import type { ReceivedBatch, ReceivedOutcome } from './receive-files.ts';
import type { RangeOutcome, SliceRange } from './slice-ranges.ts';
import type { IndexedFailure } from './update-attributes.ts';

/** What a copy thread is asked to do, one thing at a time. */
export type CopyTask =
  | { readonly kind: 'copy'; readonly batch: CopyBatch }
  | { readonly kind: 'publish'; readonly batch: CopyBatch }
  | { readonly kind: 'receive'; readonly batch: ReceivedBatch }
  | { readonly kind: 'attributes'; readonly updates: readonly AttributeUpdate[] }
  | { readonly kind: 'remove'; readonly side: 'source' | 'sink'; readonly objects: readonly DoomedObject[] }
  | { readonly kind: 'slice'; readonly object: LargeObject; readonly isChecked: boolean }
  | { readonly kind: 'begin-slice'; readonly object: LargeObject; readonly isChecked: boolean }
  | { readonly kind: 'range'; readonly start: SliceStart; readonly range: SliceRange }
  | { readonly kind: 'end-slice'; readonly start: SliceStart }
  | { readonly kind: 'flush-source'; readonly object: LargeObject }
  | { readonly kind: 'clone'; readonly object: LargeObject }
  | { readonly kind: 'prepare-large'; readonly object: LargeObject }
  | { readonly kind: 'publish-large'; readonly object: LargeObject }
  | { readonly kind: 'sync-large'; readonly object: LargeObject }
  | { readonly kind: 'sync'; readonly files: readonly ByteString[]; readonly directories: readonly ByteString[] };

export type CopyAnswer<Kind extends CopyTask['kind']> = Kind extends 'copy' | 'publish'
  ? CopyBatchOutcome
  : Kind extends 'receive'
    ? ReceivedOutcome
    : Kind extends 'attributes'
      ? readonly IndexedFailure[]
      : Kind extends 'remove'
        ? RemoveBatchOutcome
        : Kind extends 'slice' | 'end-slice' | 'prepare-large'
          ? SliceOutcome
          : Kind extends 'begin-slice'
            ? ReturnType<typeof beginSlice>
            : Kind extends 'range'
              ? RangeOutcome
              : Kind extends 'clone'
                ? SliceOutcome | undefined
                : Kind extends 'flush-source'
                  ? boolean
                  : Kind extends 'publish-large'
                    ? PublishOutcome
                    : Kind extends 'sync-large'
                      ? FailureCause | undefined
                      : undefined;

/** A thread's reply; a failed system call of a task that stands for many objects is a failure, anything else thrown a bug. */
export type CopyReply = { readonly answer: unknown } | { readonly failure: FailureCause } | { readonly error: unknown };
