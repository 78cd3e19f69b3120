import fc from 'fast-check';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import {
  acquire,
  claim,
  complete,
  fail,
  recordCheckpoint,
  recordProgress,
  grant,
  recover,
  stop,
  type Lease,
  type RetryPolicy,
} from '../../src/operations/lease.ts';
import type { OperationIndex } from '../../src/operations/operation-index.ts';
import type {
  Change,
  InsertSideWrites,
  OperationRepository,
  SideWrites,
} from '../../src/operations/operation-repository.ts';
import { operationNotFound } from '../../src/repositories/repository-errors.ts';
import { STATES, type Operation } from '../../src/operations/operation.ts';
import { fireTimer } from '../../src/operations/timers.ts';
import {
  endCascade,
  expectChildren,
  markDeleted,
  requestCancel,
  requestSuspend,
  resume,
} from '../../src/operations/transitions.ts';
import { sampleOperation } from '../operations/sample-operation.ts';
import type { FakeClock } from '../support/fake-clock.ts';
import { Ledger, textOf } from './invariants.ts';

const RETRY: RetryPolicy = {
  failureBackoff: { initialMs: 400, maxMs: 1000 },
  deathBackoff: { initialMs: 400, maxMs: 1000 },
  deathCountAlone: 2,
  deathCountMax: 4,
  random: () => 0.5,
};
const LEASE_MS = 1_000;
const RETENTION_MS = 2_000;
const OWNER = { leaseDurationMs: 700, cancelGraceMs: 500, abandonAfterMs: 1_500 };

const CANCELLABLE = ['QUEUED', 'RUNNING', 'SUSPENDING', 'PAUSED'] as const;

const WORKER_WRITES = ['progress', 'checkpoint', 'complete', 'fail', 'stop'] as const;
const CLIENT_WRITES = ['cancel', 'suspend', 'resume', 'delete'] as const;

type What = (typeof WORKER_WRITES)[number] | (typeof CLIENT_WRITES)[number];

/** `target` picks one of the operations made so far; `stale` uses the lease before the last one. */
interface Update {
  readonly what: What;
  readonly target: number;
  readonly stale: boolean;
  readonly side: 'none' | 'journal' | 'refused';
}

export type Step =
  | {
      readonly kind: 'create';
      readonly priority: number;
      readonly key: number;
      readonly request: number;
      readonly delayMs: number;
      readonly deadlineMs: number;
      /** Of an operation made before; none where there is none yet. */
      readonly parent: number;
      readonly owned: boolean;
    }
  | {
      readonly kind: 'claim';
      readonly session: number;
      readonly limit: number;
      readonly alone: boolean;
      /** How many may be leased at once; 0 for a claim without shares. */
      readonly share: number;
    }
  | { readonly kind: 'updates'; readonly updates: readonly Update[] }
  | { readonly kind: 'renew'; readonly session: number }
  /** An owner renews what it holds, or takes what has none. */
  | { readonly kind: 'own'; readonly target: number }
  | { readonly kind: 'timers' }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'expire'; readonly limit: number }
  | { readonly kind: 'purge'; readonly limit: number }
  | { readonly kind: 'list'; readonly limit: number; readonly states: number }
  | { readonly kind: 'crash' };

const update: fc.Arbitrary<Update> = fc.record({
  what: fc.constantFrom(...WORKER_WRITES, ...CLIENT_WRITES),
  target: fc.nat(5),
  stale: fc.boolean(),
  side: fc.constantFrom('none', 'none', 'none', 'journal', 'refused'),
});

const session = fc.nat(1);
const limit = fc.integer({ min: 1, max: 3 });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('create'),
      priority: fc.nat(2),
      key: fc.nat(5),
      request: fc.nat(5),
      delayMs: fc.constantFrom(0, 0, 500),
      deadlineMs: fc.constantFrom(0, 0, 0, 800),
      parent: fc.nat(11),
      owned: fc.nat(3).map((it) => it === 0),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('claim'),
      session,
      limit,
      alone: fc.nat(3).map((it) => it === 0),
      share: fc.nat(3),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('updates'), updates: fc.array(update, { minLength: 1, maxLength: 4 }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('renew'), session }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('own'), target: fc.nat(5) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('timers') }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('advance'), ms: fc.constantFrom(1, 300, 600, 2_500) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('expire'), limit }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('purge'), limit }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('list'), limit, states: fc.nat(255) }) },
);

/** A history; at most one step of it is a crash, and few have one, as opening a file takes longest. */
export const history: fc.Arbitrary<readonly Step[]> = fc
  .tuple(fc.array(step, { minLength: 5, maxLength: 30 }), fc.nat(9), fc.nat(29))
  .map(([steps, chance, at]) => (chance === 0 ? steps.toSpliced(at, 0, { kind: 'crash' }) : steps));

/** A repository under test, as the steps need it. */
export interface Subject {
  readonly clock: FakeClock;
  readonly operations: OperationRepository;
  readonly index: OperationIndex;
  /** What a restart of the process does. */
  crash(): Promise<void>;
}

