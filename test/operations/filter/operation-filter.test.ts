import { describe, expect, test } from '@jest/globals';
import type { Operation } from '../../../src/operations/operation.ts';
import { StatusError } from '../../../src/core/status-error.ts';
import { packAny, wireAny } from '../../../src/schema/protos.ts';
import { UNKNOWN_ANY } from '../operations-fixture.ts';
import { encodedOperation, failedOperation, isFound, transferMetadata } from './filtered-operation.ts';

const plain = encodedOperation({
  name: 'operations/report-7',
  kind: 'reports',
  labels: { env: 'prod', 'a.b': 'dotted', empty: '' },
  createTimeMs: Date.parse('2012-04-21T15:30:00.250Z'),
});
const transfer = encodedOperation({ metadata: transferMetadata() });
const failed = failedOperation();

/** Of google.protobuf.Struct: its values are of whatever type they are. */
const struct = encodedOperation({
  metadata: packAny('google.protobuf.Struct', {
    fields: {
      text: { stringValue: 'Hugo' },
      number: { numberValue: 2.5 },
      flag: { boolValue: true },
      nothing: { nullValue: 'NULL_VALUE' },
      list: {
        listValue: { values: [{ numberValue: 42 }, { structValue: { fields: { foo: { stringValue: 'x' } } } }] },
      },
      inner: { structValue: { fields: { deep: { numberValue: 1 } } } },
    },
  }),
});

type Row = readonly [filter: string, operation: Operation, expected: boolean];

function holds(rows: readonly Row[]): void {
  test.each(rows.map(([filter, operation, expected]) => [filter, expected, operation] as const))(
    '%s: %s',
    (filter, expected, operation) => {
      expect(isFound(filter, operation)).toBe(expected);
    },
  );
}

// AIP-160: "A bare literal value (examples: "42", "Hugo") is a value to be matched against."
// "a service may choose to only consider certain fields": name, kind, labels and the error's message.
describe('a literal alone is looked for in the texts of an operation', () => {
  holds([
    ['report', plain, true],
    ['reports', plain, true],
    ['prod', plain, true],
    ['env', plain, true],
    ['Report', plain, false],
    ['"not found"', failed, true],
    ['file*found', failed, true],
    ['found*file', failed, false],
    ['42', plain, false],
    ['my-project', transfer, false],
    ['', plain, true],
    [' \t', plain, true],
  ]);
});

// AIP-160: "Literals separated by whitespace are considered to have a fuzzy variant of `AND`."
describe('a space between terms is an AND', () => {
  holds([
    ['report prod', plain, true],
    ['report absent', plain, false],
    ['kind = reports done = false', plain, true],
    ['kind = reports done = true', plain, false],
  ]);
});

// AIP-160: "The expression `a AND b OR c` evaluates: `a AND (b OR c)`."
describe('OR binds tighter than AND', () => {
  holds([
    ['absent AND report OR prod', plain, false],
    ['(absent AND report) OR prod', plain, true],
    ['report OR absent AND prod', plain, true],
    ['report OR absent AND absent', plain, false],
    ['absent OR absent OR prod', plain, true],
    // ebnf-filtering: "Example: `New York Giants OR Yankees`. The expression `New York (Giants OR Yankees)` is equivalent"
    ['report absent prod OR report', plain, false],
    ['report prod absent OR report', plain, true],
  ]);
});

// AIP-160: "`NOT a`: True if `a` is not true." "`-a`: True if `a` is not true."
describe('NOT and - negate', () => {
  holds([
    ['NOT absent', plain, true],
    ['-absent', plain, true],
    ['NOT report', plain, false],
    ['-report', plain, false],
    ['NOT (absent OR report)', plain, false],
    ['-(absent AND report)', plain, true],
    ['NOT done = true', plain, true],
    ['-labels.env = prod', plain, false],
    ['report-7', plain, true],
  ]);
});

