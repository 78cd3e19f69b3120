import type { PlannedObject } from '../../transfers/copier.ts';

/** The source is not what it was when the walk saw it; `object` is what it is now. */
export class SourceChanged extends Error {
  override readonly name = 'SourceChanged';
  readonly object: PlannedObject;

  constructor(object: PlannedObject) {
    super('the source was modified while it was copied');
    this.object = object;
  }
}
