import type { WatchEncoder, WatchEvent } from '../operations/watch/watch-event.ts';
import { encodeSummary } from './control-messages.ts';
import { encodeMessage, type Message } from './protos.ts';
import { delimited, encodeFields } from './wire-fields.ts';

const RESPONSE = 'longrunning.control.v1.WatchOperationsResponse';
const REMOVED = 'longrunning.control.v1.OperationRemoved';
const CHANGED_FIELD = delimited(2);
const REMOVED_FIELD = delimited(3);
const LAST_FIELD = delimited(3);

/** Encodes a WatchOperationsResponse. */
export const encodeWatchMessage: WatchEncoder = (event, cursor) => {
  const rest = encodeMessage(RESPONSE, { ...(cursor === '' ? {} : { cursor }), ...emptyEvent(event) });
  if (event.kind === 'changed')
    return Buffer.concat([rest, encodeFields([[CHANGED_FIELD, encodeSummary(event.operation)]])]);
  if (event.kind === 'removed') return Buffer.concat([rest, encodeFields([[REMOVED_FIELD, encodeRemoved(event)]])]);
  return rest;
};

function emptyEvent({ kind }: WatchEvent): Message {
  return kind === 'changed' || kind === 'removed' ? {} : { [kind]: {} };
}

function encodeRemoved({ name, last }: Extract<WatchEvent, { kind: 'removed' }>): Uint8Array {
  const cause = last === undefined ? 'CAUSE_DELETED' : 'CAUSE_NO_LONGER_MATCHES';
  const rest = encodeMessage(REMOVED, { name, cause });
  return last === undefined ? rest : Buffer.concat([rest, encodeFields([[LAST_FIELD, encodeSummary(last)]])]);
}