// AIP-160: "binary comparison operators `=`, `!=`, `<`, `>`, `<=`, and `>=` for string, numeric, timestamp, and duration fields"
describe('comparisons', () => {
  holds([
    ['name = operations/report-7', plain, true],
    ['name = "operations/report-7"', plain, true],
    ["name = 'operations/report-7'", plain, true],
    ['name=operations/other', plain, false],
    ['name != operations/other', plain, true],
    ['kind > "foo"', plain, true],
    ['kind < reports', plain, false],
    ['kind <= reports', plain, true],
    ['kind >= reports', plain, true],
    ['done = true', failed, true],
    ['done = false', failed, false],
    ['done != true', plain, true],
    ['state = QUEUED', plain, true],
    ['state != QUEUED', failed, true],
    ['state = STATE_UNSPECIFIED', plain, false],
    ['state = (RUNNING OR FAILED)', failed, true],
    ['error.code = 5', failed, true],
    ['error.code > 5', failed, false],
    ['error.code >= 5', failed, true],
    ['error.code < -1', failed, false],
    ['error.code = (-1 OR 2)', failed, false],
    ['error.code = (NOT 1 AND NOT 2)', failed, true],
    ['labels.env:(-test AND -dev*)', plain, true],
    ['labels.env:(-prod OR -"1")', plain, true],
    ['error.code != 42', failed, true],
    ['error.message = "file:///a not found"', failed, true],
    ['metadata.counters.objects_copied_to_sink = 42', transfer, true],
    ['metadata.counters.objects_copied_to_sink < 43', transfer, true],
    // A float would take these two for equal.
    ['metadata.counters.bytes_copied_to_sink = 9007199254740993', transfer, true],
    ['metadata.counters.bytes_copied_to_sink > 9007199254740992', transfer, true],
    ['metadata.counters.bytes_found_from_source = 0', transfer, true],
    ['metadata.value.number < 2.6', struct, true],
    ['metadata.value.number = 25e-1', struct, true],
    ['metadata.value.number > "2"', struct, true],
    ['metadata.value.number < foo', struct, false],
    ['metadata.value.number != foo', struct, true],
  ]);
});

// AIP-160: "Enums expect the enum's string representation (case-sensitive)."
describe('enums', () => {
  holds([
    ['metadata.status = PAUSED', transfer, true],
    ['metadata.status != PAUSED', transfer, false],
    ['metadata.status:PAUSED', transfer, true],
    ['metadata.status = "PAUSED"', transfer, true],
    ['metadata.status = STATUS_UNSPECIFIED', encodedOperation({ metadata: transferMetadata({ status: 0 }) }), true],
    ['metadata.status:*', encodedOperation({ metadata: transferMetadata({ status: 0 }) }), false],
    ['metadata.status != PAUSED', encodedOperation({ metadata: transferMetadata({ status: 77 }) }), true],
  ]);
});

// AIP-160: "Durations expect a numeric representation followed by an `s` suffix (for seconds). Examples: `20s`, `1.2s`."
describe('durations', () => {
  const elapsed = 'metadata.transfer_spec.object_conditions.min_time_elapsed_since_last_modification';
  holds([
    [`${elapsed} = 20s`, transfer, true],
    [`${elapsed} > 1.2s`, transfer, true],
    [`${elapsed} < 20.000000001s`, transfer, true],
    [`${elapsed} > -5s`, transfer, true],
    [`${elapsed} = "20.0s"`, transfer, true],
  ]);
});

// AIP-160: "Timestamps expect an RFC-3339 formatted string (e.g. `2012-04-21T11:30:00-04:00`). UTC offsets are supported."
describe('timestamps', () => {
  holds([
    ['create_time > 2012-04-21T11:30:00-04:00', plain, true],
    ['create_time > "2012-04-21T11:30:00-04:00"', plain, true],
    ['create_time = 2012-04-21T11:30:00.25-04:00', plain, true],
    ['create_time = 2012-04-21T11:30:00.250000001-04:00', plain, false],
    ['create_time < 2012-04-21T15:30:00.250000001Z', plain, true],
    ['create_time <= 2012-04-21T15:30:00.249999999Z', plain, false],
    ['create_time >= 2012-04-21T15:30:00.25Z', plain, true],
    ['create_time > 2012-04-21T15:30:00.25Z', plain, false],
    ['create_time < 2012-04-21T15:30:00.25Z', plain, false],
    ['create_time != 2012-04-21T15:30:00.25Z', plain, false],
    ['create_time > 1960-01-01T00:00:00.0005Z', encodedOperation({ createTimeMs: -1 }), true],
    ['create_time >= 1969-12-31T23:59:59.9989Z', encodedOperation({ createTimeMs: -1 }), true],
    ['end_time >= 1970-01-01T00:00:05Z', failed, true],
    ['metadata.start_time > 2012-04-01T00:00:00Z', transfer, true],
    ['metadata.start_time.nanos = 5', transfer, true],
  ]);
});

