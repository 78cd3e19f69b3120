import type { Clock } from '../../core/clock.ts';
import type { Operation } from '../operation.ts';
import type { MessageReader } from './untaken-messages.ts';
import type { WatchSource } from './watch-source.ts';

export interface RecordWalkOptions<Position> extends MessageReader {
  readonly source: Pick<WatchSource, 'limits' | 'turns' | 'readLine' | 'untaken'>;
  readonly clock: Clock;
  /** Where it begins; undefined = at the first record. */
  readonly start: Position | undefined;
  readonly read: (after: Position | undefined, limit: number) => Promise<RecordPage>;
  readonly positionOf: (operation: Operation) => Position;
  /** The message that tells of a record, where one is to be told. */
  readonly encode: (operation: Operation) => Uint8Array | undefined;
}

export interface RecordPage {
  readonly records: readonly Operation[];
  /** Whether nothing lies behind them. */
  readonly isLast: boolean;
}

/**
 * The messages of many records, some at a time.
 *
 * No record is held while the messages are told, and of these no more than `heldBytesMax` and one: what a page holds beyond that is
 * read again. Pages are as large as what was told of the last one allows.
 */
export async function* walkRecords<Position>(
  options: RecordWalkOptions<Position>,
): AsyncGenerator<readonly Uint8Array[]> {
  const { source, signal, read } = options;
  const { readCountMax, firstReadCount } = source.limits;
  let after = options.start;
  let limit = Math.min(firstReadCount, readCountMax);
  for (;;) {
    const readPage = (): Promise<EncodedPage<Position>> =>
      source.readLine.run(async () => {
        await source.turns.ready();
        return encodePage(await read(after, limit), options);
      }, signal);
    const { made: page, leave } = await source.untaken.place(readPage, ({ bytes }) => bytes, options);
    try {
      yield page.messages;
    } finally {
      leave();
    }
    if (page.isWhole && page.isLast) return;
    after = page.last ?? after;
    limit = page.isWhole ? Math.min(readCountMax, limit * 2) : page.count;
  }
}

interface EncodedPage<Position> {
  readonly messages: readonly Uint8Array[];
  /** Of the messages. */
  readonly bytes: number;
  /** Records looked at, from 1 where there are any. */
  readonly count: number;
  /** Whether all of them were. */
  readonly isWhole: boolean;
  readonly isLast: boolean;
  readonly last: Position | undefined;
}

/** As much of a page as fits into one turn and into what a watch may hold. */
function encodePage<Position>(
  { records, isLast }: RecordPage,
  { source: { limits }, clock, positionOf, encode }: RecordWalkOptions<Position>,
): EncodedPage<Position> {
  const endMs = clock.monotonic() + limits.turnMs;
  const messages: Uint8Array[] = [];
  let bytes = 0;
  let last: Position | undefined;
  for (const [index, record] of records.entries()) {
    const message = encode(record);
    last = positionOf(record);
    if (message !== undefined) messages.push(message);
    bytes += message?.byteLength ?? 0;
    if (bytes < limits.heldBytesMax && clock.monotonic() < endMs) continue;
    const count = index + 1;
    return { messages, bytes, count, isWhole: count === records.length, isLast, last };
  }
  return { messages, bytes, count: records.length, isWhole: true, isLast, last };
}
