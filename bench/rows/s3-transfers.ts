import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchContext } from '../frame/bench-context.ts';
import type { BenchProcess } from '../frame/bench-process.ts';
import type { Benchmark, Reference, Result, Row } from '../frame/benchmark.ts';
import { interleave } from '../frame/interleave.ts';
import type { NullS3 } from '../processes/null-s3.ts';
import { startS3Copies, type S3Copier, type S3Copies, type S3Copy } from '../s3/s3-copies.ts';
import { S3_PEERS, type S3PeerName } from '../s3/s3-peers.ts';
import { assertSums, sumsOf } from '../s3/tree-sums.ts';
import { describeTree, makeTree } from '../transfers/tree.ts';
import { assertSame, digestOf } from '../transfers/tree-digest.ts';
import type { TreeShape } from '../transfers/tree-files.ts';
import { USAGE_QUANTITIES } from '../transfers/usage-quantities.ts';
import type { Usage } from '../transfers/usage.ts';
import { mountXfs } from '../transfers/xfs-image.ts';

type S3Runs = Readonly<Partial<Record<S3Copier, readonly Usage[]>>>;
type Run = (copy: S3Copy) => Promise<Usage>;

const PEER_NAMES = Object.keys(S3_PEERS) as S3PeerName[];

export const s3Transfers: Benchmark = {
  name: 's3-transfers',
  target: 'none of its own: DESIGN §8 asks for ratios to rclone between directories, TRANSFER W6 and W7 for client CPU',
  run: async (context) => {
    const server = await context.process<NullS3>('null-s3.ts');
    const endpoint = await server.call('listen');
    const root = context.options.xfs ? mountXfs(context) : context.directory('trees');
    const copies = await startS3Copies(context, root, endpoint);
    const bench = new S3TransferBench({ context, server, root, copies });
    const results: Result[] = [...missingPeers(copies)];
    for (const shape of shapesOf(context)) results.push(...(await bench.measure(shape)));
    return results;
  },
};

function shapesOf(context: BenchContext): readonly TreeShape[] {
  return [
    { fileCount: context.scaled(5000), fileSizeBytes: 4096, directoryCount: context.scaled(50) },
    { fileCount: 2, fileSizeBytes: context.options.quick ? 2 ** 25 : 2 ** 28, directoryCount: 0 },
  ];
}

function missingPeers(copies: S3Copies): readonly Result[] {
  const missing = PEER_NAMES.filter((name) => copies[name] === undefined);
  return missing.map((name) => {
    const { name: peer, installation } = S3_PEERS[name];
    return { name: peer, skipped: `is not installed: ${installation}` };
  });
}

interface Ground {
  readonly context: BenchContext;
  readonly server: BenchProcess<NullS3>;
  readonly root: string;
  readonly copies: S3Copies;
}

class S3TransferBench {
  readonly #ground: Ground;
  #placeCount = 0;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  async measure(shape: TreeShape): Promise<readonly Row[]> {
    const { context, server } = this.#ground;
    const what = describeTree(shape);
    context.progress(`making ${what}`);
    const source = this.#place('source');
    makeTree(source, shape);
    const prefix = `${String(this.#placeCount)}-objects/`;
    await server.call('make', { prefix, shape });
    const uploads = await this.#runs(`${what} to S3`, this.#uploading(source));
    const downloads = await this.#runs(`${what} from S3`, this.#downloading(prefix, source));
    return [...rowsOf(`${what} to S3`, uploads), ...rowsOf(`${what} from S3`, downloads)];
  }

  #uploading(source: string): Run {
    const expected = sumsOf(source);
    return async (copy) => {
      const prefix = `${String((this.#placeCount += 1))}-sink/`;
      const usage = await copy.upload(source, prefix);
      assertSums(expected, await this.#ground.server.call('takeSums', prefix));
      return usage;
    };
  }

  #downloading(prefix: string, source: string): Run {
    const [expected, withoutTimes] = [digestOf(source), digestOf(source, { hasTimes: false })];
    return async (copy) => {
      const sink = this.#place('sink');
      const usage = await copy.download(prefix, sink);
      if (copy.keepsTimes) assertSame(expected, sink);
      else assertSame(withoutTimes, sink, { hasTimes: false });
      // What is left to be written must not fall on the next one.
      execFileSync('sync', ['--file-system', this.#ground.root]);
      // So few deleted files slow no later run.
      if (expected.size <= FEW_FILES) rmSync(sink, { recursive: true });
      return usage;
    };
  }

  /** Each once more than is counted: the first run warms caches and compilers. */
  async #runs(what: string, run: Run): Promise<S3Runs> {
    const { context, copies } = this.#ground;
    const runCount = context.runCount(5);
    context.progress(`${what}, ${String(runCount)} runs of each`);
    const entries = Object.entries(copies).map(([name, copy]) => [name, () => run(copy)] as const);
    const subjects = Object.fromEntries(entries) as Readonly<Record<S3Copier, () => Promise<Usage>>>;
    const all = await interleave(runCount + 1, subjects);
    return Object.fromEntries(Object.entries(all).map(([name, runs]) => [name, runs.slice(1)]));
  }

  #place(name: string): string {
    return join(this.#ground.root, `${String((this.#placeCount += 1))}-${name}`);
  }
}

const FEW_FILES = 10;

function rowsOf(what: string, runs: S3Runs): readonly Row[] {
  return Object.values(USAGE_QUANTITIES).map(({ name, unit, of }) => {
    const references = PEER_NAMES.flatMap((peer): readonly Reference[] => {
      const theirs = runs[peer];
      return theirs === undefined ? [] : [{ name: S3_PEERS[peer].name, runs: theirs.map(of) }];
    });
    return { name: `${what}: ${name}`, unit, runs: (runs.sidecar ?? []).map(of), references };
  });
}
