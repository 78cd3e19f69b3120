import type { Message } from '../../../src/transfers/jobs/field-rules.ts';

/** A TransferSpec that is served. */
export const SPEC = {
  posixDataSource: { rootDirectory: '/data/from' },
  posixDataSink: { rootDirectory: '/data/to' },
} satisfies Message;

/** The smallest TransferJob message that a creation accepts. */
export const JOB = { projectId: 'p', status: 'ENABLED', transferSpec: SPEC } satisfies Message;

/** JOB with other members of its spec. */
export function jobWithSpec(members: Message): Message {
  return { ...JOB, transferSpec: { ...SPEC, ...members } };
}
