import { invalidArgument } from '../core/status-error.ts';
import type { ChecksMessage } from './checks-message.ts';
import { parseNewName, REPO } from './checks-names.ts';
import { plainTextProblem } from './plain-text.ts';

/** GenerateScanRequest, as it came; what its members hold is looked at here. */
export type GenerateScanRequest = ChecksMessage & { readonly parent?: string };

/** GenerateScanRequest with all that the API calls required, of known values. */
export type CheckedScanRequest = ChecksMessage & { readonly parent: string };

/** What is wrong with a value: `field` leads to it from the value that was looked at, such as `[3].path`. */
interface Problem {
  readonly field: string;
  readonly description: string;
}

/** Makes no text unless there is a problem: a request may have a hundred thousand values. */
type Check = (value: unknown) => Problem | undefined;

interface Member {
  readonly check: Check;
  readonly isRequired: boolean;
}

/** Longest texts, characters; the API gives no bounds. What is code, and how much of it there is, is bounded with the whole request. */
const LENGTHS_MAX = {
  version: 256,
  // PATH_MAX of Linux.
  path: 4096,
  // What browsers and proxies take of an address.
  uri: 2048,
  // A commit's hash has 64 characters at most, a branch 255 as a file's name.
  revision: 256,
};

const CODE_ATTRIBUTION = message({
  path: required(text(LENGTHS_MAX.path)),
  lineNumber: required(line),
  codeExcerpt: optional(anything),
  startLineNumber: optional(line),
});

const SOURCE = message({
  dataType: required(knownValue),
  codeAttribution: optional(CODE_ATTRIBUTION),
  falsePositive: optional(anything),
});

const CODE_SCAN = message({
  sourceCode: required(
    message({
      code: required(anything),
      path: required(text(LENGTHS_MAX.path)),
      startLine: required(line),
      endLine: required(line),
    }),
  ),
  dataTypeClassifications: optional(list(message({ dataType: required(knownValue), lineNumber: required(line) }))),
});

const SCM_METADATA = message({
  remoteUri: required(text(LENGTHS_MAX.uri)),
  branch: required(text(LENGTHS_MAX.revision)),
  revisionId: required(text(LENGTHS_MAX.revision)),
  pullRequest: optional(
    message({
      prNumber: required(text(LENGTHS_MAX.revision)),
      baseBranch: required(text(LENGTHS_MAX.revision)),
    }),
  ),
});

/** What the discovery document says of GenerateScanRequest: "Required.", and of lines "(1-based)". */
const REQUEST = message({
  cliVersion: required(text(LENGTHS_MAX.version)),
  localScanPath: required(text(LENGTHS_MAX.path)),
  cliAnalysis: required(message({ codeScans: optional(list(CODE_SCAN)), sources: optional(list(SOURCE)) })),
  scmMetadata: required(SCM_METADATA),
});

/**
 * @param findingCountMax  how many sources it may have, and how many pieces of code.
 * @throws StatusError INVALID_ARGUMENT naming the first field that is wrong, with its place in lists.
 */
export function checkedScanRequest(request: GenerateScanRequest, findingCountMax: number): CheckedScanRequest {
  const parent = parseNewName(request.parent, REPO, 'parent');
  assertFewFindings(request['cliAnalysis'], findingCountMax);
  const problem = REQUEST(request);
  if (problem !== undefined) throw invalidArgument(problem.field.slice('.'.length), problem.description);
  return { ...request, parent };
}

function assertFewFindings(analysis: unknown, countMax: number): void {
  const { sources = [], codeScans = [] } = (analysis ?? {}) as Readonly<Record<string, readonly unknown[] | undefined>>;
  for (const [field, { length }] of Object.entries({ sources, code_scans: codeScans })) {
    if (length <= countMax) continue;
    throw invalidArgument(
      `cli_analysis.${field}`,
      `has ${String(length)} items; at most ${String(countMax)} are taken`,
      {
        reason: 'TOO_MANY_ITEMS',
        metadata: { count: String(length), countMax: String(countMax) },
      },
    );
  }
}

function required(check: Check): Member {
  return { check, isRequired: true };
}

function optional(check: Check): Member {
  return { check, isRequired: false };
}

/** What a field has that was not given, 0 or '', may be told or left out: it is the same. */
function message(members: Readonly<Record<string, Member>>): Check {
  const checks = Object.entries(members).map(([key, member]) => ({ ...member, key, field: `.${snakeCase(key)}` }));
  return (value) => {
    for (const { key, field, check, isRequired } of checks) {
      const member = (value as ChecksMessage)[key];
      const isAbsent = member === undefined || member === '' || member === 0;
      if (isAbsent && isRequired) return { field, description: 'is required' };
      const problem = isAbsent ? undefined : check(member);
      if (problem !== undefined) return { ...problem, field: field + problem.field };
    }
    return undefined;
  };
}

function list(check: Check): Check {
  return (value) => {
    for (const [index, item] of (value as readonly unknown[]).entries()) {
      const problem = check(item);
      if (problem !== undefined) return { ...problem, field: `[${String(index)}]${problem.field}` };
    }
    return undefined;
  };
}

function text(lengthMax: number): Check {
  return (value) => problemOf(plainTextProblem(String(value), lengthMax));
}

function line(value: unknown): Problem | undefined {
  return problemOf(Number(value) >= 1 ? undefined : `is ${String(value)}; lines are counted from 1`);
}

/** A value that has no name comes as its number. */
function knownValue(value: unknown): Problem | undefined {
  if (typeof value !== 'string') return problemOf(`${String(value)} is no value of it`);
  return problemOf(value.endsWith('_UNSPECIFIED') ? 'is required' : undefined);
}

/** Bounded with the whole request. */
function anything(): undefined {
  return undefined;
}

function problemOf(description: string | undefined): Problem | undefined {
  return description === undefined ? undefined : { field: '', description };
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
