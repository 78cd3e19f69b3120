import type { FilterLanguage } from './ground.ts';
import { parseArgs } from 'node:util';
import { formatAddress, parseAddress } from '../core/address.ts';
import { parseDurationMs } from '../core/duration.ts';
import type { Profile } from './conformance-case.ts';
import { errorText } from './error-text.ts';

/** What the command line says, checked. */
export interface ConformanceOptions {
  readonly address: string;
  readonly collections: readonly string[];
  readonly operations: readonly string[];
  readonly expendable: readonly string[];
  readonly posixDirectory?: string;
  readonly projectId: string;
  readonly filters?: FilterLanguage;
  readonly profile: Profile;
  readonly only: readonly string[];
  readonly skip: readonly string[];
  /** Of one call, milliseconds. */
  readonly timeoutMs: number;
  /** Of the run, milliseconds: no case begins after it. */
  readonly runTimeoutMs: number;
  readonly json: boolean;
}

/** The command line is wrong; the message says how. */
export class WrongOption extends Error {
  override readonly name = 'WrongOption';
}

const LIST = { type: 'string', multiple: true, default: [] as string[] } as const;

const OPTIONS = {
  collection: LIST,
  operation: LIST,
  expendable: LIST,
  'posix-directory': { type: 'string' },
  project: { type: 'string', default: 'conformance' },
  filters: { type: 'string' },
  profile: { type: 'string', default: 'standard' },
  only: LIST,
  skip: LIST,
  timeout: { type: 'string', default: '10' },
  'run-timeout': { type: 'string', default: '600' },
  json: { type: 'boolean', default: false },
} as const;

/** The names of the flags, for whoever tells people of them. */
export const CONFORMANCE_FLAGS: readonly string[] = Object.keys(OPTIONS);

const LANGUAGES: readonly FilterLanguage[] = ['aip-160', 'transfer-json', 'none'];
const PROFILES: readonly Profile[] = ['standard', 'longrunning'];
const TIMEOUT_MAX_S = 3600;

/** @throws WrongOption naming the option. */
export function parseConformanceOptions(args: readonly string[]): ConformanceOptions {
  const { values, positionals } = parsed(args);
  const filters = values.filters;
  return {
    address: addressOf(positionals),
    collections: values.collection,
    operations: values.operation,
    expendable: values.expendable,
    ...(values['posix-directory'] === undefined ? {} : { posixDirectory: values['posix-directory'] }),
    projectId: values.project,
    ...(filters === undefined ? {} : { filters: oneOf('--filters', filters, LANGUAGES) }),
    profile: oneOf('--profile', values.profile, PROFILES),
    only: values.only,
    skip: values.skip,
    timeoutMs: timeoutMsOf('--timeout', values.timeout),
    runTimeoutMs: timeoutMsOf('--run-timeout', values['run-timeout']),
    json: values.json,
  };
}

function parsed(
  args: readonly string[],
): ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new WrongOption(errorText(error), { cause: error });
  }
}

function addressOf(positionals: readonly string[]): string {
  const [text, ...others] = positionals;
  if (text === undefined || others.length > 0) throw new WrongOption('give one ADDRESS');
  const address = parseAddress(text);
  if (address === undefined) throw new WrongOption(`${text} is not HOST:PORT or unix:PATH`);
  return formatAddress(address);
}

function oneOf<Choice extends string>(option: string, text: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((each) => each === text);
  if (choice === undefined) throw new WrongOption(`${option} is ${text}; it may be ${choices.join(', ')}`);
  return choice;
}

/** A duration as every other option has it; a number alone is seconds. */
function timeoutMsOf(option: string, text: string): number {
  const timeoutMs = parseDurationMs(text) ?? Number(text) * 1000;
  if (!(timeoutMs > 0 && timeoutMs <= TIMEOUT_MAX_S * 1000)) {
    throw new WrongOption(
      `${option} is ${text}; it is a duration such as 10s, more than 0 and at most ${TIMEOUT_MAX_S}s`,
    );
  }
  return timeoutMs;
}
