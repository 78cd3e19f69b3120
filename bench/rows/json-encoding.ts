import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { jsonText } from '../../src/schema/json/json-text.ts';
import { messageJson } from '../../src/schema/message-json.ts';
import { decodeMessage, encodeMessage } from '../../src/schema/protos.ts';
import type { BenchContext } from '../frame/bench-context.ts';
import type { Benchmark, Row } from '../frame/benchmark.ts';
import { interleave } from '../frame/interleave.ts';
import { monotonicMs } from '../frame/monotonic.ts';
import { TransferClient } from '../transfers/transfer-client.ts';
import { WireConnection } from '../wire/wire-connection.ts';

const OPERATION = 'google.longrunning.Operation';
const ENCODING_COUNT = 10_000;

export const jsonEncoding: Benchmark = {
  name: 'json-encoding',
  target: 'the JSON of an operation from its stored bytes, against JSON.stringify of the same object (no target)',
  run: async (context) => {
    const stored = await storedOperation(context);
    const encode = (): string => jsonText(messageJson(OPERATION, decodeMessage(OPERATION, stored)));
    const object: unknown = JSON.parse(encode());
    const decoded = decodeMessage(OPERATION, stored);
    const runs = await interleave(context.runCount(8) + 1, {
      whole: () => microsEach(context, encode),
      written: () => microsEach(context, () => jsonText(messageJson(OPERATION, decoded))),
      plain: () => microsEach(context, () => JSON.stringify(object)),
    });
    // The first run of each is its warming up.
    const plain = { name: 'JSON.stringify', runs: runs.plain.slice(1) };
    return [
      rowOf('stored bytes → JSON of an operation', runs.whole.slice(1), plain),
      rowOf('decoded message → JSON of an operation', runs.written.slice(1), plain),
    ];
  },
};

/** What the sidecar holds of a transfer that is done. */
async function storedOperation(context: BenchContext): Promise<Uint8Array> {
  const root = context.directory('root');
  mkdirSync(join(root, 'source'));
  const sidecar = await context.sidecar(['--posix-root', root]);
  const client = new TransferClient(sidecar.grpc);
  const name = await client.transfer(join(root, 'source'), join(root, 'sink'));
  client.close();
  const connection = await WireConnection.open(sidecar.grpc);
  const request = encodeMessage('google.longrunning.GetOperationRequest', { name });
  const stored = Buffer.from(await connection.answerOf('/google.longrunning.Operations/GetOperation', request));
  connection.close();
  return stored;
}

function microsEach(context: BenchContext, encode: () => string): Promise<number> {
  const count = context.scaled(ENCODING_COUNT);
  const startMs = monotonicMs();
  for (let index = 0; index < count; index += 1) encode();
  return Promise.resolve(((monotonicMs() - startMs) * 1000) / count);
}

function rowOf(
  name: string,
  runs: readonly number[],
  plain: { readonly name: string; readonly runs: readonly number[] },
): Row {
  return { name, unit: ' µs', runs, references: [plain] };
}
