/** What of a filter an index serves: bounds on the records that can match. */
import type { ListQuery } from '../operation-repository.ts';
import { isDone, STATES, type State } from '../operation.ts';
import { asksPresence } from './goal.ts';
import { timestampNs } from './scalar-test.ts';
import type { GoalTerm, Term } from './simple-terms.ts';

/** Every record that matches is within these bounds. */
export interface Narrowing extends Pick<ListQuery, 'names' | 'states' | 'createTimeMinMs' | 'createTimeMaxMs'> {
  /** Whether every record within them matches too, so that none need be looked at. */
  readonly isExact: boolean;
}

const NOTHING_KNOWN: Narrowing = { isExact: false };

const NS_PER_MS = 1_000_000n;

/** The bounds of a filter that was found right. Pure. */
export function narrowedList(term: Term): Narrowing {
  switch (term.kind) {
    case 'and':
      return term.operands.map(narrowedList).reduce(intersection);
    case 'or':
      return term.operands.map(narrowedList).reduce(union);
    case 'not':
      return complement(narrowedList(term.operand));
    case 'goal':
      return ofGoal(term);
    case 'text':
      return NOTHING_KNOWN;
  }
}

function ofGoal(goal: GoalTerm): Narrowing {
  if (goal.path.length > 1) return NOTHING_KNOWN;
  switch (goal.path[0]) {
    case 'name':
      return ofName(goal);
    case 'done':
      return ofStates(goal, (state) => String(isDone({ state })), 'true');
    case 'state':
      return ofStates(goal, (state) => state);
    case 'create_time':
    case 'createTime':
      return ofCreateTime(goal);
    default:
      return NOTHING_KNOWN;
  }
}

function ofName({ comparator, literal }: GoalTerm): Narrowing {
  const isEquality = comparator === '=' || comparator === ':';
  return isEquality && literal.pattern.length === 1 ? { names: [literal.text], isExact: true } : NOTHING_KNOWN;
}

/** @param present  the value that counts as set. */
function ofStates(goal: GoalTerm, valueOf: (state: State) => string, present?: string): Narrowing {
  if (asksPresence(goal)) {
    const states = STATES.filter((state) => present === undefined || valueOf(state) === present);
    return { states, isExact: true };
  }
  const isWanted = goal.comparator !== '!=';
  return { states: STATES.filter((state) => (valueOf(state) === goal.literal.text) === isWanted), isExact: true };
}

/** Creation times are whole milliseconds: bounds between two of them go to the nearer that is within. */
function ofCreateTime({ comparator, literal }: GoalTerm): Narrowing {
  const ns = timestampNs(literal.text);
  if (ns === undefined) return NOTHING_KNOWN;
  const notBefore = Number(ceilDivide(ns, NS_PER_MS));
  const notAfter = Number(floorDivide(ns, NS_PER_MS));
  switch (comparator) {
    case '=':
    case ':':
      return { createTimeMinMs: notBefore, createTimeMaxMs: notAfter, isExact: true };
    case '>=':
      return { createTimeMinMs: notBefore, isExact: true };
    case '>':
      return { createTimeMinMs: notAfter + 1, isExact: true };
    case '<=':
      return { createTimeMaxMs: notAfter, isExact: true };
    case '<':
      return { createTimeMaxMs: notBefore - 1, isExact: true };
    case '!=':
      return NOTHING_KNOWN;
  }
}

function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
}

function ceilDivide(dividend: bigint, divisor: bigint): bigint {
  return -floorDivide(-dividend, divisor);
}

function intersection(left: Narrowing, right: Narrowing): Narrowing {
  return withoutAbsent({
    names: intersected(left.names, right.names),
    states: intersected(left.states, right.states),
    createTimeMinMs: larger(left.createTimeMinMs, right.createTimeMinMs),
    createTimeMaxMs: smaller(left.createTimeMaxMs, right.createTimeMaxMs),
    isExact: left.isExact && right.isExact,
  });
}

/** Two that bound the same one thing bound it together; of others nothing can be said. */
function union(left: Narrowing, right: Narrowing): Narrowing {
  const isExact = left.isExact && right.isExact;
  if (boundsOnly(left, 'names') && boundsOnly(right, 'names')) {
    return { names: united(left.names, right.names), isExact };
  }
  if (boundsOnly(left, 'states') && boundsOnly(right, 'states')) {
    return { states: united(left.states, right.states), isExact };
  }
  return NOTHING_KNOWN;
}

function complement(narrowing: Narrowing): Narrowing {
  const { states, isExact } = narrowing;
  if (!isExact || states === undefined || !boundsOnly(narrowing, 'states')) return NOTHING_KNOWN;
  return { states: STATES.filter((state) => !states.includes(state)), isExact: true };
}

function boundsOnly(narrowing: Narrowing, bound: keyof Narrowing): boolean {
  const { isExact: _isExact, ...bounds } = narrowing;
  const given = Object.keys(bounds);
  return given.length === 1 && given[0] === bound;
}

function intersected<T>(left: readonly T[] | undefined, right: readonly T[] | undefined): readonly T[] | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return left.filter((value) => right.includes(value));
}

function united<T>(left: readonly T[] = [], right: readonly T[] = []): readonly T[] {
  return [...new Set([...left, ...right])];
}

function larger(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined || right === undefined ? (left ?? right) : Math.max(left, right);
}

function smaller(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined || right === undefined ? (left ?? right) : Math.min(left, right);
}

function withoutAbsent(bounds: { readonly [Key in keyof Narrowing]: Narrowing[Key] | undefined }): Narrowing {
  return Object.fromEntries(Object.entries(bounds).filter(([, value]) => value !== undefined)) as unknown as Narrowing;
}
