/**
 * GetOperation through the whole stack against a bare grpc-js handler that answers the same bytes from a constant.
 *
 * `node bench/grpc-get.ts [pairs]`. Each server is a process of its own; runs are interleaved in pairs and the median of the pairs'
 * ratios is told. Calls per second are what a caller sees; where the caller is the slower half they hide the server's cost, so its CPU
 * time per call is told too.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { credentials, makeClientConstructor, Server, ServerCredentials } from '@grpc/grpc-js';
import { operationsMethods } from '../src/api/operations.ts';
import { DEFAULT_GRPC_LIMITS } from '../src/grpc/limits.ts';
import { GrpcServer } from '../src/grpc/server.ts';
import type { Logger } from '../src/core/logger.ts';
import { asBuffer, findService } from '../src/schema/protos.ts';
import { memoryOperations } from './memory-operations.ts';

const SERVICE = 'google.longrunning.Operations';
const NAME = 'transferOperations/transferJobs-1-42';
const CALLERS = 64;
/** Short, so that what else the machine does weighs on both halves of a pair alike. */
const RUN_MS = 300;

const SILENT: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** What is measured. */
async function serveWhole(): Promise<string> {
  const { operations } = await memoryOperations(NAME);
  const server = new GrpcServer({ methods: operationsMethods(operations), limits: DEFAULT_GRPC_LIMITS, log: SILENT });
  return server.listen({ host: '127.0.0.1', port: 0 });
}

/** What it is measured against: grpc-js at its fastest, with the options that ours has. */
async function serveConstant(): Promise<string> {
  const { encoded } = await memoryOperations(NAME);
  const definition = findService(SERVICE) ?? {};
  const server = new Server({ 'grpc.enable_channelz': 0 });
  for (const [rpc, { path, requestDeserialize }] of Object.entries(definition)) {
    if (rpc !== 'GetOperation') continue;
    const handler = (_call: unknown, respond: (error: null, bytes: Uint8Array) => void): void => {
      respond(null, encoded);
    };
    server.register(path, handler, asBuffer, requestDeserialize, 'unary');
  }
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
    if (error === null) resolve(`127.0.0.1:${String(port)}`);
    else reject(error);
  });
  return promise;
}

interface Sample {
  readonly callsPerSecond: number;
  readonly cpuMicrosPerCall: number;
}

/** A server's process, and a client of it. */
class Subject {
  readonly #process: ChildProcess;
  readonly #call: () => Promise<void>;

  private constructor(process: ChildProcess, address: string) {
    this.#process = process;
    const definition = findService(SERVICE) ?? {};
    const Client = makeClientConstructor(definition, SERVICE);
    const client = new Client(address, credentials.createInsecure());
    const get = definition['GetOperation'];
    if (get === undefined) throw new Error('GetOperation is not loaded');
    this.#call = () =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          get.path,
          get.requestSerialize,
          (bytes: Buffer) => bytes,
          { name: NAME },
          (error) => {
            if (error === null) resolve();
            else reject(error);
          },
        );
      });
  }

  static async start(role: string): Promise<Subject> {
    const child = fork(import.meta.filename, [role]);
    const [address] = (await once(child, 'message')) as [string];
    return new Subject(child, address);
  }

  async run(durationMs: number): Promise<Sample> {
    const cpuStart = await this.#cpuMicros();
    const start = performance.now();
    let count = 0;
    const caller = async (): Promise<void> => {
      for (; performance.now() - start < durationMs; count += 1) await this.#call();
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
    const seconds = (performance.now() - start) / 1000;
    return { callsPerSecond: count / seconds, cpuMicrosPerCall: ((await this.#cpuMicros()) - cpuStart) / count };
  }

  stop(): void {
    this.#process.kill();
  }

  async #cpuMicros(): Promise<number> {
    const answer = once(this.#process, 'message');
    this.#process.send('cpu');
    const [micros] = (await answer) as [number];
    return micros;
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

async function measure(pairCount: number): Promise<void> {
  const [whole, constant] = await Promise.all([Subject.start('whole'), Subject.start('constant')]);
  await whole.run(RUN_MS);
  await constant.run(RUN_MS);
  const pairs: [whole: Sample, constant: Sample][] = [];
  for (let pair = 0; pair < pairCount; pair += 1) {
    // Each goes first as often as the other.
    const first = pair % 2 === 0 ? whole : constant;
    const one = await first.run(RUN_MS);
    const other = await (first === whole ? constant : whole).run(RUN_MS);
    pairs.push(first === whole ? [one, other] : [other, one]);
  }
  whole.stop();
  constant.stop();
  const ratio = median(pairs.map(([a, b]) => a.callsPerSecond / b.callsPerSecond));
  const cpuRatio = median(pairs.map(([a, b]) => b.cpuMicrosPerCall / a.cpuMicrosPerCall));
  const callsPerSecond = median(pairs.map(([a]) => a.callsPerSecond));
  const cpuMicrosPerCall = median(pairs.map(([a]) => a.cpuMicrosPerCall));
  console.log(
    `GetOperation / constant handler: ${ratio.toFixed(3)} by calls per second (${callsPerSecond.toFixed(0)}/s), ` +
      `${cpuRatio.toFixed(3)} by server CPU (${cpuMicrosPerCall.toFixed(1)} µs a call); median of ${String(pairCount)} pairs`,
  );
  console.log(JSON.stringify({ bench: 'grpc-get', ratio, cpuRatio, callsPerSecond, cpuMicrosPerCall, pairCount }));
  process.exit(0);
}

async function serve(start: () => Promise<string>): Promise<void> {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.(user + system);
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.(await start());
}

const [role] = process.argv.slice(2);
if (role === 'whole') await serve(serveWhole);
else if (role === 'constant') await serve(serveConstant);
else await measure(Number(role ?? 31));
