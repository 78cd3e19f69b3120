/**
 * The list filters of Storage Transfer: a JSON object in a string, such as `{"projectId":"p","jobNames":["1"]}`.
 *
 * Clients differ in how they write it: keys in camelCase or snake_case, and gcloud sends every member it knows, as null where
 * the user gave none. Anything that is not understood is refused: a filter that is half ignored lists the wrong things.
 */
import { invalidArgument, type StatusError } from '../core/status-error.ts';

/** More names than this in one list are refused: each is a term of a query. */
const VALUE_COUNT_MAX = 1000;

/** As long as a name can be. A pattern is compared with every record that a list looks at, while nothing else can run. */
const PATTERN_LENGTH_MAX = 1024;

/** Some 1,000 names of the greatest length would not fit, and nobody writes them. Longer texts are refused before they are parsed. */
const FILTER_LENGTH_MAX = 256 * 1024;

/** How much of a value that is refused an error quotes, characters. */
const QUOTE_LENGTH_MAX = 100;

/** The members of one filter, read with their types checked. A null is an absent member. */
export class JsonFilter {
  readonly #members: ReadonlyMap<string, unknown>;

  /**
   * @param keys  the members known, in camelCase.
   * @throws StatusError INVALID_ARGUMENT when the text is no JSON object, or a key is unknown or given twice.
   */
  constructor(text: string, keys: readonly string[]) {
    if (text.length > FILTER_LENGTH_MAX) {
      throw invalidArgument('filter', `has more than ${FILTER_LENGTH_MAX} characters`, { reason: 'INVALID_FILTER' });
    }
    const members = new Map<string, unknown>();
    const given = new Set<string>();
    const parsed = parseObject(text);
    for (const written of topLevelKeys(text)) {
      const key = camelCase(written);
      if (!keys.includes(key)) {
        throw refused(written, `is unknown; the members are ${keys.join(', ')}`, written);
      }
      if (given.has(key)) throw refused(key, 'is given twice');
      given.add(key);
      const value = parsed[written];
      if (value !== null) members.set(key, value);
    }
    this.#members = members;
  }

  /** A string that must be there and not be empty. */
  required(key: string): string {
    const value = this.string(key);
    if (value === undefined || value === '') throw refused(key, 'is required');
    return value;
  }

  string(key: string): string | undefined {
    const value = this.#members.get(key);
    if (value === undefined || typeof value === 'string') return value;
    throw refused(key, 'must be a string', describe(value));
  }

  /** A name in which `*` stands for any characters; an empty one is absent. */
  pattern(key: string): string | undefined {
    const pattern = this.string(key) ?? '';
    if (pattern.length > PATTERN_LENGTH_MAX) throw refused(key, `has more than ${PATTERN_LENGTH_MAX} characters`);
    return pattern === '' ? undefined : pattern;
  }

  /** A list of strings that are not empty; undefined when it is absent or has no members, as both leave nothing out. */
  strings(key: string): readonly string[] | undefined {
    const values = this.#members.get(key);
    if (values === undefined) return undefined;
    if (!Array.isArray(values)) throw refused(key, 'must be an array of strings', describe(values));
    if (values.length > VALUE_COUNT_MAX) throw refused(key, `has more than ${VALUE_COUNT_MAX} values`);
    const strings = values.map((value: unknown, index) => {
      if (typeof value === 'string' && value !== '') return value;
      throw refused(`${key}[${index}]`, 'must be a string that is not empty', describe(value));
    });
    return strings.length === 0 ? undefined : strings;
  }

  /** Resource names, with their collection's prefix whether it was written or not. */
  names(key: string, prefix: string): readonly string[] | undefined {
    const names = this.strings(key)?.map((name) => (name.startsWith(prefix) ? name : prefix + name));
    return names === undefined ? undefined : [...new Set(names)];
  }

  /** A name of a proto enum in any case, as the value `known` has for it; an empty one is absent. */
  enumValue<Value>(key: string, known: ReadonlyMap<string, Value>): Value | undefined {
    const written = this.string(key) ?? '';
    return written === '' ? undefined : valueOf(written, key, known);
  }

  /** Names of a proto enum, each as enumValue reads it. */
  enumValues<Value>(key: string, known: ReadonlyMap<string, Value>): readonly Value[] | undefined {
    return this.strings(key)?.map((written, index) => valueOf(written, `${key}[${index}]`, known));
  }
}

function valueOf<Value>(written: string, key: string, known: ReadonlyMap<string, Value>): Value {
  const value = known.get(written.toUpperCase());
  if (value !== undefined) return value;
  throw refused(key, `must be one of ${[...known.keys()].join(', ')}`, written);
}

/** A value as JSON; what is nested only by its kind, as it may be nested too deeply to be written. */
function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return Array.isArray(value) ? 'an array' : 'an object';
}

/** INVALID_ARGUMENT for a member of the filter, quoting what it holds. */
export function refused(key: string, rule: string, value?: string): StatusError {
  const quoted = value === undefined ? undefined : value.slice(0, QUOTE_LENGTH_MAX);
  const description = quoted === undefined ? rule : `${rule}, not ${quoted}`;
  return invalidArgument(`filter.${key.slice(0, QUOTE_LENGTH_MAX)}`, description, {
    reason: 'INVALID_FILTER',
    ...(quoted === undefined ? {} : { metadata: { value: quoted } }),
  });
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  if (text.trim() === '') throw notAnObject('is required');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw notAnObject('is no JSON text', error);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw notAnObject('is no JSON object');
  return parsed as Readonly<Record<string, unknown>>;
}

function notAnObject(problem: string, cause?: unknown): StatusError {
  const description = `${problem}; write it as {"projectId":"my-project"}`;
  return invalidArgument('filter', description, {
    reason: 'INVALID_FILTER',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The keys of a valid JSON object as they are written, repeated ones too: JSON.parse keeps only the last of those. */
function topLevelKeys(text: string): readonly string[] {
  const keys: string[] = [];
  let depth = 0;
  let string = '';
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g)) {
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    else if (token !== ':') string = token;
    else if (depth === 1) keys.push(JSON.parse(string) as string);
  }
  return keys;
}

function camelCase(key: string): string {
  return key.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