// AIP-160: "`a = "*.foo"` is true if `a` ends with ".foo"."
describe('wildcards in equality', () => {
  holds([
    ['name = "*-7"', plain, true],
    ['name = operations/*', plain, true],
    ['name = *', plain, true],
    ['name != operations/*', plain, false],
    ['name = "operations/*-8"', plain, false],
    ['name = "operations/\\*"', plain, false],
    ['labels.env = p*d', plain, true],
    ['labels.env:p*', plain, true],
    // Only in equality.
    ['kind > "r*"', plain, true],
    ['kind < "r*"', plain, false],
  ]);
});

describe('escapes in strings', () => {
  const odd = encodedOperation({ kind: 'say "it\'s"\\*\n' });
  holds([
    ['kind = "say \\"it\'s\\"\\\\\\*\\n"', odd, true],
    ["kind = 'say \"it\\'s\"\\\\*'", odd, true],
    ['kind = "say*"', odd, true],
  ]);
});

// AIP-160: "Traversal must be written using the field names from the resource"; names are snake case, "although implementations may
// choose to support automatic conversion between camel case and snake case."
describe('traversal', () => {
  holds([
    ['createTime > 2000-01-01T00:00:00Z', plain, true],
    ['metadata.counters.objectsCopiedToSink = 42', transfer, true],
    ['metadata.projectId = metadata.project_id', transfer, false],
    ['metadata.project_id = my-project', transfer, true],
    ['"metadata"."project_id" = my-project', transfer, true],
    ['metadata.@type = "type.googleapis.com/google.storagetransfer.v1.TransferOperation"', transfer, true],
    ['metadata.@type = *.TransferOperation', plain, false],
    ['metadata.@type = */somebody.elses.Type', encodedOperation({ metadata: UNKNOWN_ANY }), true],
    ['response.@type = *.Empty', transfer, false],
    ['metadata.value.inner.deep = 1', struct, true],
    ['metadata.value.text = H*', struct, true],
    ['metadata.value.text.more = 1', struct, false],
    ['metadata.value.flag = true', struct, true],
    ['metadata.value.flag = yes', struct, false],
    ['metadata.value.nothing = null', struct, true],
    ['metadata.value.nothing != null', struct, false],
  ]);
});

// AIP-160: "if any non-primitive field in the chain is not set on the entry being evaluated, the entry should be skipped i.e. not match
// the filter expression. This applies even when the comparison is a `!=`"
describe('what is not set matches nothing, and NOT makes it match', () => {
  holds([
    ['error.code = 0', plain, false],
    ['error.code != 5', plain, false],
    ['NOT error.code = 5', plain, true],
    ['metadata.status != PAUSED', plain, false],
    ['-metadata.status = PAUSED', plain, true],
    ['metadata.notification_config.pubsub_topic != x', transfer, false],
    ['metadata.end_time != 2012-04-21T11:30:00Z', transfer, false],
    ['end_time != 2012-04-21T11:30:00Z', plain, false],
    ['labels.absent != x', plain, false],
    ['labels.absent = ""', plain, false],
    ['labels.constructor:*', plain, false],
    ['metadata.value.absent != 1', struct, false],
    ['response.code = 0', plain, false],
    // A record of another type, of an unknown one, and one whose bytes are not of their type.
    ['metadata.status != PAUSED', struct, false],
    ['metadata.status != PAUSED', encodedOperation({ metadata: UNKNOWN_ANY }), false],
    [
      'metadata.status != PAUSED',
      encodedOperation({ metadata: { ...transferMetadata(), value: new Uint8Array([0xff]) } }),
      false,
    ],
    ['error.code != 5', { ...failed, encoded: new Uint8Array([0xff]) }, false],
  ]);
});

describe('messages are compared with null alone', () => {
  holds([
    ['error = null', plain, true],
    ['error = null', failed, false],
    ['error != null', failed, true],
    ['metadata = null', transfer, false],
    ['end_time = null', plain, true],
  ]);
});

