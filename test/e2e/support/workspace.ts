import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SidecarProcess } from '../../support/sidecar-process.ts';

/** The `limits` section of a config file, such as `{ transfers: { bytesPerSecondMax: 1e6 } }`. */
export type LimitsSection = Readonly<Record<string, object>>;

export interface StartOptions {
  readonly limits?: LimitsSection;
  readonly flags?: readonly string[];
}

/** Directories, a database and sidecars of one test's own; `remove` ends and deletes them all. */
export class Workspace {
  readonly root = mkdtempSync(join(tmpdir(), 'longrunning-e2e-'));
  /** Where transfers may read and write. */
  readonly files = this.directory('files');
  readonly database = this.path('longrunning.db');
  readonly #sidecars: SidecarProcess[] = [];

  path(...names: readonly string[]): string {
    return join(this.root, ...names);
  }

  /** Makes a directory. */
  directory(...names: readonly string[]): string {
    const path = this.path(...names);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** A sidecar on the workspace's database that may touch its files. */
  async start({ limits, flags = [] }: StartOptions = {}): Promise<SidecarProcess> {
    const configured = limits === undefined ? [] : [`--config=${this.config(limits)}`];
    const own = [`--database=sqlite:${this.database}`, `--posix-root=${this.files}`];
    return this.startWith([...own, ...configured, ...flags]);
  }

  /** A sidecar with these flags and no others. */
  async startWith(flags: readonly string[]): Promise<SidecarProcess> {
    const sidecar = await SidecarProcess.start(flags);
    this.#sidecars.push(sidecar);
    return sidecar;
  }

  /** Writes a config file with these limits. Every JSON text is a YAML text. */
  config(limits: LimitsSection): string {
    const path = this.path('config.yaml');
    writeFileSync(path, JSON.stringify({ limits }));
    return path;
  }

  /** SIGTERM to whatever still runs, and its end. */
  async stop(): Promise<void> {
    await Promise.all(this.#sidecars.filter((sidecar) => !sidecar.hasExited).map((sidecar) => sidecar.stop()));
  }

  /** kill -9 to whatever still runs, then no file is left. */
  async remove(): Promise<void> {
    await Promise.all(this.#sidecars.filter((sidecar) => !sidecar.hasExited).map((sidecar) => sidecar.kill()));
    rmSync(this.root, { recursive: true, force: true });
  }
}
