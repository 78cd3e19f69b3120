import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchContext } from '../frame/bench-context.ts';
import type { Benchmark, Row } from '../frame/benchmark.ts';
import { monotonicMs } from '../frame/monotonic.ts';
import { percentile } from '../frame/statistics.ts';
import { TransferClient } from '../transfers/transfer-client.ts';
import { describeTree, makeTree } from '../transfers/tree.ts';
import { assertPartOf, digestOf, type TreeDigest } from '../transfers/tree-digest.ts';
import type { TreeShape } from '../transfers/tree-files.ts';
import { mountXfs } from '../transfers/xfs-image.ts';

/** In each durability mode. */
const CANCEL_COUNTS = { batch: 40, none: 20 } as const;
/** How long nothing may change after the operation is done. */
const WATCH_MS = 100;

/** One cancel of a running transfer, milliseconds from when CancelOperation was sent. */
interface Cancelled {
  readonly quietMs: number;
  readonly answeredMs: number;
  readonly doneMs: number;
}

interface Source {
  readonly path: string;
  readonly digest: TreeDigest;
  readonly what: string;
  /** Whether what was copied of it is removed at once: many bytes in few files. */
  readonly deletes: boolean;
}

const FEW_BYTES = 2 ** 20;

export const transferCancel: Benchmark = {
  name: 'transfer-cancel',
  target: 'cancel of a transfer: all I/O quiet <= 50 ms p99 local, no leftovers, nothing torn',
  run: async (context) => {
    const root = context.options.xfs ? mountXfs(context) : context.directory('trees');
    const files = { fileCount: context.scaled(20_000), fileSizeBytes: 4096, directoryCount: context.scaled(200) };
    const big = { fileCount: 2, fileSizeBytes: context.options.quick ? 2 ** 27 : 2 ** 29, directoryCount: 0 };
    const places = new Places(root);
    const sources = [newSource(files, places), newSource(big, places)];
    const rows: Row[] = [];
    for (const durability of ['batch', 'none'] as const) {
      const bench = new CancelBench(await connect(context, root, durability), places, context);
      for (const source of sources) rows.push(...(await bench.measure(source, durability)));
    }
    return rows;
  },
};

/** A sidecar with this durability mode, and a client of it. */
async function connect(context: BenchContext, root: string, durability: string): Promise<TransferClient> {
  const config = join(context.directory('config'), 'config.yaml');
  // A clone would be over before the cancel comes.
  writeFileSync(config, `limits:\n  transfers:\n    durability: ${durability}\n    reflink: never\n`);
  const sidecar = await context.sidecar(['--config', config, '--posix-root', root]);
  const client = new TransferClient(sidecar.grpc);
  context.atEnd(() => client.close());
  return client;
}

/** Paths that nothing was at before. */
class Places {
  readonly #root: string;
  #count = 0;

  constructor(root: string) {
    this.#root = root;
  }

  next(name: string): string {
    return join(this.#root, `${String((this.#count += 1))}-${name}`);
  }
}

function newSource(shape: TreeShape, places: Places): Source {
  const path = places.next('source');
  makeTree(path, shape);
  return { path, digest: digestOf(path), what: describeTree(shape), deletes: shape.fileSizeBytes > FEW_BYTES };
}

class CancelBench {
  readonly #client: TransferClient;
  readonly #places: Places;
  readonly #context: BenchContext;

  constructor(client: TransferClient, places: Places, context: BenchContext) {
    this.#client = client;
    this.#places = places;
    this.#context = context;
  }