// AIP-160: "`r:42`: True if `r` contains 42." "`r.foo:42`: True if `r` contains an element `e` such that `e.foo = 42`."
describe('has, of repeated fields', () => {
  holds([
    ['metadata.logging_config.log_actions:COPY', transfer, true],
    ['metadata.logging_config.log_actions:DELETE', transfer, false],
    ['metadata.logging_config.log_actions:(COPY AND FIND)', transfer, true],
    ['metadata.logging_config.log_actions:(COPY AND DELETE)', transfer, false],
    ['metadata.logging_config.log_action_states:*', transfer, false],
    ['metadata.logging_config.log_actions:*', transfer, true],
    ['metadata.transfer_spec.object_conditions.include_prefixes:data*', transfer, true],
    ['metadata.error_breakdowns.error_code:ABORTED', transfer, true],
    ['metadata.error_breakdowns.error_code:CANCELLED', transfer, false],
    ['metadata.error_breakdowns.error_count:0', transfer, true],
    ['metadata.error_breakdowns.error_log_entries.error_details:away', transfer, true],
    ['metadata.error_breakdowns:error_log_entries', transfer, true],
    ['error.details:*', failed, true],
    ['error.details.reason:SOURCE_*', failed, true],
    ['error.details.metadata.path:"/a"', failed, true],
    ['error.details.metadata.path:"/b"', failed, false],
    ['error.details.@type:*/google.rpc.ErrorInfo', failed, true],
    ['metadata.value.list:42', struct, true],
    ['metadata.value.list:43', struct, false],
    ['metadata.value.list.foo:x', struct, true],
  ]);
});

// AIP-160: "`m:foo`: True if `m` contains the key "foo"." "`m.foo:*`: True if `m` contains the key "foo"." "`m.foo:42`: True if `m.foo` is 42."
// "a field is only considered to be present if it has a non-default value."
describe('has, of maps, structs and messages', () => {
  holds([
    ['labels:env', plain, true],
    ['labels:absent', plain, false],
    ['labels.env:*', plain, true],
    ['labels.empty:*', plain, true],
    ['labels.env:prod', plain, true],
    ['labels.env:test', plain, false],
    ['labels."a.b" = dotted', plain, true],
    ['labels:"a.b"', plain, true],
    ['labels:*', plain, true],
    ['labels:*', transfer, false],
    ['labels.env:(prod OR test)', plain, true],
    ['metadata:counters', transfer, true],
    ['metadata:end_time', transfer, false],
    ['metadata.counters:objects_copied_to_sink', transfer, true],
    ['metadata.counters:bytes_found_from_source', transfer, false],
    ['metadata.counters.bytes_found_from_source:*', transfer, false],
    ['metadata.counters.bytes_found_from_source:0', transfer, true],
    ['metadata.value:text', struct, true],
    ['metadata.value:absent', struct, false],
    ['metadata.value.nothing:*', struct, true],
    ['metadata.value.inner:deep', struct, true],
    ['name:operations/report-7', plain, true],
    ['name:report', plain, false],
  ]);
});

// AIP-160: "`r:*`: True if `repeated` field `r` is present." "`p:*`: True if `map` field `p` is present." "`m:*`: True if `message` field `m`
// is present."
describe('has, of fields of the operation', () => {
  holds([
    ['error:*', failed, true],
    ['error:*', plain, false],
    ['metadata:*', transfer, true],
    ['metadata:*', plain, false],
    [
      'response:*',
      encodedOperation({ state: 'SUCCEEDED', result: { response: packAny('google.protobuf.Empty', {}) } }),
      true,
    ],
    ['done:*', failed, true],
    ['done:*', plain, false],
    ['end_time:*', plain, false],
    ['state:*', plain, true],
    ['name:*', plain, true],
  ]);
});

describe('an Any within an Any is looked into too', () => {
  const inner = wireAny(packAny('google.rpc.ErrorInfo', { reason: 'INNER' }));
  const outer = encodedOperation({ metadata: packAny('google.rpc.Status', { code: 3, details: [inner] }) });
  const wrapped = encodedOperation({ metadata: packAny('google.protobuf.Int64Value', { value: '7' }) });
  holds([
    ['metadata.details.reason:INNER', outer, true],
    ['metadata.details.reason:OUTER', outer, false],
    ['metadata.value = 7', wrapped, true],
    ['metadata.value > 7', wrapped, false],
    ['metadata.value = 7s', encodedOperation({ metadata: packAny('google.protobuf.Duration', { seconds: 7 }) }), true],
  ]);
});

