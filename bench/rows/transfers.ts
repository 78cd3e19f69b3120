import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchContext } from '../frame/bench-context.ts';
import type { Benchmark, Result } from '../frame/benchmark.ts';
import { interleave } from '../frame/interleave.ts';
import { monotonicMs } from '../frame/monotonic.ts';
import { startCopies, type Copier, type Copies, type Copy } from '../transfers/copies.ts';
import { copyRows, missingPeers, type CopyRun, type CopyRuns, type CopyTargets } from '../transfers/copy-rows.ts';
import { describeTree, makeTree } from '../transfers/tree.ts';
import { assertSame, digestOf, type TreeDigest } from '../transfers/tree-digest.ts';
import type { TreeShape } from '../transfers/tree-files.ts';
import { mountXfs } from '../transfers/xfs-image.ts';
import type { Usage } from '../transfers/usage.ts';

const SMALL_NONE: CopyTargets = { wall: { rsync: { atMost: 0.8 }, rclone: { atMost: 0.36 } } };
const SMALL_BATCH: CopyTargets = { wall: { rsyncDurable: { atMost: 0.25 } } };
const LARGE_NONE: CopyTargets = { wall: { rsync: { atMost: 0.65 }, rclone: { atMost: 0.35 } } };
const DELTA: CopyTargets = { cpu: { rsync: { atMost: 1.2 }, rclone: { atMost: 0.5 } } };
/** 150 MiB. */
const DELTA_PEAK_MEGABYTES = 157;

export const transfers: Benchmark = {
  name: 'transfers',
  target:
    '100k x 4 KiB files: wall <= 0.8 x rsync -a, <= 0.36 x rclone, with crc32c and atomic publish; durable <= 0.25 x rsync --fsync. 4 x 1 GiB: <= 0.65 x rsync, <= 0.35 x rclone, hashed. No-op delta: CPU <= 1.2 x rsync, <= 0.5 x rclone; RSS <= 150 MiB',
  run: async (context) => {
    const root = context.options.xfs ? mountXfs(context) : context.directory('trees');
    const bench = new TransferBench(context, root, await startCopies(context, root));
    const { small, big, compared } = shapesOf(context);
    return [...(await bench.small(small)), ...(await bench.big(big)), ...(await bench.delta(compared))];
  },
};

function shapesOf(context: BenchContext): Readonly<Record<'small' | 'big' | 'compared', TreeShape>> {
  const { large, quick } = context.options;
  const files = (count: number): TreeShape => ({
    fileCount: context.scaled(count),
    fileSizeBytes: 4096,
    directoryCount: context.scaled(count / 100),
  });
  const size = large ? 2 ** 30 : 2 ** 29;
  return {
    small: files(large ? 100_000 : 20_000),
    big: { fileCount: large ? 4 : 2, fileSizeBytes: quick ? 2 ** 25 : size, directoryCount: 0 },
    compared: files(large ? 200_000 : 20_000),
  };
}

class TransferBench {
  readonly #context: BenchContext;
  readonly #root: string;
  readonly #copies: Copies;
  #placeCount = 0;

  constructor(context: BenchContext, root: string, copies: Copies) {
    this.#context = context;
    this.#root = root;
    this.#copies = copies;
  }

