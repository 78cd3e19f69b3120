import type { BulkCancelCodec, BulkCancelCounts } from '../operations/control/bulk-cancel.ts';
import { decodeMessage, packAny, type Message } from './protos.ts';

const PACKAGE = 'longrunning.control.v1';

interface CountsMessage {
  readonly matchedCount?: string;
  readonly cancelledCount?: string;
}

/** Bulk cancels as messages of longrunning.control.v1. */
export const bulkCancelCodec: BulkCancelCodec = {
  encodeRequest: (request) => packAny(`${PACKAGE}.BulkCancelRequest`, request),
  decodeRequest: ({ value }) => {
    const { parent, filter }: { parent?: string; filter?: string } = decodeMessage(
      `${PACKAGE}.BulkCancelRequest`,
      value,
    );
    return { parent: parent ?? '', filter: filter ?? '' };
  },
  encodeMetadata: (request, counts) =>
    packAny(`${PACKAGE}.BulkCancelMetadata`, { ...request, counts: countsMessage(counts) }),
  encodeResponse: (counts) => packAny(`${PACKAGE}.BulkCancelResponse`, countsMessage(counts)),
  encodeCheckpoint: ({ after, counts }) => {
    const { createTimeMs, name } = after;
    return packAny(`${PACKAGE}.BulkCancelCheckpoint`, { createTimeMs, name, counts: countsMessage(counts) });
  },
  decodeCheckpoint: ({ value }) => {
    const message: { createTimeMs?: string; name?: string; counts?: CountsMessage } = decodeMessage(
      `${PACKAGE}.BulkCancelCheckpoint`,
      value,
    );
    const { createTimeMs = '0', name = '', counts = {} } = message;
    return { after: { createTimeMs: Number(createTimeMs), name }, counts: countsOf(counts) };
  },
};

function countsMessage({ matched, cancelled }: BulkCancelCounts): Message {
  return { matchedCount: matched, cancelledCount: cancelled };
}

function countsOf({ matchedCount = '0', cancelledCount = '0' }: CountsMessage): BulkCancelCounts {
  return { matched: Number(matchedCount), cancelled: Number(cancelledCount) };
}
