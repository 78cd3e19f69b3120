import type { Change, SideWrites } from '../operations/operation-repository.ts';
import type { Operation } from '../operations/operation.ts';
import { ownOperation, sideBytes } from './byte-ownership.ts';
import type { PendingWrite } from './group-commit.ts';
import { indexesChange, toRow } from './operation-row.ts';
import { sizeOf } from './record-size.ts';
import { isOver } from './record-order.ts';
import { operationNotFound } from './repository-errors.ts';
import { fromFailure } from './sqlite-failures.ts';
import type { Write, WriteResult } from './sqlite-protocol.ts';

/** A call of update that waits for its turn. */
export interface WaitingUpdate {
  readonly change: Change;
  readonly also?: SideWrites;
  resolve(operation: Operation): void;
  reject(error: unknown): void;
}

/** What a lane needs to know of the world. */
export interface LaneContext {
  now(): number;
  /** Called with each record that was committed in the place of another; `gone` when the write removed it. */
  committed(record: Operation, before: Operation | undefined, gone: boolean): void;
}

/** One update as it was computed: what from, what to, and how that went. */
interface Step {
  readonly update: WaitingUpdate;
  /** The record that the change was given; undefined when there was none. */
  readonly base: Operation | undefined;
  readonly outcome: PromiseSettledResult<Operation>;
  /** Absent when there is nothing to write. */
  readonly write?: Write;
  result?: WriteResult;
  failure?: unknown;
}

/**
 * The updates of one operation, in the order they were called.
 *
 * All that wait are computed at once, each change on the result of the one before, and go into one commit. What a step
 * says to its caller holds only if the record it was computed from was committed: a step whose base was not is computed
 * again from what was.
 */
export class UpdateLane {
  readonly name: string;
  readonly #context: LaneContext;
  #waiting: WaitingUpdate[] = [];
  #flight: Step[] = [];

  constructor(name: string, context: LaneContext) {
    this.name = name;
    this.#context = context;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get inFlight(): boolean {
    return this.#flight.length > 0;
  }

  add(update: WaitingUpdate): void {
    this.#waiting.push(update);
  }

  /** Computes what waits, from the committed record, for a commit with room for so many writes and bytes. */
  compute(
    committed: Operation | undefined,
    room: { readonly writes: number; readonly bytes: number },
  ): readonly PendingWrite[] {
    const now = this.#context.now();
    const pending: PendingWrite[] = [];
    let bytes = 0;
    let record = committed;
    while (pending.length < room.writes && bytes < room.bytes) {
      const update = this.#waiting.shift();
      if (update === undefined) break;
      const step = computeStep(this.name, update, record, now);
      this.#flight.push(step);
      if (step.write === undefined) continue;
      const size = writeBytes(step);
      bytes += size;
      pending.push(pendingOf(step, step.write, size));
      record = recordAfter(step);
    }
    return pending;
  }

  /**
   * Answers the callers of the computed updates, now that their commit is over.
   *
   * @returns the record as it is committed, undefined when it is gone, or `unknown` when another writer came between.
   */
  settle(committed: Operation | undefined): Operation | undefined | 'unknown' {
    const again: WaitingUpdate[] = [];
    let record: Operation | undefined | 'unknown' = committed;
    for (const step of this.#flight) {
      if (step.failure !== undefined && step.write !== undefined) step.update.reject(step.failure);
      else if (record === 'unknown' || step.base !== record) again.push(step.update);
      else record = this.#settleStep(step, again);
    }
    this.#flight = [];
    this.#waiting = [...again, ...this.#waiting];
    return record;
  }

  /** The read before the computation failed. */
  rejectAll(error: unknown): void {
    for (const update of this.#waiting.splice(0)) update.reject(error);
  }

  #settleStep(step: Step, again: WaitingUpdate[]): Operation | undefined | 'unknown' {
    const { update, base, result } = step;
    if (result?.kind === 'conflict') {
      again.push(update);
      return 'unknown';
    }
    if (result?.kind === 'failed') {
      update.reject(fromFailure(result.failure));
      return base;
    }
    const after = recordAfter(step);
    if (step.outcome.status === 'rejected') update.reject(step.outcome.reason);
    else {
      if (step.outcome.value !== base) this.#context.committed(step.outcome.value, base, after === undefined);
      update.resolve(step.outcome.value);
    }
    return after;
  }
}

function computeStep(name: string, update: WaitingUpdate, base: Operation | undefined, now: number): Step {
  if (base === undefined) return { update, base, outcome: { status: 'rejected', reason: operationNotFound(name) } };
  try {
    const changed = update.change(base, now);
    const value = changed === base ? base : ownOperation({ ...changed, name, revision: base.revision + 1 });
    const write = writeOf(update, base, value, now);
    return { update, base, outcome: { status: 'fulfilled', value }, ...(write === undefined ? {} : { write }) };
  } catch (reason) {
    return { update, base, outcome: { status: 'rejected', reason } };
  }
}

function writeOf({ also }: WaitingUpdate, base: Operation, next: Operation, now: number): Write | undefined {
  const guarded = { name: base.name, revision: base.revision, ...(also === undefined ? {} : { also }) };
  if (next === base) return also === undefined ? undefined : { kind: 'guard', ...guarded };
  if (isOver(next)) return { kind: 'remove', ...guarded };
  return { kind: 'replace', ...guarded, row: toRow(next, now), indexesChange: indexesChange(base, next) };
}

/** The record that stands once the step is written. */
function recordAfter({ base, outcome }: Step): Operation | undefined {
  if (outcome.status === 'rejected') return base;
  return outcome.value !== base && isOver(outcome.value) ? undefined : outcome.value;
}

function writeBytes({ outcome, write, update }: Step): number {
  const record = outcome.status === 'fulfilled' && write?.kind === 'replace' ? sizeOf(outcome.value) : 0;
  return record + sideBytes(update.also);
}

function pendingOf(step: Step, write: Write, bytes: number): PendingWrite {
  return {
    write,
    bytes,
    settle: (result) => {
      step.result = result;
    },
    fail: (error) => {
      step.failure = error;
    },
  };
}
