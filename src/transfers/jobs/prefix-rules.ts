import { invalidArgument } from '../../core/status-error.ts';
import { snakeCase, type Message } from './field-rules.ts';

/** ObjectConditions: "The max size of `include_prefixes` is 1000", and of `exclude_prefixes`. */
const PREFIX_COUNT_MAX = 1000;

/** ObjectConditions: "to a max length of 1024 bytes when UTF8-encoded". */
const PREFIX_BYTES_MAX = 1024;

/** Both lists of an ObjectConditions. */
export interface Prefixes {
  readonly includePrefixes: readonly string[];
  readonly excludePrefixes: readonly string[];
}

/**
 * The prefixes of an ObjectConditions.
 *
 * @param path  of the message within the request, in the proto's spelling.
 * @throws StatusError INVALID_ARGUMENT naming the first that breaks a rule of the proto.
 */
export function prefixesOf(conditions: Message, path: string): Prefixes {
  const includePrefixes = checkedList(conditions, 'includePrefixes', path);
  const excludePrefixes = checkedList(conditions, 'excludePrefixes', path);
  // "If include_prefixes is specified, then each exclude-prefix must start with the value of a path explicitly included".
  const outside =
    includePrefixes.length === 0
      ? undefined
      : excludePrefixes.find((prefix) => !includePrefixes.some((include) => prefix.startsWith(include)));
  if (outside === undefined) return { includePrefixes, excludePrefixes };
  const field = `${path}.exclude_prefixes[${String(excludePrefixes.indexOf(outside))}]`;
  throw refused(field, 'must begin with one of include_prefixes, as it excludes nothing otherwise', outside);
}

function checkedList(conditions: Message, member: keyof Prefixes, path: string): readonly string[] {
  const prefixes = (conditions[member] ?? []) as readonly string[];
  const field = `${path}.${snakeCase(member)}`;
  if (prefixes.length > PREFIX_COUNT_MAX) {
    const count = String(prefixes.length);
    throw invalidArgument(field, `has ${count} prefixes, more than ${PREFIX_COUNT_MAX}`, { metadata: { count } });
  }
  for (const [index, prefix] of prefixes.entries()) checkPrefix(prefix, `${field}[${String(index)}]`);
  refuseNested(prefixes, field);
  return prefixes;
}

function checkPrefix(prefix: string, field: string): void {
  if (prefix === '') throw invalidArgument(field, 'must not be empty; leave it out for all objects');
  if (prefix.startsWith('/')) throw refused(field, 'must not begin with a "/"', prefix);
  if (/[\r\n]/.test(prefix)) throw refused(field, 'must not contain a carriage return or line feed', prefix);
  const bytes = Buffer.byteLength(prefix);
  if (bytes <= PREFIX_BYTES_MAX) return;
  throw invalidArgument(field, `has ${bytes} bytes, more than ${PREFIX_BYTES_MAX}`, {
    metadata: { bytes: String(bytes) },
  });
}

/**
 * "No include-prefix may be a prefix of another include-prefix", nor an exclude-prefix of another. Sorted, what begins with a string follows
 * it at once; that holds for UTF-16 units as for bytes.
 */
function refuseNested(prefixes: readonly string[], field: string): void {
  const sorted = prefixes.toSorted();
  for (const [index, prefix] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next?.startsWith(prefix) !== true) continue;
    throw refused(`${field}[${String(prefixes.lastIndexOf(next))}]`, 'begins with another one of the list', next);
  }
}

function refused(field: string, why: string, prefix: string): Error {
  return invalidArgument(field, `${why}: ${prefix}`, { metadata: { prefix } });
}
