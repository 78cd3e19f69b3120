import { createHash } from 'node:crypto';

/** google.storagetransfer.v1.GoogleServiceAccount. */
export interface GoogleServiceAccount {
  readonly accountEmail: string;
  /** Decimal digits. */
  readonly subjectId: string;
}

const SUBJECT_DIGITS = 21;

/**
 * The account a project's transfers would act as, for clients that ask before they create a job (Terraform's data source does).
 *
 * There is none: transfers act with the rights of the sidecar's process, and nothing has to be granted to anybody. The answer
 * is of the form that clients expect and the same each time, under `.invalid`, which RFC 2606 reserves for names that cannot
 * exist: a grant to it, somewhere else, opens nothing to anybody.
 */
export function googleServiceAccount(projectId: string): GoogleServiceAccount {
  const digest = createHash('sha256').update(projectId).digest('hex').slice(0, 24);
  return {
    accountEmail: `project-${projectId}@storage-transfer-service.invalid`,
    subjectId: String(BigInt(`0x${digest}`))
      .padStart(SUBJECT_DIGITS, '1')
      .slice(0, SUBJECT_DIGITS),
  };
}
