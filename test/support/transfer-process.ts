import { runTransfer } from '../../src/transfers/run-transfer.ts';
import type { TransferLimits } from '../../src/transfers/limits.ts';
import { FakeOperation } from './fake-operation.ts';
import { TransferFixture } from './transfer-fixture.ts';

/**
 * One attempt in a process of its own, to be killed or to run as somebody else:
 * `node transfer-process.ts DIRECTORY STATE-FILE FENCE LIMITS-JSON [UID]`.
 */
const [directory = '', statePath = '', fence = '1', limits = '{}', uid] = process.argv.slice(2);
const fixture = new TransferFixture(directory);
const attempt = new FakeOperation(statePath).attempt(BigInt(fence));
if (uid !== undefined) process.seteuid?.(Number(uid));
process.stdout.write('running\n');
const environment = fixture.environment(JSON.parse(limits) as Partial<TransferLimits>);
const outcome = await runTransfer(fixture.request(), attempt.context, environment).catch((error: unknown) =>
  String(error),
);
process.stdout.write(`${outcome}\n`);
