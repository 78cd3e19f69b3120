import { mkdirSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SidecarProcess } from '../support/sidecar-process.ts';
import { reportClient } from './client-checks.ts';
import type { CheckReport, Report } from './report.ts';

const MIB = 1024 * 1024;

/** Slow enough that a run over the large tree is still going when a client stops it, fast enough to let one finish. */
const BYTES_PER_SECOND_MAX = 12 * MIB;

/** So long before a caller's deadline a wait is answered, milliseconds: walks that wait up to theirs have it 800 ms later. */
const WAIT_MARGIN_MS = 20_000;

/**
 * What a client in another language is let loose on: a sidecar of its own on TCP and a Unix socket, and trees to move.
 *
 * `small` holds 30 files of 100 bytes in 3 directories below its root; `large` 3 files of 100 bytes and one of 128 MiB, which sorts last
 * and takes 10 seconds. The bucket `bound` is the directory `bucket`. Sinks are for the client to name, below `root`.
 */
export class TransferGround {
  readonly root: string;
  readonly #socket: string;
  readonly #sidecar: SidecarProcess;

  private constructor(root: string, socket: string, sidecar: SidecarProcess) {
    this.root = root;
    this.#socket = socket;
    this.#sidecar = sidecar;
    process.once('exit', () => {
      sidecar.signal('SIGKILL');
    });
  }

  /** @param directory  exists, is empty, and is removed by its owner. */
  static async open(directory: string): Promise<TransferGround> {
    const root = join(directory, 'root');
    plantSmallTree(join(root, 'small'));
    plantLargeTree(join(root, 'large'));
    const bucket = join(root, 'bucket');
    mkdirSync(bucket);
    const config = join(directory, 'config.yaml');
    const limits = {
      transfers: { bytesPerSecondMax: BYTES_PER_SECOND_MAX },
      operations: { waitMarginMs: WAIT_MARGIN_MS },
    };
    // Every JSON text is a YAML text.
    writeFileSync(config, JSON.stringify({ buckets: { bound: { kind: 'directory', path: bucket } }, limits }));
    const socket = join(directory, 'sidecar.sock');
    const sidecar = await SidecarProcess.start([
      '--grpc=127.0.0.1:0',
      `--grpc=unix:${socket}`,
      `--posix-root=${root}`,
      `--database=sqlite:${join(directory, 'longrunning.db')}`,
      `--config=${config}`,
    ]);
    return new TransferGround(root, socket, sidecar);
  }

  get address(): string {
    return this.#sidecar.grpc;
  }

  get httpAddress(): string {
    return this.#sidecar.http ?? '';
  }

  /**
   * Runs a client's program, which prints its checks as client-checks.ts reads them. It finds the sidecar by SIDECAR_ADDRESS and SIDECAR_SOCKET over gRPC, by SIDECAR_HTTP over HTTP, its process by SIDECAR_PID, and the
   * trees by SIDECAR_ROOT.
   */
  async runClient(
    command: readonly [string, ...string[]],
    { report, timeoutMs }: { readonly report: Report; readonly timeoutMs: number },
  ): Promise<void> {
    const environment = {
      // Python would leave its bytecode beside the program.
      PYTHONDONTWRITEBYTECODE: '1',
      SIDECAR_ADDRESS: this.address,
      SIDECAR_HTTP: this.httpAddress,
      SIDECAR_SOCKET: this.#socket,
      SIDECAR_PID: String(this.#sidecar.pid),
      SIDECAR_ROOT: this.root,
    };
    await reportClient(command, { report, timeoutMs, environment });
  }

  /** Ends the sidecar, if the client has not, and says whether it ended well. */
  async close(report: CheckReport): Promise<void> {
    const killer = setTimeout(() => {
      this.#sidecar.signal('SIGKILL');
    }, 120_000);
    const status = await this.#sidecar.stop();
    clearTimeout(killer);
    const text =
      this.#sidecar.stderr +
      this.#sidecar.log
        .filter(isTrouble)
        .map((line) => JSON.stringify(line))
        .join('\n');
    if (status === 0 && text === '') report.passed('the sidecar logged no error and drained with status 0');
    else report.failed('the sidecar logged no error and drained with status 0', `status ${String(status)}\n${text}`);
  }
}

/** pino's levels: 50 is error, 60 fatal. A line that is no JSON stands as `text`. */
function isTrouble(line: Readonly<Record<string, unknown>>): boolean {
  return Number(line['level'] ?? 60) >= 50;
}

function plantSmallTree(root: string): void {
  for (const directory of ['a', 'b', 'b/c']) {
    mkdirSync(join(root, directory), { recursive: true });
    for (let index = 0; index < 10; index += 1) plantFile(join(root, directory, `file-${index}`));
  }
}

function plantLargeTree(root: string): void {
  mkdirSync(root, { recursive: true });
  for (let index = 0; index < 3; index += 1) plantFile(join(root, `file-${index}`));
  const large = join(root, 'large-file');
  writeFileSync(large, '');
  // A hole costs no disk; the sidecar still moves all of its bytes.
  truncateSync(large, 128 * MIB);
  utimesSync(large, 1.6e9, 1.6e9);
}

function plantFile(path: string): void {
  writeFileSync(path, path.slice(-10).padEnd(100, '.'));
  utimesSync(path, 1.5e9, 1.5e9);
}
