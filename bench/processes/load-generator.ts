/** Calls one method over and over, from a process of its own. */
import { credentials, Client } from '@grpc/grpc-js';
import { monotonicMs } from '../frame/monotonic.ts';
import { percentile } from '../frame/statistics.ts';
import { WireConnection } from '../wire/wire-connection.ts';
import { serveCalls } from './serve-calls.ts';

/** What is called, and what must come back. */
export interface LoadTarget {
  readonly address: string;
  /** Such as `/google.longrunning.Operations/GetOperation`. */
  readonly path: string;
  /** The encoded request. */
  readonly message: Uint8Array;
  /** Compared with each answer; any message will do when it is left out. */
  readonly expected?: Uint8Array;
  /** `wire` costs nearly nothing, so that the server is what is measured; `grpc-js` is what Node services use. */
  readonly client: 'wire' | 'grpc-js';
}

export interface Throughput {
  readonly callCount: number;
  readonly durationMs: number;
}

export interface Latencies {
  readonly callCount: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

type CallOnce = (onAnswer: (message: Uint8Array | undefined) => void) => void;

/** Ways to call, by address and client: connections are kept. */
const connections = new Map<string, WireConnection | Client>();
let paced: PacedLoad | undefined;

async function openWire(address: string): Promise<WireConnection> {
  const known = connections.get(`wire ${address}`);
  if (known instanceof WireConnection) return known;
  const opened = await WireConnection.open(address);
  connections.set(`wire ${address}`, opened);
  return opened;
}

function openStock(address: string): Client {
  const known = connections.get(`grpc-js ${address}`);
  if (known instanceof Client) return known;
  const opened = new Client(address, credentials.createInsecure());
  connections.set(`grpc-js ${address}`, opened);
  return opened;
}

async function callerOf({ address, path, message, client }: LoadTarget): Promise<CallOnce> {
  if (client === 'wire') {
    const connection = await openWire(address);
    const method = connection.method(path);
    return (onAnswer) => connection.call(method, message, onAnswer);
  }
  const stock = openStock(address);
  const request = Buffer.from(message);
  const asIs = (bytes: Buffer): Buffer => bytes;
  return (onAnswer) => {
    stock.makeUnaryRequest(path, asIs, asIs, request, (error, answer) => onAnswer(error === null ? answer : undefined));
  };
}

function check(answer: Uint8Array | undefined, { path, expected }: LoadTarget): Error | undefined {
  if (answer === undefined) return new Error(`${path} failed`);
  if (expected === undefined || Buffer.compare(answer, expected) === 0) return undefined;
  return new Error(`${path} answered other bytes than it should`);
}

/** Keeps so many calls open for so long: each answer sends the next call. */
async function saturate(
  load: LoadTarget & { readonly openCallCount: number; readonly durationMs: number },
): Promise<Throughput> {
  const callOnce = await callerOf(load);
  const startMs = monotonicMs();
  const endMs = startMs + load.durationMs;
  let callCount = 0;
  const { promise, resolve, reject } = Promise.withResolvers<Throughput>();
  let openCount = load.openCallCount;
  const next = (): void => {
    callOnce((answer) => {
      const failure = check(answer, load);
      if (failure !== undefined) reject(failure);
      callCount += 1;
      if (monotonicMs() < endMs) next();
      else if ((openCount -= 1) === 0) resolve({ callCount, durationMs: monotonicMs() - startMs });
    });
  };
  for (let opened = 0; opened < load.openCallCount; opened += 1) next();
  return promise;
}

/** Sends so many calls a second whatever comes back, and keeps how long each took. */
class PacedLoad {
  readonly #latenciesMs: number[] = [];
  readonly #timer: NodeJS.Timeout;
  #openCount = 0;
  #failure: Error | undefined;

  constructor(load: LoadTarget, callOnce: CallOnce, callsPerSecond: number) {
    const startMs = monotonicMs();
    let sentCount = 0;
    this.#timer = setInterval(() => {
      const dueCount = ((monotonicMs() - startMs) * callsPerSecond) / 1000;
      for (; sentCount < dueCount; sentCount += 1) this.#send(load, callOnce);
    }, 1);
  }

  async stop(): Promise<Latencies> {
    clearInterval(this.#timer);
    while (this.#openCount > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    if (this.#failure !== undefined) throw this.#failure;
    const latenciesMs = this.#latenciesMs;
    return {
      callCount: latenciesMs.length,
      p50Ms: percentile(latenciesMs, 0.5),
      p99Ms: percentile(latenciesMs, 0.99),
      maxMs: percentile(latenciesMs, 1),
    };
  }

  #send(load: LoadTarget, callOnce: CallOnce): void {
    const sentMs = monotonicMs();
    this.#openCount += 1;
    callOnce((answer) => {
      this.#openCount -= 1;
      this.#failure ??= check(answer, load);
      this.#latenciesMs.push(monotonicMs() - sentMs);
    });
  }
}

async function startPaced(load: LoadTarget & { readonly callsPerSecond: number }): Promise<void> {
  paced = new PacedLoad(load, await callerOf(load), load.callsPerSecond);
}

async function stopPaced(): Promise<Latencies> {
  if (paced === undefined) throw new Error('no load was started');
  return paced.stop();
}

/** A call's times on the clock that all processes share, milliseconds. */
export interface CallTimes {
  readonly sentMs: number;
  readonly answeredMs: number;
}

/** One call. */
async function timed(load: LoadTarget): Promise<CallTimes> {
  const callOnce = await callerOf(load);
  const { promise, resolve, reject } = Promise.withResolvers<CallTimes>();
  const sentMs = monotonicMs();
  callOnce((answer) => {
    const failure = check(answer, load);
    if (failure === undefined) resolve({ sentMs, answeredMs: monotonicMs() });
    else reject(failure);
  });
  return promise;
}

const calls = { saturate, startPaced, stopPaced, timed };
export type LoadGenerator = typeof calls;
serveCalls(calls);
