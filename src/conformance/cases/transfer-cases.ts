/** Errors of google.storagetransfer.v1 around its operations. */
import { Code } from '../../core/code.ts';
import { decodeMessage } from '../../schema/protos.ts';
import { codeFinding } from '../answer-checks.ts';
import { conformanceCase, type ConformanceCase } from '../conformance-case.ts';
import { served, untilDone } from '../ground.ts';
import { operationOf } from '../operations-probe.ts';
import { Unmet } from '../operation-source.ts';
import { TransferCalls } from '../sources/transfer-calls.ts';
import type { Reply } from '../wire-channel.ts';

const SCOPE = { profile: 'longrunning', language: 'transfer-json' } as const;

const PAUSE_DONE = conformanceCase({
  id: 'transfer-pause-done-refused',
  rules: ['promise.transition'],
  ...SCOPE,
  needs: ['spent'],
  ask: async ({ probe }, [name]) => served(await new TransferCalls(probe, '').pause(name), 'PauseTransferOperation'),
  check: (reply) => codeFinding('pausing a done transfer', reply, Code.FAILED_PRECONDITION),
});

const RESUME_RESUMED = conformanceCase({
  id: 'transfer-resume-resumed-refused',
  rules: ['promise.transition'],
  ...SCOPE,
  needs: ['completable'],
  // Whether it still waits, runs or is done by then: it is not paused.
  ask: async (ground, [name]) => {
    const calls = new TransferCalls(ground.probe, '');
    await calls.resume(name);
    const again = await calls.resume(name);
    await untilDone(ground, name);
    return again;
  },
  check: (reply) => codeFinding('resuming a transfer that was resumed', reply, Code.FAILED_PRECONDITION),
});

const DUPLICATE = conformanceCase({
  id: 'transfer-job-duplicate-exists',
  rules: ['promise.job-duplicate'],
  ...SCOPE,
  needs: ['spent'],
  ask: async ({ probe }, [name]) => {
    const { projectId, transferJobName } = transferOf(await probe.get(name));
    const calls = new TransferCalls(probe, projectId);
    return calls.createAgain(transferJobName);
  },
  check: (reply) => codeFinding('creating a transfer job under the name of another', reply, Code.ALREADY_EXISTS),
});

interface SeenTransfer {
  readonly projectId: string;
  readonly transferJobName: string;
}

/** @throws Unmet when the operation does not tell its job. */
function transferOf(reply: Reply): SeenTransfer {
  const { metadata: { value } = {} } = operationOf(reply);
  if (value === undefined) throw new Unmet('the operation has no metadata');
  const { projectId = '', transferJobName = '' } = decodeMessage(
    'google.storagetransfer.v1.TransferOperation',
    value,
  ) as Partial<SeenTransfer>;
  if (transferJobName === '') throw new Unmet('the operation does not tell its transfer job');
  return { projectId, transferJobName };
}

export const TRANSFER_CASES: readonly ConformanceCase[] = [PAUSE_DONE, RESUME_RESUMED, DUPLICATE];
