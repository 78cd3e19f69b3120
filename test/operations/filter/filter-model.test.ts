import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EMPTY } from '../../../src/core/any.ts';
import { Code } from '../../../src/core/code.ts';
import { STATES, type Operation, type Result, type State } from '../../../src/operations/operation.ts';
import { packAny } from '../../../src/schema/protos.ts';
import { encodedOperation, isFound, servedBy } from './filtered-operation.ts';

const SEED = Number(process.env['FC_SEED'] ?? 20_260_160);

/** A record as a reader of its JSON would see it: the model knows nothing of messages, types and bytes. */
interface Seen {
  readonly name: string;
  readonly state: State;
  readonly createTimeMs: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly error?: { readonly code: Code; readonly message: string };
  /** Absent, or with or without counters; `copied` absent is 0. */
  readonly transfer?: {
    readonly project: string;
    readonly status: string;
    readonly counters?: { readonly copied?: number };
    readonly actions: readonly string[];
  };
}

const STATUSES = ['STATUS_UNSPECIFIED', 'IN_PROGRESS', 'PAUSED', 'SUCCESS'];
const ACTIONS = ['COPY', 'FIND', 'DELETE'];

const seen: fc.Arbitrary<Seen> = fc.record(
  {
    name: fc.constantFrom('operations/a', 'operations/b', 'operations/ab'),
    state: fc.constantFrom(...STATES),
    createTimeMs: fc.integer({ min: -3, max: 3 }),
    labels: fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('', 'a', 'ab', 'ba'), { maxKeys: 2 }),
    error: fc.record({ code: fc.constantFrom(Code.NOT_FOUND, Code.ABORTED), message: fc.constantFrom('', 'a', 'b') }),
    transfer: fc.record(
      {
        project: fc.constantFrom('', 'a', 'ab'),
        status: fc.constantFrom(...STATUSES),
        counters: fc.record({ copied: fc.integer({ min: 0, max: 3 }) }, { requiredKeys: [] }),
        actions: fc.subarray(ACTIONS),
      },
      { requiredKeys: ['project', 'status', 'actions'] },
    ),
  },
  { requiredKeys: ['name', 'state', 'createTimeMs', 'labels'] },
);

function operationOf({ name, state, createTimeMs, labels, error, transfer }: Seen): Operation {
  const result: Partial<Record<State, Result>> = {
    SUCCEEDED: { response: EMPTY },
    FAILED: { error: error ?? { code: Code.UNKNOWN, message: '' } },
    CANCELLED: { error: error ?? { code: Code.CANCELLED, message: '' } },
  };
  const ended = result[state];
  return encodedOperation({
    ...{ name, state, createTimeMs, labels },
    ...(ended === undefined ? {} : { result: ended }),
    ...(transfer === undefined ? {} : { metadata: metadataOf(transfer) }),
  });
}

function metadataOf({ project, status, counters, actions }: NonNullable<Seen['transfer']>) {
  return packAny('google.storagetransfer.v1.TransferOperation', {
    projectId: project,
    status,
    loggingConfig: { logActions: actions },
    ...(counters === undefined
      ? {}
      : { counters: counters.copied === undefined ? {} : { objectsCopiedToSink: String(counters.copied) } }),
  });
}

/** What one field is: undefined where something on the way to it is not set. */
const FIELDS: Readonly<Record<string, (record: Seen) => string | number | undefined>> = {
  name: ({ name }) => name,
  'labels.a': ({ labels }) => labels['a'],
  'metadata.project_id': ({ transfer }) => transfer?.project,
  'error.message': (record) => errorOf(record)?.message,
  'error.code': (record) => errorOf(record)?.code,
  'metadata.counters.objects_copied_to_sink': ({ transfer }) => transfer?.counters && (transfer.counters.copied ?? 0),
};
const NUMBERS = ['error.code', 'metadata.counters.objects_copied_to_sink'];

function errorOf({ state, error }: Seen): Seen['error'] {
  if (state === 'FAILED') return error ?? { code: Code.UNKNOWN, message: '' };
  return state === 'CANCELLED' ? (error ?? { code: Code.CANCELLED, message: '' }) : undefined;
}

/** A filter, and what it means for a record. */
interface Said {
  readonly text: string;
  readonly holds: (record: Seen) => boolean;
}

const COMPARISONS: Readonly<Record<string, (left: string | number, right: string | number) => boolean>> = {
  '=': (left, right) => left === right,
  ':': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
};

