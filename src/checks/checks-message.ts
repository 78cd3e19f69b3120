/** A message of the Checks API as the wire's plain object. */
export type ChecksMessage = Readonly<Record<string, unknown>>;

/** What is published: the kinds of resources they are stored as, and their messages' full names. */
export const CHECKS_TYPES = {
  app: { kind: 'checks-app', typeName: 'google.checks.account.v1alpha.App' },
  report: { kind: 'checks-report', typeName: 'google.checks.report.v1alpha.Report' },
  repoScan: { kind: 'checks-repo-scan', typeName: 'google.checks.repo_scan.v1alpha.RepoScan' },
} as const;

export type ChecksType = (typeof CHECKS_TYPES)[keyof typeof CHECKS_TYPES];

/** The messages' bytes; made in schema/. */
export interface ChecksCodec {
  encode(typeName: string, message: ChecksMessage): Uint8Array;
  /** @throws Error when the bytes are not of the type. */
  decode(typeName: string, bytes: Uint8Array): ChecksMessage;
  /** @throws StatusError INVALID_ARGUMENT for a response that JSON has no form for: over HTTP nobody could read it, nor a list that has it. */
  assertReadable(typeName: string, response: ChecksMessage): void;
}
