import fc from 'fast-check';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import {
  claim,
  complete,
  fail,
  recordCheckpoint,
  recordProgress,
  recover,
  stop,
  type Lease,
  type RetryPolicy,
} from '../../src/operations/lease.ts';
import type { Change, OperationRepository, SideWrites } from '../../src/operations/operation-repository.ts';
import { STATES, type Operation } from '../../src/operations/operation.ts';
import { markDeleted, requestCancel, requestSuspend, resume } from '../../src/operations/transitions.ts';
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
    }
  | { readonly kind: 'claim'; readonly session: number; readonly limit: number; readonly alone: boolean }
  | { readonly kind: 'updates'; readonly updates: readonly Update[] }
  | { readonly kind: 'renew'; readonly session: number }
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
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('claim'), session, limit, alone: fc.nat(3).map((it) => it === 0) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('updates'), updates: fc.array(update, { minLength: 1, maxLength: 4 }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('renew'), session }) },
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
    const remove: Change = (it) => ({ ...it, state: 'FAILED', deleted: true });
    await this.#subject.operations.updateMany(this.#names.map((name) => ({ name, change: remove })));
  }

  async #create({ priority, key, request, delayMs }: Extract<Step, { kind: 'create' }>): Promise<unknown> {
    const now = this.#subject.clock.now();
    const name = `operations/${this.#id}-${this.#names.length}`;
    this.#names.push(name);
    const { operation, created } = await this.#subject.operations.insert(
      sampleOperation({
        name,
        collection: this.#id,
        kind: this.#id,
        priority,
        createTimeMs: now,
        dueTimeMs: now + delayMs,
        retentionMs: RETENTION_MS,
        ...(key < 2 ? { exclusiveKey: `${this.#id}-key-${key}` } : {}),
        ...(request < 2 ? { requestId: `request-${request}` } : {}),
      }),
    );
    if (created) this.ledger.created(operation);
    else this.ledger.observed(operation);
    return { operation, created };
  }

  async #claim({ session, limit, alone }: Extract<Step, { kind: 'claim' }>): Promise<readonly Operation[]> {
    const holder = this.#session(session);
    const query = { kinds: [this.#id], limit, alone, deathCountAlone: RETRY.deathCountAlone };
    const claimed = await this.#subject.operations.claim(query, (it, now) => claim(it, now, holder));
    for (const operation of claimed) {
      this.ledger.granted(operation, holder);
      const leases = this.#leases.get(operation.name) ?? [];
      this.#leases.set(operation.name, [...leases, { name: operation.name, fence: operation.fence }]);
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
    progress: (it, now) => recordProgress(it, lease, { ...any, value: new TextEncoder().encode(String(now)) }),
    checkpoint: (it) => recordCheckpoint(it, lease, any),
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
