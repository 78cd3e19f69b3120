import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SidecarProcess } from '../../test/support/sidecar-process.ts';
import { BenchProcess, type Calls } from './bench-process.ts';
import type { Options } from './options.ts';

/** Of the log, pino's number. */
const WARN_LEVEL = 40;
/** Of a sidecar's faults, that many are shown. */
const FAULT_COUNT_MAX = 5;

type Cleanup = () => unknown;

/** What a benchmark is given: where it may write, how long it may take, and processes that end with it. */
export class BenchContext {
  readonly options: Options;
  readonly #directory: string;
  readonly #cleanups: Cleanup[] = [];
  readonly #sidecars = new Set<SidecarProcess>();
  readonly #kill = (): void => {
    for (const sidecar of this.#sidecars) sidecar.signal('SIGKILL');
  };
  #directoryCount = 0;

  /** @param directory  this benchmark's own. */
  constructor(options: Options, directory: string) {
    this.options = options;
    this.#directory = directory;
    // Before their directories are removed.
    process.prependOnceListener('exit', this.#kill);
  }

  /** How often to measure: as asked for with --runs, less with --quick, else what the benchmark needs. */
  runCount(needed: number): number {
    if (this.options.runCount !== undefined) return this.options.runCount;
    return this.options.quick ? Math.min(needed, 2) : needed;
  }

  /** The size of one measurement: a tenth with --quick, where only working counts. */
  scaled(size: number): number {
    return this.options.quick ? Math.ceil(size / 10) : size;
  }

  /**
   * A fresh, empty directory. It stays until all benchmarks are over: ext4 without a journal passes recently deleted inodes over when
   * it creates files, and whoever is measured next would pay for it.
   */
  directory(name: string): string {
    const path = join(this.#directory, `${String((this.#directoryCount += 1))}-${name}`);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** Says what is going on, to the person who waits. */
  progress(text: string): void {
    process.stderr.write(`  … ${text}\n`);
  }

  /** A process of bench/processes/; ends with the benchmark. */
  async process<T extends Calls>(entry: string, ...flags: readonly string[]): Promise<BenchProcess<T>> {
    const started = await BenchProcess.start<T>(new URL(`../processes/${entry}`, import.meta.url), flags);
    this.atEnd(() => started.stop());
    return started;
  }

  /** `longrunning serve`, with a database of its own unless told which; ends with the benchmark. */
  async sidecar(flags: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<SidecarProcess> {
    const hasDatabase = flags.some((flag) => flag.startsWith('--database'));
    const database = hasDatabase ? [] : [`--database=sqlite:${join(this.directory('database'), 'longrunning.db')}`];
    const sidecar = await SidecarProcess.start([...database, ...flags], environment);
    this.#sidecars.add(sidecar);
    this.atEnd(async () => {
      this.#sidecars.delete(sidecar);
      this.#tellFaults(sidecar);
      if (!sidecar.hasExited) await sidecar.kill();
    });
    return sidecar;
  }

  /** What a sidecar logged that it should not have to. */
  #tellFaults({ log, stderr }: SidecarProcess): void {
    const faults = log.filter(({ level }) => Number(level) >= WARN_LEVEL).map((line) => JSON.stringify(line));
    const texts = [...faults.slice(0, FAULT_COUNT_MAX), ...(stderr === '' ? [] : [stderr])];
    for (const text of texts) process.stderr.write(`  ! the sidecar said: ${text}\n`);
  }

  /** Runs when the benchmark is over, the last one first. */
  atEnd(cleanup: Cleanup): void {
    this.#cleanups.push(cleanup);
  }

  async close(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup();
    process.off('exit', this.#kill);
  }
}