/** Carries out the steps of one run on one subject, and keeps the ledger of it. */
export class Run {
  readonly ledger = new Ledger();
  readonly #subject: Subject;
  /** Tells this run's records from those of other runs on the same file. */
  readonly #id: string;
  readonly #names: string[] = [];
  readonly #leases = new Map<string, Lease[]>();
  #ownerCount = 0;

  constructor(subject: Subject, id: string) {
    this.#subject = subject;
    this.#id = id;
  }

  get names(): readonly string[] {
    return this.#names;
  }

  /** @returns what the subject answered, as text: equal answers have equal texts. */
  async take(step: Step): Promise<string> {
    switch (step.kind) {
      case 'create':
        return answerOf(this.#create(step));
      case 'claim':
        return answerOf(this.#claim(step));
      case 'updates':
        return (await Promise.all(step.updates.map((it) => answerOf(this.#update(it))))).join('\n');
      case 'renew':
        return answerOf(this.#subject.operations.renewSessions([this.#session(step.session)], LEASE_MS));
      case 'own':
        return answerOf(this.#own(step.target));
      case 'timers':
        return answerOf(this.#timers());
      case 'advance':
        await this.#subject.clock.advance(step.ms);
        return '';
      case 'expire':
        return answerOf(this.#expire(step.limit));
      case 'purge':
        return answerOf(this.#subject.operations.purge(step.limit));
      case 'list':
        return answerOf(this.#list(step.limit, step.states));
      case 'crash':
        await this.#subject.crash();
        return '';
    }
  }

  /** Every record of the run, as text. */
  async contents(): Promise<string> {
    return answerOf(Promise.all(this.#names.map((name) => this.#subject.operations.get(name))));
  }

  /** Removes the run's records, so that the next run finds none. */
  async clear(): Promise<void> {
    const remove: Change = ({ cascading: _cascading, ...it }) => ({ ...it, state: 'FAILED', deleted: true });
    await this.#subject.operations.updateMany(this.#names.map((name) => ({ name, change: remove })));
  }

  async #create(step: Extract<Step, { kind: 'create' }>): Promise<unknown> {
    const { priority, key, request, delayMs, deadlineMs, owned } = step;
    const now = this.#subject.clock.now();
    const name = `operations/${this.#id}-${this.#names.length}`;
    const joined = this.#names[step.parent];
    const parent = joined === undefined ? undefined : await this.#find(joined);
    this.#names.push(name);
    const record = sampleOperation({
      name,
      collection: this.#id,
      kind: this.#id,
      priority,
      createTimeMs: now,
      dueTimeMs: now + delayMs,
      retentionMs: RETENTION_MS,
      ...(deadlineMs === 0 ? {} : { deadlineTimeMs: now + deadlineMs }),
      ...(key < 2 ? { exclusiveKey: `${this.#id}-key-${key}` } : {}),
      ...(request < 2 ? { requestId: `request-${request}` } : {}),
      ...(parent === undefined ? {} : { parent: { name: parent.name, createTimeMs: parent.createTimeMs } }),
      ...(owned ? { owner: OWNER } : {}),
    });
    return this.#insert(await this.#begun(record, parent), parent);
  }

  /** As class Creator does. */
  async #begun(record: Operation, parent: Operation | undefined): Promise<Operation> {
    const now = this.#subject.clock.now();
    if (parent?.cancel !== undefined) return requestCancel(record, now, { reason: 'parent-cancelled', actor: '' });
    return record.owner === undefined ? record : grant(record, now, await this.#newOwner());
  }

  async #insert(record: Operation, parent: Operation | undefined): Promise<unknown> {
    const { operation, created } = await this.#subject.operations.insert(record, guardOf(parent));
    if (created && parent !== undefined) this.ledger.observed(await this.#find(parent.name));
    if (created) this.ledger.created(operation);
    else this.ledger.observed(operation);
    if (created && operation.session !== undefined) this.#granted(operation, operation.session);
    return { operation, created };
  }

  async #find(name: string): Promise<Operation> {
    const found = await this.#subject.operations.get(name);
    if (found === undefined) throw operationNotFound(name);
    return found;
  }

  async #newOwner(): Promise<string> {
    const session = `${this.#id}-owner-${++this.#ownerCount}`;
    await this.#subject.operations.renewSessions([session], OWNER.leaseDurationMs);
    return session;
  }

  async #change(name: string, change: Change): Promise<Operation> {
    const changed = await this.#subject.operations.update(name, change);
    this.ledger.observed(changed);
    return changed;
  }

  #granted(operation: Operation, session: string): void {
    this.ledger.granted(operation, session);
    const leases = this.#leases.get(operation.name) ?? [];
    this.#leases.set(operation.name, [...leases, { name: operation.name, fence: operation.fence }]);
  }

  async #own(target: number): Promise<unknown> {
    const { operations } = this.#subject;
    const name = this.#names[target % Math.max(1, this.#names.length)] ?? 'operations/none';
    const current = await operations.get(name);
    if (current?.owner !== undefined && current.session !== undefined) {
      await operations.renewSessions([current.session], OWNER.leaseDurationMs);
      return this.#change(name, (it) => it);
    }
    const session = await this.#newOwner();
    const acquired = await this.#change(name, (it, now) => acquire(it, now, session));
    this.#granted(acquired, session);
    return acquired;
  }

  /** As class TimerRound does. */
  async #timers(): Promise<unknown> {
    const { index } = this.#subject;
    const due = await index.dueTimers(undefined, 20);
    const answers: unknown[] = [due];
    for (const operation of due.filter(({ collection }) => collection === this.#id)) {
      const change: Change = (it, now) => fireTimer(it, now, RETRY);
      answers.push(
        operation.cascading === true
          ? await this.#cascade(operation)
          : await answerOf(this.#change(operation.name, change)),
      );
    }
    return answers;
  }

  async #cascade(parent: Operation): Promise<unknown> {
    const { operations, index } = this.#subject;
    const children = await index.children({ parent, states: CANCELLABLE, after: '', limit: 99 });
    const change: Change = (it, now) => requestCancel(it, now, { reason: 'parent-cancelled', actor: '' });
    const outcomes = await operations.updateMany(children.map((child) => ({ name: child.name, change })));
    for (const outcome of outcomes) if (outcome.status === 'fulfilled') this.ledger.observed(outcome.value);
    return [children, await answerOf(this.#change(parent.name, endCascade))];
  }

  async #claim({ session, limit, alone, share }: Extract<Step, { kind: 'claim' }>): Promise<readonly Operation[]> {
    const holder = this.#session(session);
    const query = {
      kinds: [this.#id],
      limit,
      alone,
      deathCountAlone: RETRY.deathCountAlone,
      ...(share === 0 ? {} : { share: { surface: 'longrunning', leasedCountMax: share } }),
    };
    const claimed = await this.#subject.operations.claim(query, (it, now) => claim(it, now, holder));
    for (const operation of claimed) {
      this.#granted(operation, holder);
    }
    return claimed;
  }

  async #update({ what, target, stale, side }: Update): Promise<unknown> {
    const name = this.#names[target % Math.max(1, this.#names.length)] ?? 'operations/none';
    const lease = this.#leases.get(name)?.at(stale ? -2 : -1) ?? { name, fence: 0n };
    const updated = await this.#subject.operations.update(name, changeOf(what, lease), this.#sideOf(name, side));
    if (WORKER_WRITES.some((it) => it === what)) this.ledger.accepted(updated, lease);
    else this.ledger.observed(updated);
    return updated;
  }

  async #expire(limit: number): Promise<readonly Operation[]> {
    const change: Change = (it, now) => recover(it, now, RETRY, false);
    const expired = await this.#subject.operations.expireSessions(limit, change);
    for (const operation of expired) this.ledger.observed(operation);
    return expired;
  }

  async #list(limit: number, mask: number): Promise<readonly Operation[]> {
    const states = STATES.filter((_, index) => (mask & (1 << index)) !== 0);
    const listed = await this.#subject.operations.list({ surface: 'longrunning', collection: this.#id, limit, states });
    for (const operation of listed) this.ledger.observed(operation);
    return listed;
  }

  #session(index: number): string {
    return `${this.#id}-session-${index}`;
  }

  #sideOf(name: string, side: Update['side']): SideWrites | undefined {
    if (side === 'none') return undefined;
    if (side === 'refused') return { resources: [{ kind: 'none', name: 'none', revision: 1 }] };
    return { journal: [{ remove: { operation: name, id: 'none' } }] };
  }
}

function changeOf(what: What, lease: Lease): Change {
  const any = { typeUrl: 't/any', value: new Uint8Array([1]) };
  const failure = { status: { code: Code.UNKNOWN, message: 'failed' }, retryable: true, policy: RETRY };
  const changes: Record<What, Change> = {
    progress: (it, now) =>
      recordProgress(it, now, lease, { metadata: { ...any, value: new TextEncoder().encode(String(now)) } }),
    checkpoint: (it, now) => recordCheckpoint(it, now, lease, { checkpoint: any }),
    complete: (it, now) => complete(it, now, lease, any),
    fail: (it, now) => fail(it, now, lease, failure),
    stop: (it, now) => stop(it, now, lease),
    cancel: (it, now) => requestCancel(it, now, { reason: 'user', actor: 'a' }),
    suspend: requestSuspend,
    resume,
    delete: markDeleted,
  };
  return changes[what];
}

async function answerOf(promise: Promise<unknown>): Promise<string> {
  try {
    return textOf((await promise) ?? null);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return `${error.code} ${error.info.reason}`;
  }
}

/** As class Creator does. */
function guardOf(parent: Operation | undefined): InsertSideWrites {
  if (parent === undefined) return {};
  const to = expectChildren(parent);
  if (to !== parent) return { replaced: { from: parent, to } };
  const { name, createTimeMs, revision } = parent;
  return { unchanged: [{ name, createTimeMs, revision }] };
}
