import { messageName } from '../../core/any.ts';
import { StatusError } from '../../core/status-error.ts';
import type { FieldType, MessageField, MessageType } from '../message-types.ts';
import { isDone, STATES, type Operation } from '../operation.ts';
import type { AnyResolver } from '../presenter.ts';
import { memberOf, type AnyOpener, type OpenedAny } from './value-test.ts';

const OPERATION = 'type.googleapis.com/google.longrunning.Operation';

const STRING: FieldType = { kind: 'string' };
const TIMESTAMP: FieldType = { kind: 'message', name: 'google.protobuf.Timestamp' };
const ANY: FieldType = { kind: 'message', name: 'google.protobuf.Any' };
/** As protos have it: what comes first is what no operation is. */
const STATE: FieldType = {
  kind: 'enum',
  values: new Map(['STATE_UNSPECIFIED', ...STATES].map((state, number) => [state, number])),
};

const FIELDS: ReadonlyMap<string, MessageField> = new Map([
  ['name', { key: 'name', rule: 'single', type: STRING }],
  ['done', { key: 'done', rule: 'single', type: { kind: 'boolean' } }],
  ['error', { key: 'error', rule: 'single', type: { kind: 'message', name: 'google.rpc.Status' } }],
  ['metadata', { key: 'metadata', rule: 'single', type: ANY }],
  ['response', { key: 'response', rule: 'single', type: ANY }],
  ['kind', { key: 'kind', rule: 'single', type: STRING }],
  ['state', { key: 'state', rule: 'single', type: STATE }],
  ['labels', { key: 'labels', rule: 'map', type: STRING, mapKey: 'string' }],
  ['create_time', { key: 'createTime', rule: 'single', type: TIMESTAMP }],
  ['end_time', { key: 'endTime', rule: 'single', type: TIMESTAMP }],
]);

const BY_CAMEL_CASE = new Map([...FIELDS.values()].map((field) => [field.key, field]));

/**
 * What filters of operations are about: google.longrunning.Operation as clients see it, and of the record what is worth asking for:
 * `kind`, `state`, `labels`, `create_time` and `end_time`.
 */
export const RECORD_FIELDS: MessageType = {
  name: 'the operation',
  fieldNames: [...FIELDS.keys()],
  field: (name) => FIELDS.get(name) ?? BY_CAMEL_CASE.get(name),
};

/** A record as filters read it. What is encoded is decoded when a filter asks for it, once. */
export interface FilteredRecord {
  readonly operation: Operation;
  /** A message of RECORD_FIELDS. */
  readonly message: unknown;
  readonly open: AnyOpener;
}

export function filteredRecord(operation: Operation, resolver: AnyResolver): FilteredRecord {
  return { operation, message: recordMessage(operation, resolver), open: rememberingOpener(resolver) };
}

function recordMessage(operation: Operation, resolver: AnyResolver): unknown {
  let decoded: unknown;
  const sent = (member: string): unknown => {
    decoded ??= resolved(resolver, { type_url: OPERATION, value: operation.encoded })?.message ?? {};
    return memberOf(decoded, member);
  };
  const { name, kind, state, labels, createTimeMs, endTimeMs } = operation;
  return {
    ...{ name, kind, state, labels, done: isDone(operation) },
    createTime: timeOf(createTimeMs),
    endTime: endTimeMs === undefined ? undefined : timeOf(endTimeMs),
    get error(): unknown {
      return sent('error');
    },
    get metadata(): unknown {
      return sent('metadata');
    },
    get response(): unknown {
      return sent('response');
    },
  };
}

/** As a google.protobuf.Timestamp. */
function timeOf(timeMs: number): unknown {
  const seconds = Math.floor(timeMs / 1000);
  return { seconds, nanos: Math.round((timeMs - seconds * 1000) * 1e6) };
}

function rememberingOpener(resolver: AnyResolver): AnyOpener {
  const opened = new Map<object, OpenedAny | undefined>();
  return (any) => {
    if (!opened.has(any)) opened.set(any, resolved(resolver, any));
    return opened.get(any);
  };
}

interface WireAny {
  readonly type_url?: string;
  readonly value?: Uint8Array;
}

/** One record that holds what cannot be read must not keep a list from its other records: it has none of the fields. */
function resolved(resolver: AnyResolver, { type_url = '', value = NO_BYTES }: WireAny): OpenedAny | undefined {
  const any = { typeUrl: type_url, value };
  try {
    const message = resolver.resolve(any);
    return message === undefined ? undefined : { type: messageName(any), message };
  } catch (error) {
    if (error instanceof StatusError) return undefined;
    throw error;
  }
}

const NO_BYTES = new Uint8Array(0);
