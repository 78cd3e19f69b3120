/**
 * From a restriction to a test of decoded messages: AIP-160's traversal (`.`) and has (`:`) operators.
 *
 * What can be known of the types is checked here, once; the tests that come out only read values. A Mismatch says why a restriction
 * does not fit. `step` counts the parts of the path that were taken to come to a value.
 */
import type { FieldType, MessageField, MessageType, MessageTypes } from '../message-types.ts';
import { dynamicTest, listTest, structTest } from './dynamic-test.ts';
import { asksPresence, STAR, type Goal } from './goal.ts';
import { Mismatch } from './mismatch.ts';
import { scalarTest, type ScalarType } from './scalar-test.ts';
import { hasMember, isSet, memberOf, whenSet, type ValueTest } from './value-test.ts';

type Outcome = ValueTest | Mismatch;

const ANY = 'google.protobuf.Any';
const STRUCT = 'google.protobuf.Struct';
const VALUE = 'google.protobuf.Value';
const LIST_VALUE = 'google.protobuf.ListValue';

/** Messages that are compared as a whole. */
const TIMES: ReadonlyMap<string, ScalarType> = new Map([
  ['google.protobuf.Timestamp', { kind: 'timestamp' }],
  ['google.protobuf.Duration', { kind: 'duration' }],
]);

/** Messages that are compared as the value they wrap. */
const WRAPPERS: ReadonlyMap<string, ScalarType> = new Map([
  ['google.protobuf.StringValue', { kind: 'string' }],
  ['google.protobuf.BytesValue', { kind: 'bytes' }],
  ['google.protobuf.BoolValue', { kind: 'boolean' }],
  ['google.protobuf.Int32Value', { kind: 'integer' }],
  ['google.protobuf.UInt32Value', { kind: 'integer' }],
  ['google.protobuf.Int64Value', { kind: 'integer' }],
  ['google.protobuf.UInt64Value', { kind: 'integer' }],
  ['google.protobuf.FloatValue', { kind: 'float' }],
  ['google.protobuf.DoubleValue', { kind: 'float' }],
]);

/** In an Any, JSON shows these as a member `value`, and so do filters: they have no names of their own for what is in them. */
const VALUES_IN_ANY: ReadonlySet<string> = new Set([
  ANY,
  STRUCT,
  VALUE,
  LIST_VALUE,
  ...TIMES.keys(),
  ...WRAPPERS.keys(),
]);

/** Names of a message's fields in one error. */
const NAMES_MAX = 40;

export class PathCompiler {
  readonly #types: MessageTypes;
  readonly #goal: Goal;
  /** By step: what is in an Any is the same wherever it stands. */
  readonly #anyTests = new Map<number, Outcome>();

  constructor(types: MessageTypes, goal: Goal) {
    this.#types = types;
    this.#goal = goal;
  }

  /** The test of messages of a type, whose field is the path's part at `step`. */
  ofMessage(type: MessageType, step = 0): Outcome {
    const name = this.#goal.path[step] ?? '';
    const field = type.field(name);
    if (field === undefined) {
      return new Mismatch(step, `there is no member ${name}`, () => membersOf(type));
    }
    const test = this.#ofField(field, step + 1);
    if (test instanceof Mismatch) return test;
    return (message, open) => test(memberOf(message, field.key), open);
  }