const compared: fc.Arbitrary<Said> = fc
  .tuple(
    fc.constantFrom(...Object.keys(FIELDS)),
    fc.constantFrom(...Object.keys(COMPARISONS)),
    fc.constantFrom('', 'a', 'b', 'ab', 'operations/a', 'operations/ab'),
    fc.integer({ min: -1, max: 10 }),
  )
  .map(([field, comparator, text, number]) => {
    const right = NUMBERS.includes(field) ? number : text;
    return {
      text: `${field} ${comparator} ${JSON.stringify(right)}`,
      holds: (record) => {
        const left = FIELDS[field]?.(record);
        return left !== undefined && (COMPARISONS[comparator]?.(left, right) ?? false);
      },
    };
  });

const ENDED: readonly State[] = ['SUCCEEDED', 'FAILED', 'CANCELLED'];

const others: fc.Arbitrary<Said> = fc.oneof(
  fc.boolean().map((wanted): Said => ({
    text: `done = ${String(wanted)}`,
    holds: ({ state }) => ENDED.includes(state) === wanted,
  })),
  fc
    .constantFrom(...STATES)
    .map((state): Said => ({ text: `state != ${state}`, holds: (record) => record.state !== state })),
  fc.constantFrom(...STATUSES).map((status): Said => ({
    text: `metadata.status = ${status}`,
    holds: ({ transfer }) => transfer?.status === status,
  })),
  fc.constantFrom(...ACTIONS).map((action): Said => ({
    text: `metadata.logging_config.log_actions:${action}`,
    holds: ({ transfer }) => transfer?.actions.includes(action) ?? false,
  })),
  fc.constantFrom('a', 'b').map((prefix): Said => ({
    text: `labels.a = ${prefix}*`,
    holds: ({ labels }) => labels['a']?.startsWith(prefix) ?? false,
  })),
  fc.constantFrom('a', 'b').map((key): Said => ({ text: `labels:${key}`, holds: ({ labels }) => key in labels })),
  fc.constantFrom('error', 'metadata').map((member): Said => ({
    text: `${member}:*`,
    holds: (record) => (member === 'error' ? errorOf(record) : record.transfer) !== undefined,
  })),
  fc
    .tuple(fc.constantFrom('<', '<=', '>', '>=', '=', '!='), fc.integer({ min: -4, max: 4 }), fc.constantFrom('', '5'))
    .map(([comparator, timeMs, finer]): Said => ({
      text: `create_time ${comparator} ${new Date(timeMs).toISOString().replace('Z', `${finer}Z`)}`,
      holds: ({ createTimeMs }) =>
        COMPARISONS[comparator]?.(createTimeMs, finer === '' ? timeMs : timeMs + 0.5) ?? false,
    })),
);

/** Terms and how they are joined, with parentheses around every part, so that precedence has no say. */
const filters: fc.Arbitrary<Said> = fc.letrec<{ said: Said }>((tie) => ({
  said: fc.oneof(
    { maxDepth: 3 },
    fc.oneof(compared, others),
    tie('said').map(({ text, holds }): Said => ({ text: `NOT (${text})`, holds: (record) => !holds(record) })),
    fc.tuple(tie('said'), tie('said')).map(([left, right]): Said => ({
      text: `(${left.text}) AND (${right.text})`,
      holds: (record) => left.holds(record) && right.holds(record),
    })),
    fc.tuple(tie('said'), tie('said')).map(([left, right]): Said => ({
      text: `(${left.text}) OR (${right.text})`,
      holds: (record) => left.holds(record) || right.holds(record),
    })),
  ),
})).said;

test('a filter finds what a reader of the records would find', () => {
  const property = fc.property(filters, seen, ({ text, holds }, record) => {
    expect(isFound(text, operationOf(record))).toBe(holds(record));
  });
  fc.assert(property, { numRuns: 5000, seed: SEED });
});

test('what an index serves of a filter holds all that matches, and nothing else where it serves all of it', () => {
  const property = fc.property(filters, seen, ({ text, holds }, record) => {
    const { isListed, isServed } = servedBy(text, operationOf(record));
    if (isServed) expect(isListed).toBe(holds(record));
    else if (holds(record)) expect(isListed).toBe(true);
  });
  fc.assert(property, { numRuns: 3000, seed: SEED });
});
