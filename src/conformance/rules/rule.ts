import { AIP_151, AIP_158, AIP_160, AIP_193 } from './aips.ts';
import { OPERATIONS_PROTO } from './operations-proto.ts';
import { PROMISES } from './promises.ts';

/** Every sentence that cases hold, by its id; the part before the first `.` names its source. */
export const RULES = { ...OPERATIONS_PROTO, ...AIP_151, ...AIP_158, ...AIP_160, ...AIP_193, ...PROMISES } as const;

export type RuleId = keyof typeof RULES;

const SOURCES: Readonly<Record<string, string>> = {
  proto: 'google/longrunning/operations.proto',
  promise: 'Longrunning, docs/conformance.md',
};

/** Where a sentence stands, such as `AIP-158`. */
export function sourceOf(rule: RuleId): string {
  const source = rule.slice(0, rule.indexOf('.'));
  return SOURCES[source] ?? source.toUpperCase();
}