  async small(shape: TreeShape): Promise<readonly Result[]> {
    const what = describeTree(shape);
    const { source, digest } = this.#make(shape);
    const runs = await this.#measure(what, this.#copying, async (copy) => {
      const sink = this.#place('sink');
      const run = await this.#settled(() => copy(source, sink, false));
      assertSame(digest, sink);
      return run;
    });
    const quantities = ['wall', 'durable', 'cpu', 'peak'] as const;
    return [
      ...missingPeers(runs),
      ...copyRows(runs, { what, ours: 'none', quantities, targets: SMALL_NONE }),
      ...copyRows(runs, { what, ours: 'batch', quantities: ['wall', 'cpu', 'peak'], targets: SMALL_BATCH }),
    ];
  }

  async big(shape: TreeShape): Promise<readonly Result[]> {
    const what = describeTree(shape);
    const { source, digest } = this.#make(shape);
    const hasRoom = this.#hasRoomFor(shape);
    const runs = await this.#measure(what, this.#copies, async (copy) => {
      const sink = this.#place('sink');
      const run = await this.#settled(() => copy(source, sink, false));
      assertSame(digest, sink);
      // So few deleted files slow no later run; but freed memory may be slow to get again, where a host has taken it back.
      if (!hasRoom) rmSync(sink, { recursive: true });
      return run;
    });
    const quantities = ['wall', 'cpu', 'peak'] as const;
    return [
      ...copyRows(runs, { what, ours: 'none', quantities, targets: LARGE_NONE }),
      ...copyRows(runs, { what, ours: 'batch', quantities, targets: {} }),
      ...(runs.clone === undefined ? [] : copyRows(runs, { what, ours: 'clone', quantities, targets: {} })),
    ];
  }

  /** Nothing has changed since the last run: how soon is that known? */
  async delta(shape: TreeShape): Promise<readonly Result[]> {
    const what = `no-op, ${shape.fileCount.toLocaleString('en-US')} files`;
    const { source, digest } = this.#make(shape);
    const sink = this.#place('sink');
    await this.#copies.batch?.(source, sink, false);
    const runs = await this.#measure(what, this.#copying, (copy) => this.#settled(() => copy(source, sink, true)));
    assertSame(digest, sink);
    const rows = copyRows(runs, { what, ours: 'batch', quantities: ['wall', 'cpu', 'peak'], targets: DELTA });
    return rows.map((row) => (row.unit === ' MB' ? { ...row, target: { atMost: DELTA_PEAK_MEGABYTES } } : row));
  }

  /** Without those who clone: what they are measured with is too small for it. */
  get #copying(): Copies {
    const { clone: _clone, ...copying } = this.#copies;
    return copying;
  }

  #make(shape: TreeShape): { readonly source: string; readonly digest: TreeDigest } {
    this.#context.progress(`making ${describeTree(shape)}`);
    const source = this.#place('source');
    makeTree(source, shape);
    return { source, digest: digestOf(source) };
  }

  #place(name: string): string {
    return join(this.#root, `${String((this.#placeCount += 1))}-${name}`);
  }

  /** Each once more than is counted: the first run warms caches and compilers. */
  async #measure(what: string, by: Copies, run: (copy: Copy) => Promise<CopyRun>): Promise<CopyRuns> {
    const runCount = this.#context.runCount(5);
    this.#context.progress(`${what}, ${String(runCount)} runs of each`);
    const copies = Object.entries(by).map(([name, copy]) => [name, () => run(copy)] as const);
    const subjects = Object.fromEntries(copies) as Readonly<Record<Copier, () => Promise<CopyRun>>>;
    const all = await interleave(runCount + 1, subjects);
    return Object.fromEntries(Object.entries(all).map(([name, runs]) => [name, runs.slice(1)]));
  }

  /** Whether the disk holds a sink of every run, and half as much again. */
  #hasRoomFor({ fileCount, fileSizeBytes }: TreeShape): boolean {
    const sinkCount = (this.#context.runCount(5) + 1) * Object.keys(this.#copies).length;
    const { bavail, bsize } = statfsSync(this.#root);
    return bavail * bsize > 1.5 * sinkCount * fileCount * fileSizeBytes;
  }

  /** Begins with nothing left to write by an earlier run, and ends with how long it takes until nothing is again. */
  async #settled(copy: () => Promise<Usage>): Promise<CopyRun> {
    this.#sync();
    const usage = await copy();
    const startMs = monotonicMs();
    this.#sync();
    return { ...usage, syncMs: monotonicMs() - startMs };
  }

  #sync(): void {
    execFileSync('sync', ['--file-system', this.#root]);
  }
}
