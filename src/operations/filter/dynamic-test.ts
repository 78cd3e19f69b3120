/** Values whose type only the message knows: google.protobuf.Struct, Value and ListValue. */
import { asksPresence, type Goal } from './goal.ts';
import { Mismatch } from './mismatch.ts';
import { scalarTest } from './scalar-test.ts';
import { hasMember, memberOf, type ValueTest } from './value-test.ts';

/** A Struct, whose key is the path's part at `step`. A key that it has not matches nothing, `!=` included. */
export function structTest(goal: Goal, step: number): ValueTest {
  const key = goal.path[step] ?? '';
  const isLast = step + 1 === goal.path.length;
  if (isLast && asksPresence(goal)) return (struct) => hasMember(memberOf(struct, 'fields'), key);
  const test = dynamicTest(goal, step + 1);
  return (struct, open) => {
    const fields = memberOf(struct, 'fields');
    return hasMember(fields, key) && test(fields[key], open);
  };
}

/** A Value: a struct is looked into, and of a list's elements one must match, by `:` alone. */
export function dynamicTest(goal: Goal, step: number): ValueTest {
  const ofStruct = step < goal.path.length ? structTest(goal, step) : hasKeyTest(goal);
  const ofScalar = step < goal.path.length ? undefined : scalarsTest(goal);
  const test: ValueTest = (value, open) => {
    if (hasMember(value, 'structValue')) return ofStruct(value['structValue'], open);
    if (hasMember(value, 'listValue'))
      return goal.comparator === ':' && elementsOf(value['listValue']).some((element) => test(element, open));
    return ofScalar?.(value, open) ?? false;
  };
  return test;
}

/** A ListValue, of whose elements one must match. */
export function listTest(goal: Goal, step: number): ValueTest {
  const test = dynamicTest(goal, step);
  return (list, open) => elementsOf(list).some((element) => test(element, open));
}

function elementsOf(list: unknown): readonly unknown[] {
  const values = memberOf(list, 'values');
  return Array.isArray(values) ? values : [];
}

/** `m:key` on a struct. */
function hasKeyTest({ comparator, literal }: Goal): ValueTest {
  return (struct) => comparator === ':' && hasMember(memberOf(struct, 'fields'), literal.text);
}

/** What a literal means depends on the value that it is compared with; one of another type is unequal to it. */
function scalarsTest(goal: Goal): ValueTest {
  if (asksPresence(goal)) return (value) => !hasMember(value, 'nullValue');
  const isUnequal = goal.comparator === '!=';
  const ofNull = isUnequal !== (goal.literal.text === 'null' && ['=', '!=', ':'].includes(goal.comparator));
  const tests = SCALAR_MEMBERS.map(([member, kind]) => {
    const test = scalarTest({ kind }, goal);
    return [member, test instanceof Mismatch ? () => isUnequal : test] as const;
  });
  return (value, open) => {
    if (hasMember(value, 'nullValue')) return ofNull;
    const found = tests.find(([member]) => hasMember(value, member));
    return found?.[1](memberOf(value, found[0]), open) ?? false;
  };
}

const SCALAR_MEMBERS = [
  ['stringValue', 'string'],
  ['numberValue', 'float'],
  ['boolValue', 'boolean'],
] as const;
