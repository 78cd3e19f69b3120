import { invalidArgument } from '../core/status-error.ts';
import type { ChecksMessage } from './checks-message.ts';
import { parseNewName, REPO } from './checks-names.ts';
import { plainText } from './plain-text.ts';

/** GenerateScanRequest, as it came; what its members hold is looked at here. */
export type GenerateScanRequest = ChecksMessage & { readonly parent?: string };

/** GenerateScanRequest with all that the API calls required, of known values. */
export type CheckedScanRequest = ChecksMessage & { readonly parent: string };

/** @throws StatusError INVALID_ARGUMENT naming the field, with its place in lists. */
type Check = (value: unknown, field: string) => void;

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

/** @throws StatusError INVALID_ARGUMENT naming the field. */
export function checkedScanRequest(request: GenerateScanRequest): CheckedScanRequest {
  const parent = parseNewName(request.parent, REPO, 'parent');
  REQUEST(request, '');
  return { ...request, parent };
}

function required(check: Check): Member {
  return { check, isRequired: true };
}

function optional(check: Check): Member {
  return { check, isRequired: false };
}

/** What a field has that was not given, 0 or '', may be told or left out: it is the same. */
function message(members: Readonly<Record<string, Member>>): Check {
  return (value, field) => {
    for (const [key, { check, isRequired }] of Object.entries(members)) {
      const member = (value as ChecksMessage)[key];
      const name = (field === '' ? '' : `${field}.`) + snakeCase(key);
      if (member !== undefined && member !== '' && member !== 0) check(member, name);
      else if (isRequired) throw invalidArgument(name, 'is required');
    }
  };
}

function list(check: Check): Check {
  return (value, field) => {
    for (const [index, item] of (value as readonly unknown[]).entries()) check(item, `${field}[${String(index)}]`);
  };
}

function text(lengthMax: number): Check {
  return (value, field) => {
    plainText(field, String(value), lengthMax);
  };
}

function line(value: unknown, field: string): void {
  if (Number(value) >= 1) return;
  throw invalidArgument(field, `is ${String(value)}; lines are counted from 1`);
}

/** A value that has no name comes as its number. */
function knownValue(value: unknown, field: string): void {
  if (typeof value !== 'string') throw invalidArgument(field, `${String(value)} is no value of it`);
  if (value.endsWith('_UNSPECIFIED')) throw invalidArgument(field, 'is required');
}

function anything(): void {
  // Bounded with the whole request.
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
