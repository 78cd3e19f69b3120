import { silentLogger } from '../../src/core/logger.ts';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { Method } from '../../src/api/method.ts';
import { operationsMethods } from '../../src/api/operations.ts';
import { storageTransferMethods } from '../../src/api/storage-transfer.ts';
import { DEFAULT_OPERATIONS_LIMITS } from '../../src/operations/limits.ts';
import { Operations } from '../../src/operations/operations.ts';
import { PageTokens } from '../../src/operations/page-token.ts';
import { SurfaceTable } from '../../src/operations/surface.ts';
import { openMemoryDatabase, type MemoryDatabase } from '../../src/repositories/memory-database.ts';
import { agentPoolCodec } from '../../src/schema/agent-pool.ts';
import { createOperationEncoder } from '../../src/schema/operation-encoder.ts';
import { findService, type Message } from '../../src/schema/protos.ts';
import { protoAnyResolver } from '../../src/schema/resolver.ts';
import { transferJobCodec } from '../../src/schema/transfer-job.ts';
import { presentTransfer } from '../../src/schema/transfer-presenter.ts';
import { AesCredentialsSeal } from '../../src/stores/credentials/aes-credentials-seal.ts';
import { memoryCredentialsKeys } from '../../src/stores/credentials/credentials-keys.ts';
import type { CredentialsSeal } from '../../src/transfers/jobs/credentials-seal.ts';
import { JobRecords } from '../../src/transfers/jobs/job-records.ts';
import { JobStarter } from '../../src/transfers/jobs/job-starter.ts';
import { DEFAULT_TRANSFER_JOB_LIMITS } from '../../src/transfers/jobs/limits.ts';
import { TRANSFER_OPERATION_KIND } from '../../src/transfers/jobs/transfer-job.ts';
import { TransferJobs } from '../../src/transfers/jobs/transfer-jobs.ts';
import { AgentPools } from '../../src/transfers/pools/agent-pools.ts';
import type { TransferSpec } from '../../src/transfers/spec.ts';
import { FakeClock } from '../support/fake-clock.ts';

const STORAGE_TRANSFER = 'google.storagetransfer.v1.StorageTransferService';
const OPERATIONS = 'google.longrunning.Operations';

/** Both services on a database in memory, called with messages that went over the wire in both directions. */
export interface StorageTransferHarness {
  readonly clock: FakeClock;
  readonly database: MemoryDatabase;
  readonly operations: Operations;
  /** Roots that transfers may not touch, as the server's configuration would say. */
  readonly forbiddenRoots: Set<string>;
  /** What was asked whether it may be served, credentials and all. */
  readonly checkedSpecs: readonly TransferSpec[];
  readonly seal: CredentialsSeal;
  /** The RPCs of StorageTransferService that are served. */
  readonly rpcs: readonly string[];
  /** Calls StorageTransferService. @throws StatusError as the method does. */
  transfer(rpc: string, request: object): Promise<Message>;
  /** Calls google.longrunning.Operations. */
  longrunning(rpc: string, request: object): Promise<Message>;
}

export async function openStorageTransfer(): Promise<StorageTransferHarness> {
  const clock = new FakeClock(Date.UTC(2026, 0, 2));
  const database = openMemoryDatabase({ clock });
  const forbiddenRoots = new Set<string>();
  const pageTokens = new PageTokens(
    await database.secret('page-tokens'),
    DEFAULT_OPERATIONS_LIMITS.pageTokenLifetimeMs,
  );
  const operations = openOperations(database, clock, pageTokens);
  const checkedSpecs: TransferSpec[] = [];
  let idCount = 0;
  const { resources } = database;
  const seal = new AesCredentialsSeal(memoryCredentialsKeys());
  const parts = { resources, codec: transferJobCodec, seal, clock, limits: DEFAULT_TRANSFER_JOB_LIMITS };
  const records = new JobRecords(parts);
  const newRunNumber = (): string => String(1000 + (idCount += 1));
  const starter = new JobStarter({ ...parts, records, operations, newRunNumber });
  const pools = new AgentPools({ ...parts, codec: agentPoolCodec, records, pageTokens });
  const jobs = new TransferJobs({
    ...parts,
    records,
    starter,
    pools,
    isPoolServed: (pool) => pool === undefined,
    isActivityLogged: true,
    pageTokens,
    checkSpec: (spec) => {
      checkedSpecs.push(spec);
      refuseForbidden(spec, forbiddenRoots);
    },
    newJobId: () => String((idCount += 1)),
  });
  const transferMethods = storageTransferMethods({ jobs, pools, operations });
  const methods = operationsMethods(operations);
  return {
    clock,
    database,
    operations,
    forbiddenRoots,
    checkedSpecs,
    seal,
    rpcs: transferMethods.map((method) => method.rpc),
    transfer: (rpc, request) => call(transferMethods, STORAGE_TRANSFER, rpc, request),
    longrunning: (rpc, request) => call(methods, OPERATIONS, rpc, request),
  };
}

function openOperations(database: MemoryDatabase, clock: Clock, pageTokens: PageTokens): Operations {
  const surfaces = new SurfaceTable();
  return new Operations({
    logger: silentLogger,
    database,
    surfaces,
    encode: createOperationEncoder(
      new Map([[TRANSFER_OPERATION_KIND, presentTransfer]]),
      (id) => surfaces.byId(id).domain,
    ),
    resolver: protoAnyResolver,
    pageTokens,
    interrupter: { interrupt: () => {} },
    clock,
    nextTurn: () => Promise.resolve(),
    limits: DEFAULT_OPERATIONS_LIMITS,
  });
}

async function call(methods: readonly Method[], service: string, rpc: string, request: object): Promise<Message> {
  const definition = findService(service)?.[rpc];
  const method = methods.find((candidate) => candidate.rpc === rpc) as Method<object> | undefined;
  if (definition === undefined || method === undefined) throw new Error(`${service}.${rpc} is not served`);
  const received = definition.requestDeserialize(definition.requestSerialize(request));
  const response = await method.handle(received, {
    signal: new AbortController().signal,
    actor: 'test',
    setTrailer: () => {},
    cutOff: () => {},
    whenAnswered: () => {},
  });
  const bytes = response instanceof Uint8Array ? Buffer.from(response) : definition.responseSerialize(response);
  return definition.responseDeserialize(bytes) as Message;
}

function refuseForbidden(spec: TransferSpec, roots: ReadonlySet<string>): void {
  for (const location of [spec.source, spec.sink]) {
    const rootDirectory = location.kind === 'posix' ? location.rootDirectory : '';
    if (!roots.has(rootDirectory)) continue;
    throw new StatusError(Code.PERMISSION_DENIED, `${rootDirectory} is in no --posix-root`, {
      reason: 'OUTSIDE_ROOTS',
    });
  }
}

/** The StatusError a call ends with. */
export async function refusalOf(call: Promise<unknown>): Promise<StatusError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
  throw new Error('the call was accepted');
}
