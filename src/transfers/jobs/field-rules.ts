/**
 * Which fields of a message are served, as a table, so that nothing is ever stored and silently ignored.
 *
 * Messages are plain objects in schema/'s shape: camelCase members, enums by name, absent members left out, and for a oneof
 * a member of its name.
 */
import { unimplementedField } from '../../core/status-error.ts';

/** A protobuf message as a plain object. */
export type Message = Readonly<Record<string, unknown>>;

/**
 * What becomes of a field: `served`; `output`, dropped where a client sends it (AIP-203); `oneof`, the member that says which
 * one is set; `unserved`, refused when it holds anything; `unserved-member`, refused when it is there, as being there chooses
 * it; a list of the enum values served; `advice`, unserved with what to do instead; or the rules of a message's own fields. A field
 * that has no rule is unserved.
 */
export type FieldRule =
  | 'served'
  | 'output'
  | 'oneof'
  | 'unserved'
  | 'unserved-member'
  | readonly string[]
  | { readonly advice: string }
  | { readonly message: FieldRules; readonly unserved?: boolean };

export type FieldRules = Readonly<Record<string, FieldRule>>;

/**
 * The part of a message that is served, as a copy.
 *
 * @param path  of the message within the request, in the proto's spelling, such as `transfer_job`.
 * @throws StatusError UNIMPLEMENTED naming the first field that holds something else.
 */
export function servedPart(message: Message, rules: FieldRules, path: string): Message {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(message)) {
    const rule = ruleOf(rules, key) ?? 'unserved';
    const served = servedValue(value, rule, `${path}.${snakeCase(key)}`);
    if (served !== undefined) kept[key] = served;
  }
  return kept;
}

/** The rule of a member, never one of Object.prototype. */
export function ruleOf(rules: FieldRules, key: string): FieldRule | undefined {
  return Object.hasOwn(rules, key) ? rules[key] : undefined;
}

function servedValue(value: unknown, rule: FieldRule, field: string): unknown {
  if (rule === 'oneof' || rule === 'output' || value === undefined || value === null) return undefined;
  if (rule === 'served') return value;
  if (rule === 'unserved-member') throw unimplementedField(field);
  if (typeof rule === 'object' && 'message' in rule && rule.unserved !== true) {
    return servedPart(value as Message, rule.message, field);
  }
  if (isEmpty(value)) return undefined;
  if (Array.isArray(rule) && rule.includes(value)) return value;
  if (typeof rule === 'object' && 'advice' in rule) throw unimplementedField(field, rule.advice);
  throw unimplementedField(field, Array.isArray(rule) ? `the values served are ${rule.join(', ')}` : undefined);
}

/** Whether a value says nothing: a default, or a message or list without anything that says something. */
export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return true;
  if (typeof value === 'string') return /^[A-Z_]+_UNSPECIFIED$/.test(value);
  if (typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.length === 0;
  return Object.values(value).every(isEmpty);
}

export function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export function camelCase(key: string): string {
  return key.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}