// AIP-160: "If a non-compliant or schematically invalid `filter` string is specified, the API should error with `INVALID_ARGUMENT`."
describe('a filter that is wrong says where, and what would be right', () => {
  test.each<[filter: string, position: number, term: string, said: RegExp]>([
    // "Fields referenced in the `filter` must exist on the filtered schema."
    ['nosuch = 1', 0, 'nosuch = 1', /no member nosuch.*the members of the operation are name, done/],
    [
      'done = true AND error.nosuch = 1',
      16,
      'error.nosuch = 1',
      /no member nosuch.*the members of google.rpc.Status are code, message/,
    ],
    ['metadata.no_such_field = 1', 0, 'metadata.no_such_field = 1', /no message type known here has a member/],
    [
      'metadata.counters.nosuch = 1',
      0,
      'metadata.counters.nosuch = 1',
      /no member nosuch.*TransferCounters are objects_found_from_source/,
    ],
    ['metadata:no_such_field', 0, 'metadata:no_such_field', /no message type known here/],
    ['name.first = x', 0, 'name.first = x', /name is of type string and has no members/],
    ['labels.a.b = x', 0, 'labels.a.b = x', /labels.a is of type string.*quote a name that holds a dot/],
    ['1 > 0', 0, '1 > 0', /no member 1/],
    // "Field values provided in the `filter` must align to the type of the field. … a `filter` like "age=hello" is invalid."
    ['error.code = hello', 0, 'error.code = hello', /hello is no integer; give a whole number/],
    ['error.code = 1.5', 0, 'error.code = 1.5', /no integer/],
    ['error.code = 123456789012345678901', 0, 'error.code = 123456789012345678901', /no integer/],
    ['done = yes', 0, 'done = yes', /give true or false/],
    ['done = TRUE', 0, 'done = TRUE', /give true or false/],
    ['done = null', 0, 'done = null', /give true or false/],
    // "Field values for bounded data types e.g. `enum` … must be a valid value in the set."
    ['metadata.status = paused', 0, 'metadata.status = paused', /paused is no name of the enum.*PAUSED/],
    ['state = queued', 0, 'state = queued', /QUEUED, RUNNING/],
    // "Field values for standardized types e.g. `Timestamp` must conform to the documented standard"
    ['create_time > yesterday', 0, 'create_time > yesterday', /RFC 3339/],
    ['create_time > 2012-04-21', 0, 'create_time > 2012-04-21', /RFC 3339/],
    ['metadata.start_time = 20s', 0, 'metadata.start_time = 20s', /RFC 3339/],
    ['metadata.min_backoff = 20', 0, 'metadata.min_backoff = 20', /no message type known here/],
    // "(but should not provide them for booleans or enums)": what orders.
    ['done > false', 0, 'done > false', /the type boolean has no >; compare it with = != :/],
    ['state < RUNNING', 0, 'state < RUNNING', /the type enum has no </],
    // "The `.` operator must not be used to traverse through a repeated field or list": "`e.0.foo = 42` and `e[0].foo = 42` are not valid"
    [
      'metadata.error_breakdowns.error_count = 3',
      0,
      'metadata.error_breakdowns.error_count = 3',
      /is repeated; ask with :/,
    ],
    ['metadata.error_breakdowns.0.error_count:3', 0, 'metadata.error_breakdowns.0.error_count:3', /no member 0/],
    ['metadata.error_breakdowns[0].error_count:3', 0, 'metadata.error_breakdowns[0].error_count:3', /no message type/],
    ['labels = prod', 0, 'labels = prod', /labels is a map/],
    ['error = 5', 0, 'error = 5', /error is a message/],
    // "An API may define a function using the `call(arg...)` syntax": none is.
    ['regex(name, "x")', 0, 'regex(name, "x")', /functions are not served/],
    ['done = true AND error.code = cohort(request.user)', 29, 'cohort(request.user)', /functions are not served/],
    ['f(1) > 2', 0, 'f(1)', /functions are not served/],
    ['NOT(done = true)', 0, 'NOT(done = true)', /put a space between/],
    // What somebody meant otherwise.
    ['done', 0, 'done', /a field stands alone; compare it/],
    ['NOT done', 4, 'done', /a field stands alone/],
    ['metadata.status', 0, 'metadata.status', /a field stands alone/],
    ['done = true and kind = x', 12, 'and', /write AND/],
    ['done = true || kind = x', 12, '||', /write OR/],
    ['name != (a OR b)', 8, '(a OR b)', /only = and : take values in parentheses/],
    ['name = (kind = b)', 8, 'kind = b', /holds a comparison/],
    // What the grammar does not have.
    ['done = ', 7, '', /a name or a value is missing/],
    ['= true', 0, '= true', /a name or a value is missing/],
    ['done == true', 6, '= true', /a name or a value is missing/],
    ['!done = true', 0, '!done = true', /a name or a value is missing/],
    ['(done = true', 0, '(done = true', /never closed/],
    ['done = true)', 11, ')', /follows where an expression is over/],
    ['a, b', 1, ', b', /follows where an expression is over/],
    ['name = "operations', 7, '"operations', /quote is never closed/],
    ['name = "a\\d"', 9, '\\d"', /backslash escapes nothing/],
    ['a AND', 5, '', /missing/],
    ['AND a', 0, 'AND', /keyword with nothing to connect/],
    ['a OR OR b', 5, 'OR', /keyword with nothing to connect/],
    ['NOT NOT a', 4, 'NOT a', /negated twice/],
    ['--a', 1, '-a', /negated twice/],
    ['- a', 1, 'a', /missing/],
    ['(a)(b)', 3, '(b)', /without a space/],
    ['"a"b', 3, 'b', /without a space/],
    ['error..code = 1', 6, '.code = 1', /missing/],
    ['kind = a.', 9, '', /missing/],
  ])('%s', (filter, position, term, said) => {
    const refused = refusal(filter);
    expect(refused).toMatchObject({
      code: 3,
      info: { reason: 'INVALID_FILTER', metadata: { field: 'filter', position: String(position), term } },
      fieldViolations: [{ field: 'filter' }],
    });
    expect(refused?.message).toMatch(said);
  });
});

