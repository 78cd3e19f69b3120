import { runTransfer } from '../../src/transfers/run-transfer.ts';
import type { TransferLimits } from '../../src/transfers/limits.ts';
import { NOTHING_PRESERVED, type PreservedMetadata } from '../../src/transfers/posix-metadata.ts';
import { FakeOperation } from './fake-operation.ts';
import { TransferFixture } from './transfer-fixture.ts';

/**
 * One attempt in a process of its own, to be killed or to run as somebody else:
 * `node transfer-process.ts DIRECTORY STATE-FILE FENCE LIMITS-JSON [UID [METADATA-JSON]]`; a UID of `` leaves it as it is.
 */
const [directory = '', statePath = '', fence = '1', limits = '{}', uid = '', metadata] = process.argv.slice(2);
const fixture = new TransferFixture(directory);
const attempt = new FakeOperation(statePath).attempt(BigInt(fence));
if (uid !== '') process.seteuid?.(Number(uid));
process.stdout.write('running\n');
const environment = fixture.environment(JSON.parse(limits) as Partial<TransferLimits>);
const preserved = metadata === undefined ? NOTHING_PRESERVED : (JSON.parse(metadata) as PreservedMetadata);
const outcome = await runTransfer(fixture.request('DIFFERENT', preserved), attempt.context, environment).catch(
  (error: unknown) => String(error),
);
process.stdout.write(`${outcome}\n`);
