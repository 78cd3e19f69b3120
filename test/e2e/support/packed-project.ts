import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);

/** What examples use beside the package. */
const OF_EXAMPLES = ['plist', 'yauzl'];

/** A program of the project, and where it says it listens; empty where it does not. */
export interface StartedProgram {
  readonly process: ChildProcess;
  readonly port: string;
  readonly httpPort: string;
}

/** A project that holds nothing but the packed package, what it depends on, what examples use, and the examples. */
export class PackedProject {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** One file of tests at a time: the package is built in the tree. */
  static async make(): Promise<PackedProject> {
    const project = new PackedProject(mkdtempSync(join(tmpdir(), 'longrunning-project-')));
    const npm = (...args: readonly string[]): Promise<unknown> => run('npm', ['--silent', ...args], { cwd: ROOT });
    await npm('run', 'package');
    await npm('pack', './package', '--pack-destination', project.#directory);
    await project.#install();
    return project;
  }

  path(name: string): string {
    return join(this.#directory, name);
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true });
  }

  /** Runs a program of the project that says nothing before it works. */
  spawned(...args: readonly string[]): ChildProcess {
    return spawn(process.execPath, args, { cwd: this.#directory, stdio: ['ignore', 'ignore', 'inherit'] });
  }

  /** Runs a program of the project, and waits until it listens. @throws Error with its output when it ends before. */
  async started(...args: readonly string[]): Promise<StartedProgram> {
    const child = spawn(process.execPath, args, { cwd: this.#directory, stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
      text += String(chunk);
      const port = /listening on (\d+)|"grpc":"127\.0\.0\.1:(\d+)"/.exec(text);
      if (port === null) continue;
      child.stdout.resume();
      const httpPort = /"http":"127\.0\.0\.1:(\d+)"/.exec(text)?.[1] ?? '';
      return { process: child, port: port[1] ?? port[2] ?? '', httpPort };
    }
    throw new Error(`${args.join(' ')} ended before it listened: ${text}`);
  }

  /** Unpacks the tarball, and links what is depended on: nothing else is there to be found. */
  async #install(): Promise<void> {
    const [tarball = ''] = readdirSync(this.#directory).filter((name) => name.endsWith('.tgz'));
    const target = this.path('node_modules/longrunning');
    mkdirSync(target, { recursive: true });
    await run('tar', ['-xzf', this.path(tarball), '-C', target, '--strip-components=1']);
    const manifest = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8')) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    for (const name of [...Object.keys(manifest.dependencies), ...OF_EXAMPLES]) this.#link(name);
    cpSync(join(ROOT, 'examples'), this.#directory, { recursive: true });
  }

  #link(name: string): void {
    const link = this.path(`node_modules/${name}`);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), link);
  }
}

/** How long a program has to end, milliseconds: never the expectation, only the end of patience. */
const PATIENCE_MS = 120_000;

/**
 * Ends a program that was started, unless it has ended by itself.
 *
 * @returns the exit status; null where a signal has ended it.
 * @throws Error when it does not end and had to be killed.
 */
export async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exited = once(child, 'exit');
  const killing = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  child.kill(signal);
  const [status, by] = (await exited) as [number | null, NodeJS.Signals | null];
  clearTimeout(killing);
  if (by === 'SIGKILL' && signal !== 'SIGKILL') {
    throw new Error(`${child.spawnargs.join(' ')} did not end by ${signal}, and was killed`);
  }
  return status;
}
