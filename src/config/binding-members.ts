/** How members of a binding are read. Each throws ConfigError naming the member, and never tells what a secret is. */
import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { StoredSecret } from '../core/bucket-binding.ts';
import { ConfigError } from './sources.ts';

export type Members = Readonly<Record<string, unknown>>;
export type Environment = Readonly<Record<string, string | undefined>>;

/** A secret itself never stands in the file: it would be read, copied and committed with the rest of it. */
export function secretOf(given: unknown, where: string, environment: Environment): StoredSecret {
  const form = `${where}: must be {env: NAME} or {file: PATH}`;
  if (typeof given !== 'object' || given === null) throw new ConfigError(form);
  const { env, file, ...others } = given as Members;
  if (Object.keys(others).length > 0 || (env === undefined) === (file === undefined)) throw new ConfigError(form);
  if (env !== undefined) {
    const name = textOf(env, `${where}.env`);
    if ((environment[name] ?? '') === '') throw new ConfigError(`${where}.env: ${name} is not set`);
    return { env: name };
  }
  const path = textOf(file, `${where}.file`);
  try {
    if (readFileSync(path, 'utf8').trim() === '') throw new Error('it is empty');
  } catch (error) {
    throw new ConfigError(`${where}.file: ${path} cannot be used: ${(error as Error).message}`, { cause: error });
  }
  return { file: path };
}

/** Scheme, host and port. */
export function endpointOf(given: unknown, where: string): string {
  const { url, isUsable } = webUrlOf(given, where);
  if (isUsable && url.pathname === '/') return url.origin;
  throw new ConfigError(`${where}: must be http:// or https:// with a host, and nothing behind it`);
}

/** Scheme, host and port, and a path where there is one; without a '/' at the end. */
export function endpointWithPathOf(given: unknown, where: string): string {
  const { url, isUsable } = webUrlOf(given, where);
  if (isUsable) return url.origin + url.pathname.replace(/\/$/, '');
  throw new ConfigError(`${where}: must be http:// or https:// with a host, and at most a path behind it`);
}

export function absolutePathOf(given: unknown, where: string): string {
  const path = textOf(given, where);
  if (!isAbsolute(path)) throw new ConfigError(`${where}: must be an absolute path`);
  return path;
}

export function textOf(given: unknown, where: string): string {
  if (typeof given === 'string' && given !== '') return given;
  throw new ConfigError(`${where}: must be a text`);
}

export function flagOf(given: unknown, where: string): boolean {
  if (typeof given === 'boolean') return given;
  throw new ConfigError(`${where}: must be true or false`);
}

export function choiceOf<Choice extends string>(given: unknown, choices: readonly Choice[], where: string): Choice {
  const choice = choices.find((each) => each === given);
  if (choice !== undefined) return choice;
  throw new ConfigError(`${where}: must be one of ${choices.join(', ')}`);
}

export function membersOf(given: unknown, where: string): Members {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given as Members;
  throw new ConfigError(`${where}: must be a mapping`);
}

/** One that is not usable has another scheme, a user, a query or a fragment; what is no URL is none of these either. */
function webUrlOf(given: unknown, where: string): { readonly url: URL; readonly isUsable: boolean } {
  const text = textOf(given, where);
  const url = URL.canParse(text) ? new URL(text) : new URL('about:blank');
  const isPlain = url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  return { url, isUsable: isPlain && /^https?:$/.test(url.protocol) };
}
