/** The orders that every repository answers in, and what a query matches. Names compare by UTF-8 bytes, as databases do. */
import type { ClaimQuery, ListCursor, ListQuery } from '../operations/operation-repository.ts';
import { isDone, type Operation } from '../operations/operation.ts';
import type { TimerPosition } from '../operations/timers.ts';

/** As SQL orders text by its UTF-8 bytes; JavaScript's own order differs from it beyond the basic plane. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return isSurrogate(a) === isSurrogate(b) ? a - b : isSurrogate(a) ? 1 : -1;
  }
  return left.length - right.length;
}

/** Newest first. */
export function compareForList(left: ListCursor, right: ListCursor): number {
  return right.createTimeMs - left.createTimeMs || compareText(right.name, left.name);
}

/** A position in the order of claims. */
export type ClaimPosition = Pick<Operation, 'priority' | 'createTimeMs' | 'name'>;

/** By priority, larger first, then age. */
export function compareForClaim(left: ClaimPosition, right: ClaimPosition): number {
  return right.priority - left.priority || left.createTimeMs - right.createTimeMs || compareText(left.name, right.name);
}

/** What is due first, or ended first, comes first. */
export function compareForTimer(left: TimerPosition, right: TimerPosition): number {
  return left.timeMs - right.timeMs || compareText(left.name, right.name);
}

/** What expired first goes first. */
export function compareForPurge(left: Expiring, right: Expiring): number {
  return (left.expireTimeMs ?? 0) - (right.expireTimeMs ?? 0) || compareText(left.name, right.name);
}

interface Expiring {
  readonly name: string;
  readonly expireTimeMs?: number;
}

/** Whether a list shows the record; its position and limit aside. */
export function isListed(operation: Operation, query: ListQuery): boolean {
  return (
    !operation.deleted &&
    operation.surface === query.surface &&
    operation.collection === query.collection &&
    isOneOf(operation.name, query.names) &&
    isOneOf(operation.resource, query.resources) &&
    isOneOf(operation.state, query.states) &&
    operation.createTimeMs >= (query.createTimeMinMs ?? -Infinity) &&
    operation.createTimeMs <= (query.createTimeMaxMs ?? Infinity)
  );
}

/** Whether the position lies behind the cursor of a list. */
export function isBehind(position: ListCursor, cursor: ListCursor | undefined): boolean {
  return cursor === undefined || compareForList(position, cursor) > 0;
}

/** Whether a claim may hand out the record now. */
export function isClaimedBy(operation: Operation, query: ClaimQuery, now: number): boolean {
  return (
    operation.state === 'QUEUED' &&
    operation.owner === undefined &&
    operation.dueTimeMs <= now &&
    query.kinds.includes(operation.kind) &&
    operation.deathCount >= query.deathCountAlone === query.alone
  );
}

/** Whether the record is to go with the write that made it so. */
export function isOver(operation: Operation): boolean {
  return operation.deleted && isDone(operation) && operation.cascading === undefined;
}

function isOneOf<T>(value: T | undefined, set: readonly T[] | undefined): boolean {
  return set === undefined || (value !== undefined && set.includes(value));
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
