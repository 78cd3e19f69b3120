/** The transfer engine alone: no sidecar, no database, a journal that forgets. */
import { resolvePosixRoots } from '../../src/stores/posix/roots.ts';
import { openPosixEnds } from '../../src/stores/posix/posix-ends.ts';
import { DEFAULT_TRANSFER_LIMITS, type Durability } from '../../src/transfers/limits.ts';
import { NOTHING_PRESERVED } from '../../src/transfers/posix-metadata.ts';
import { runTransfer } from '../../src/transfers/run-transfer.ts';
import { forgetfulContext } from './forgetful-context.ts';
import { serveCalls } from './serve-calls.ts';

let runCount = 0;

async function transfer({
  source,
  sink,
  root,
  durability,
}: {
  readonly source: string;
  readonly sink: string;
  readonly root: string;
  readonly durability: Durability;
}): Promise<void> {
  const number = (runCount += 1);
  const limits = { ...DEFAULT_TRANSFER_LIMITS, durability, reflink: 'never' } as const;
  const posixRoots = resolvePosixRoots([root]);
  const spec = {
    source: { kind: 'posix', rootDirectory: source },
    sink: { kind: 'posix', rootDirectory: sink },
    overwriteWhen: 'DIFFERENT',
    metadata: NOTHING_PRESERVED,
    deletes: 'nothing',
  } as const;
  const request = {
    operationName: `transferOperations/bench-${String(number)}`,
    projectId: 'bench',
    transferJobName: 'transferJobs/bench',
    startTimeMs: Date.now(),
    spec,
  };
  await runTransfer(request, forgetfulContext(), {
    limits,
    open: (_, { word }) => openPosixEnds(spec, { word, limits, posixRoots }),
  });
}

const calls = { transfer };
export type TransferEngine = typeof calls;
serveCalls(calls);
