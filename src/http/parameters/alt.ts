import { badParameter } from './bad-parameter.ts';
import type { SystemQuery } from './split-query.ts';

/** What a method answers: one message, a stream of them, or bytes. */
export type AnswerKind = 'message' | 'stream' | 'media';

export interface Alt {
  readonly format: 'json' | 'proto' | 'sse' | 'media';
  /** How JSON writes enums: google-gax asks for numbers. */
  readonly enums: 'names' | 'numbers';
}

const DEFAULT_FORMATS = { message: 'json', stream: 'sse', media: 'media' } as const;
const FORMATS: ReadonlyMap<string, Alt['format']> = new Map([
  ['json', 'json'],
  ['proto', 'proto'],
  ['sse', 'sse'],
  ['media', 'media'],
]);

/** The name of the format asked for in small letters, `json` when there is none: known or not. */
export function altFormat(system: SystemQuery): string {
  return (firstAlt(system).split(';', 1)[0] ?? '').trim().toLowerCase() || 'json';
}

/**
 * Reads `alt`: the first one counts, its case does not, and an empty one is none.
 *
 * @throws StatusError INVALID_ARGUMENT for a format that nobody knows, and for one that the method cannot answer in.
 */
export function readAlt(system: SystemQuery, kind: AnswerKind): Alt {
  const alt = firstAlt(system);
  if (alt === '') return { format: DEFAULT_FORMATS[kind], enums: 'names' };
  const format = FORMATS.get(altFormat(system));
  const options = alt.split(';').slice(1);
  const isPlain = options.length === 0;
  if (format === undefined || !(isPlain || (isText(format) && options.every(isIntegerEnums)))) {
    throw badParameter('alt', alt, (shown) => `Invalid value "${shown}" for query parameter 'alt'`);
  }
  if (format === 'media' && kind !== 'media') throw unsupported(format, 'byte stream');
  if (format === 'sse' && kind !== 'stream') throw unsupported(format, 'server streaming');
  if (format === 'proto' && kind === 'stream') throw unsupported(format, 'unary');
  return { format, enums: isPlain ? 'names' : 'numbers' };
}

function firstAlt(system: SystemQuery): string {
  return system.get('alt')?.[0] ?? '';
}

function isText(format: Alt['format']): boolean {
  return format === 'json' || format === 'sse';
}

function isIntegerEnums(option: string): boolean {
  return option.trim().toLowerCase() === 'enum-encoding=int';
}

function unsupported(format: string, kind: string): Error {
  return badParameter('alt', format, (shown) => `Unsupported alt type "${shown}" for non ${kind} request.`);
}