  async measure(source: Source, durability: keyof typeof CANCEL_COUNTS): Promise<readonly Row[]> {
    this.#context.progress(`cancelling copies of ${source.what}, durability ${durability}`);
    // The first is for the compiler.
    await this.#duration(source);
    let wholeMs = await this.#duration(source);
    const cancels: Cancelled[] = [];
    const count = this.#context.scaled(CANCEL_COUNTS[durability]);
    for (let tries = 0; cancels.length < count && tries < count * 3; tries += 1) {
      const sink = this.#places.next('sink');
      // Anywhere but in the last fifth, where it may be over before the cancel comes.
      const delayMs = Math.random() * wholeMs * 0.8;
      const cancelled = await this.#cancel(source, sink, delayMs);
      if (cancelled !== undefined) cancels.push(cancelled);
      // This one took less time than the one that was measured.
      else wholeMs = Math.min(wholeMs, delayMs);
      if (source.deletes) rmSync(sink, { recursive: true, force: true });
    }
    if (cancels.length < count)
      throw new Error(`only ${String(cancels.length)} cancels came before the transfer's end`);
    return rowsOf(`${source.what}, ${durability}`, cancels);
  }

  async #duration({ path }: Source): Promise<number> {
    const startMs = monotonicMs();
    await this.#client.transfer(path, this.#places.next('sink'));
    return monotonicMs() - startMs;
  }

  /** @returns undefined when the transfer was over already. @throws Error when anything is left behind, torn, or still changing. */
  async #cancel({ path, digest }: Source, sink: string, delayMs: number): Promise<Cancelled | undefined> {
    const name = await this.#client.run(await this.#client.createJob(path, sink));
    await sleep(delayMs);
    const sentTimeMs = Date.now();
    const sentMs = monotonicMs();
    const answered = this.#client.cancel(name).then(() => monotonicMs() - sentMs);
    const operation = await this.#client.wait(name);
    const doneMs = monotonicMs() - sentMs;
    const answeredMs = await answered;
    if (operation['error'] === undefined) return undefined;
    const { code, message = '' } = operation['error'] as { readonly code?: number; readonly message?: string };
    if (code !== 1) throw new Error(`${name} was cancelled and ended with code ${String(code)}: ${message}`);
    const lastTimeMs = lastChangeMs(sink);
    await sleep(WATCH_MS);
    assertPartOf(digest, digestIfAny(sink));
    if (lastChangeMs(sink) !== lastTimeMs) throw new Error(`${sink} changed after ${name} was done`);
    return { quietMs: Math.max(0, lastTimeMs - sentTimeMs), answeredMs, doneMs };
  }
}

/** A cancel may come before the sink was made. */
function digestIfAny(root: string): TreeDigest {
  return statSync(root, { throwIfNoEntry: false }) === undefined ? new Map() : digestOf(root);
}

/**
 * When anything was last done to a tree: written, renamed, created or removed, each of which the kernel notes with a file or its
 * directory. To a tick of the kernel's clock, 4 to 10 ms, late by at most that; milliseconds since the epoch, 0 when there is no tree.
 */
function lastChangeMs(root: string): number {
  if (statSync(root, { throwIfNoEntry: false }) === undefined) return 0;
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).map((path) => join(root, path));
  return [root, ...paths].reduce((last, path) => Math.max(last, statSync(path).ctimeMs), 0);
}

function rowsOf(what: string, cancels: readonly Cancelled[]): readonly Row[] {
  const of = (share: number, values: (cancelled: Cancelled) => number): readonly number[] => [
    percentile(cancels.map(values), share),
  ];
  const unit = ' ms';
  return [
    { name: `${what}: sent → quiet, p50`, unit, runs: of(0.5, ({ quietMs }) => quietMs) },
    { name: `${what}: sent → quiet, p99`, unit, runs: of(0.99, ({ quietMs }) => quietMs), target: { atMost: 50 } },
    { name: '  sent → answered, p99', unit, runs: of(0.99, ({ answeredMs }) => answeredMs), target: { atMost: 50 } },
    { name: '  sent → done, p50', unit, runs: of(0.5, ({ doneMs }) => doneMs) },
    {
      name: '  sent → done, p99',
      unit,
      runs: of(0.99, ({ doneMs }) => doneMs),
      target: { atMost: 1000 },
      note: `of ${String(cancels.length)} cancels at random moments; nothing left over, torn or changed later in any`,
    },
  ];
}
