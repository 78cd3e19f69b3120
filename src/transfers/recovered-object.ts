import type { PlannedObject } from './copier.ts';
import type { DoomedObject, RemovalKind } from './removal.ts';

/** What an earlier attempt brought to the sink, and did not count. */
export interface PublishedObject extends PlannedObject {
  /** It was to be removed from the source, and has gone from there. */
  readonly isRemovedFromSource: boolean;
}

/** What an earlier attempt was about to remove, and has gone. */
export interface RemovedObject extends DoomedObject {
  readonly kind: RemovalKind;
}
