import { setImmediate as nextTurn } from 'node:timers/promises';
import { EMPTY, typeUrl } from '../src/core/any.ts';
import { systemClock } from '../src/core/clock.ts';
import { DEFAULT_OPERATIONS_LIMITS } from '../src/operations/limits.ts';
import { encoding } from '../src/operations/leases.ts';
import { Operations } from '../src/operations/operations.ts';
import { PageTokens } from '../src/operations/page-token.ts';
import { SurfaceTable } from '../src/operations/surface.ts';
import { end } from '../src/operations/transitions.ts';
import { openMemoryDatabase } from '../src/repositories/memory-database.ts';
import { createOperationEncoder } from '../src/schema/operation-encoder.ts';
import { packAny } from '../src/schema/protos.ts';
import { protoAnyResolver } from '../src/schema/resolver.ts';

/** The real Operations over a database in memory that holds one transfer operation, and what ends it. */
export async function memoryOperations(name: string): Promise<{
  readonly operations: Operations;
  readonly encoded: Uint8Array;
  readonly finish: () => Promise<unknown>;
}> {
  const database = openMemoryDatabase({ clock: systemClock });
  const surfaces = new SurfaceTable();
  const encode = createOperationEncoder(new Map(), (surface) => surfaces.byId(surface).domain);
  const operations = new Operations({
    database,
    surfaces,
    encode,
    resolver: protoAnyResolver,
    pageTokens: new PageTokens(new Uint8Array(32), 60_000),
    interrupter: { interrupt: () => {} },
    clock: systemClock,
    nextTurn: () => nextTurn(),
    limits: DEFAULT_OPERATIONS_LIMITS,
  });
  void operations.run(new AbortController().signal);
  const metadata = packAny('google.storagetransfer.v1.TransferOperation', {
    name,
    projectId: 'project',
    status: 'IN_PROGRESS',
    transferJobName: 'transferJobs/1',
    counters: { objectsFoundFromSource: '20000', bytesFoundFromSource: '81920000', objectsCopiedToSink: '12345' },
  });
  const { operation } = await operations.create({
    name,
    surface: 'storagetransfer',
    collection: 'project',
    kind: 'transfer',
    request: { typeUrl: typeUrl('google.protobuf.Empty'), value: new Uint8Array(0) },
    metadata,
  });
  const finish = (): Promise<unknown> =>
    database.operations.update(
      name,
      encoding((current, now) => end(current, now, 'SUCCEEDED', { response: EMPTY }), encode),
    );
  return { operations, encoded: operation.encoded, finish };
}