// All of it goes into a trailer, of which clients take 8 KiB.
test.each([
  ['a value', `error.code = ${'x'.repeat(15_000)}`],
  ['a field', `metadata.${'x'.repeat(15_000)} = 1`],
  ['a function', `${'x'.repeat(15_000)}(1)`],
  ['a string', `"${'😀'.repeat(3_000)}`],
  ['what is right', 'metadata.counters.nosuch = 1'],
])('the error stays short however long %s is', (_what, filter) => {
  const refused = refusal(filter);
  expect(refused?.message.length).toBeLessThan(800);
  expect(refused?.message.isWellFormed()).toBe(true);
  expect(refused?.info.metadata?.['term']?.isWellFormed()).toBe(true);
});

// AIP-160: "A service may specify further structure or limitations for filter queries"
describe('limits', () => {
  test.each([
    ['bytes', `name = "${'é'.repeat(8200)}"`, /has more than 16384 bytes/],
    ['terms', Array.from({ length: 101 }, () => 'a').join(' OR '), /more than 100 terms/],
    ['terms in an argument', `name = (${Array.from({ length: 101 }, () => 'a').join(' OR ')})`, /more than 100 terms/],
    ['parentheses', `${'('.repeat(33)}a${')'.repeat(33)}`, /more than 32 parentheses/],
    ['parts of a path', `metadata.value.${'a.'.repeat(40)}b = 1`, /more than 32 parts/],
  ])('too many %s are refused', (_what, filter, said) => {
    expect(refusal(filter)?.message).toMatch(said);
  });

  test('what is within them is not', () => {
    expect(refusal(Array.from({ length: 99 }, () => 'metadata.status = PAUSED').join(' OR '))).toBeUndefined();
    expect(refusal(`${'('.repeat(32)}a${')'.repeat(32)}`)).toBeUndefined();
  });
});

function refusal(filter: string): StatusError | undefined {
  try {
    isFound(filter, plain);
    return undefined;
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
}
