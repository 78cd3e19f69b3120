import { runTransfer } from '../../src/transfers/run-transfer.ts';
import type { TransferLimits } from '../../src/transfers/limits.ts';
import { FakeOperation } from './fake-operation.ts';
import { TransferFixture } from './transfer-fixture.ts';

/** One attempt in a process of its own, to be killed: `node transfer-process.ts DIRECTORY STATE-FILE FENCE LIMITS-JSON`. */
const [directory = '', statePath = '', fence = '1', limits = '{}'] = process.argv.slice(2);
const fixture = new TransferFixture(directory);
const attempt = new FakeOperation(statePath).attempt(BigInt(fence));
process.stdout.write('running\n');
const environment = fixture.environment(JSON.parse(limits) as Partial<TransferLimits>);
process.stdout.write(`${await runTransfer(fixture.request(), attempt.context, environment)}\n`);
