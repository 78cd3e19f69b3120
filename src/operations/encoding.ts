import type { Change } from './operation-repository.ts';
import type { OperationEncoder } from './presenter.ts';

/** The change, with the message that clients will be sent made anew whenever the record differs. */
export function encoding(change: Change, encode: OperationEncoder): Change {
  return (current, now) => {
    const next = change(current, now);
    return next === current ? current : { ...next, encoded: encode(next) };
  };
}