  #ofField(field: MessageField, step: number): Outcome {
    switch (field.rule) {
      case 'single':
        return this.#ofValue(field.type, step);
      case 'repeated':
        return this.#ofElements(field, step);
      case 'map':
        return this.#ofMap(field, step);
    }
  }

  // AIP-160: "The `.` operator must not be used to traverse through a repeated field or list, except for specific use with the `:` operator."
  #ofElements(field: MessageField, step: number): Outcome {
    if (this.#goal.comparator !== ':') {
      return new Mismatch(step, `${this.#written(step)} is repeated`, () => 'ask with : whether an element matches');
    }
    if (this.#isOver(step) && asksPresence(this.#goal)) return (value) => Array.isArray(value) && value.length > 0;
    const test = this.#ofValue(field.type, step);
    if (test instanceof Mismatch) return test;
    return (value, open) => Array.isArray(value) && value.some((element) => test(element, open));
  }

  #ofMap(field: MessageField, step: number): Outcome {
    const { comparator, literal, path } = this.#goal;
    const isOver = this.#isOver(step);
    if (isOver && comparator !== ':') {
      return new Mismatch(step, `${this.#written(step)} is a map`, () => 'write map:key, map.key:* or map.key = value');
    }
    if (isOver && asksPresence(this.#goal)) {
      return (value) => typeof value === 'object' && value !== null && Object.keys(value).length > 0;
    }
    const key = keyOf(field, isOver ? literal.text : (path[step] ?? ''), step);
    if (key instanceof Mismatch) return key;
    const asksKey = isOver || (this.#isOver(step + 1) && asksPresence(this.#goal));
    if (asksKey) return (value) => hasMember(value, key);
    const test = this.#ofValue(field.type, step + 1);
    if (test instanceof Mismatch) return test;
    return (value, open) => hasMember(value, key) && test(value[key], open);
  }

  #ofValue(type: FieldType, step: number): Outcome {
    if (type.kind === 'message') {
      return this.#isOver(step) ? this.#ofWholeMessage(type.name, step) : this.#ofMembers(type.name, step);
    }
    if (this.#isOver(step)) return scalarTest(type, this.#goal);
    return new Mismatch(
      step,
      `${this.#written(step)} is of type ${type.kind} and has no members`,
      () => 'quote a name that holds a dot',
    );
  }

  /** The path goes on into a message. */
  #ofMembers(name: string, step: number): Outcome {
    switch (name) {
      case ANY:
        return this.#ofAny(step);
      case STRUCT:
        return structTest(this.#goal, step);
      case VALUE:
        return dynamicTest(this.#goal, step);
      case LIST_VALUE:
        return this.#ofList(step);
    }
    const type = this.#types.find(name);
    if (type === undefined) return new Mismatch(step, `${name} is not known here`, () => 'ask for another member');
    const test = this.ofMessage(type, step);
    return test instanceof Mismatch ? test : whenSet(test);
  }

  /** The path ends at a message. */
  #ofWholeMessage(name: string, step: number): Outcome {
    const { comparator, literal, path } = this.#goal;
    if (asksPresence(this.#goal)) return isSet;
    if (name === VALUE) return whenSet(dynamicTest(this.#goal, step));
    if (literal.text === 'null' && comparator === '=') return (value) => value === undefined;
    if (literal.text === 'null' && comparator === '!=') return isSet;
    if (name === LIST_VALUE) return this.#ofList(step);
    const scalar = TIMES.get(name) ?? WRAPPERS.get(name);
    if (scalar !== undefined) return wholeTest(scalarTest(scalar, this.#goal), WRAPPERS.has(name));
    if (comparator === ':') {
      const goal = { path: [...path, literal.text], comparator, literal: STAR };
      return new PathCompiler(this.#types, goal).#ofMembers(name, step);
    }
    const expected = 'compare one of its members, ask whether it is set with :*, or compare it with null';
    return new Mismatch(step, `${this.#written(step)} is a message`, () => expected);
  }

  #ofList(step: number): Outcome {
    if (this.#goal.comparator === ':') return listTest(this.#goal, step);
    return new Mismatch(step, `${this.#written(step)} is a list`, () => 'ask with : whether an element matches');
  }

  /** Of an Any that may hold any type known: the types that the path fits are those that can match. */
  #ofAny(step: number): Outcome {
    const known = this.#anyTests.get(step);
    if (known !== undefined) return known;
    const outcome = this.#goal.path[step] === '@type' ? this.#ofTypeUrl(step + 1) : this.#ofContents(step);
    this.#anyTests.set(step, outcome);
    return outcome;
  }

  #ofTypeUrl(step: number): Outcome {
    const test = this.#ofValue({ kind: 'string' }, step);
    if (test instanceof Mismatch) return test;
    return (any, open) => test(memberOf(any, 'type_url'), open);
  }

  #ofContents(step: number): Outcome {
    const tests = new Map<string, ValueTest>();
    let nearest: Mismatch | undefined;
    for (const name of this.#types.names()) {
      const test = this.#inAny(name, step);
      if (!(test instanceof Mismatch)) tests.set(name, test);
      else if (test.step > step) nearest = nearest?.or(test) ?? test;
    }
    if (tests.size === 0) return nearest ?? this.#unknownEverywhere(step);
    return (any, open) => {
      const opened = typeof any === 'object' && any !== null ? open(any) : undefined;
      return opened !== undefined && (tests.get(opened.type)?.(opened.message, open) ?? false);
    };
  }

  #inAny(name: string, step: number): Outcome {
    if (!VALUES_IN_ANY.has(name)) return this.#ofMembers(name, step);
    if (this.#goal.path[step] === 'value') return this.#ofValue({ kind: 'message', name }, step + 1);
    return new Mismatch(step, `${name} has the member value alone`, () => 'write value behind it');
  }

  #unknownEverywhere(step: number): Mismatch {
    const name = this.#goal.path[step] ?? '';
    return new Mismatch(
      step,
      `no message type known here has a member ${name}`,
      () => 'name a field of the message in it, or its @type',
    );
  }

  #isOver(step: number): boolean {
    return step === this.#goal.path.length;
  }

  #written(step: number): string {
    return this.#goal.path.slice(0, step).join('.');
  }
}

function wholeTest(test: Outcome, isWrapped: boolean): Outcome {
  if (test instanceof Mismatch) return test;
  return whenSet(isWrapped ? (value, open) => test(memberOf(value, 'value'), open) : test);
}

/** A key as a decoded map has it. */
function keyOf({ mapKey = 'string' }: MessageField, text: string, step: number): string | Mismatch {
  if (mapKey === 'string') return text;
  if (mapKey === 'boolean' && ['true', 'false'].includes(text)) return text;
  if (mapKey === 'integer' && /^-?\d{1,10}$/.test(text)) return String(Number(text));
  const expected = mapKey === 'long' ? 'ask whether the map has any with :*' : `give a ${mapKey}`;
  const problem = mapKey === 'long' ? 'keys of 64 bits cannot be asked for' : `${text} is no key of the map`;
  return new Mismatch(step, problem, () => expected);
}

function membersOf({ name, fieldNames }: MessageType): string {
  if (fieldNames.length === 0) return `${name} has none`;
  return `the members of ${name} are ${fieldNames.slice(0, NAMES_MAX).join(', ')}`;
}
