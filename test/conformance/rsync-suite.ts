import { mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { protos } from '@google-cloud/storage-transfer';
import { StorageTransferServiceClient } from '@google-cloud/storage-transfer';
import { credentials } from '@grpc/grpc-js';
import { SidecarProcess } from '../support/sidecar-process.ts';
import { check } from './check.ts';
import { mustSucceed, runCommand } from './command.ts';
import { requireCommand } from './debian-package.ts';
import { changeOddTree, plantOddTree } from './odd-tree.ts';
import { changeOwnedTree, plantOwnedTree } from './owned-tree.ts';
import type { Report } from './report.ts';
import type { Suite, Workspace } from './suite.ts';

const PROJECT = 'rsync';

/** Owners are those of the source also where we may not set them: they are all our own then. */
const PRESERVED = {
  mode: 'MODE_PRESERVE',
  uid: 'UID_NUMBER',
  gid: 'GID_NUMBER',
  symlink: 'SYMLINK_PRESERVE',
} as const;

/** What a transfer made, in the eyes of rsync. */
export const rsyncSuite: Suite = {
  name: 'rsync',

  async prepare({ directory }: Workspace) {
    await requireCommand(['rsync', '--version'], 'rsync');
    return async (report: Report) => {
      const sidecar = await SidecarProcess.start([`--posix-root=${directory}`, '--database=memory:']);
      try {
        await checkTransfers(directory, new TransferClient(sidecar.grpc), report);
      } finally {
        sidecar.signal('SIGKILL');
        await sidecar.exited();
      }
    };
  },
};

async function checkTransfers(directory: string, client: TransferClient, report: Report): Promise<void> {
  const source = join(directory, 'source');
  const sink = join(directory, 'sink');
  plantOddTree(source);
  const job = await client.createJob(source, sink);
  await check(report, 'rsync finds nothing to do after a transfer of odd names, sizes and times', async () => {
    await client.run(job);
    await mustBeEqual(source, sink);
  });
  await check(report, 'modification times are the same to the microsecond', async () => {
    mustHaveEqualTimes(Buffer.from(source), Buffer.from(sink));
  });
  await check(report, 'a second run copies nothing', async () => {
    const { objectsCopiedToSink } = await client.run(job);
    if (Number(objectsCopiedToSink ?? 0) !== 0) throw new Error(`copied ${String(objectsCopiedToSink)}`);
  });
  await check(
    report,
    'rsync finds nothing to do after a run over a changed source, which copies what changed',
    async () => {
      changeOddTree(source);
      const { objectsCopiedToSink } = await client.run(job);
      await mustBeEqual(source, sink);
      if (Number(objectsCopiedToSink) !== 5) throw new Error(`copied ${String(objectsCopiedToSink)}, not 5`);
    },
  );
  await check(report, 'what rsync copied is not copied again', async () => {
    const copied = join(directory, 'by-rsync');
    await mustSucceed('rsync', ['--archive', `${source}/`, copied], { timeoutMs: 300_000 });
    const { objectsCopiedToSink } = await client.run(await client.createJob(source, copied));
    if (Number(objectsCopiedToSink ?? 0) !== 0) throw new Error(`copied ${String(objectsCopiedToSink)}`);
  });
  await check(
    report,
    'rsync finds nothing to do after a transfer of modes, owners, links and empty directories',
    async () => {
      const owned = join(directory, 'owned');
      plantOwnedTree(owned);
      const job = await client.createJob(owned, join(directory, 'owned-sink'), PRESERVED);
      await client.run(job);
      await mustBeEqual(owned, join(directory, 'owned-sink'));
      changeOwnedTree(owned);
      await client.run(job);
      await mustBeEqual(owned, join(directory, 'owned-sink'));
    },
  );
  await check(report, 'pipes and symbolic links neither block a transfer nor are followed', async () => {
    const special = join(directory, 'special');
    await plantSpecialFiles(special);
    await client.run(await client.createJob(special, join(directory, 'special-sink')));
    const names = readdirSync(join(directory, 'special-sink'), { recursive: true }).sort();
    if (names.join() !== 'file') throw new Error(`there are ${names.join()}`);
  });
}

/**
 * By content, size, time, mode and owner, and that neither has a file more. Not by the times of directories, which a transfer does not
 * keep ("Transfer options": only files' are).
 */
async function mustBeEqual(source: string, sink: string): Promise<void> {
  const parameters = ['-anic', '--delete', '--omit-dir-times', `${source}/`, `${sink}/`];
  const { status, output } = await runCommand('rsync', parameters, { timeoutMs: 300_000 });
  if (status !== 0 || output !== '') throw new Error(`rsync ended with ${String(status)} and said:\n${output}`);
}

/** rsync compares whole seconds. */
function mustHaveEqualTimes(source: Buffer, sink: Buffer): void {
  for (const name of readdirSync(source, { encoding: 'buffer' })) {
    const [from, to] = [source, sink].map((directory) => Buffer.concat([directory, Buffer.from('/'), name])) as [
      Buffer,
      Buffer,
    ];
    const expected = statSync(from, { bigint: true });
    if (expected.isDirectory()) {
      mustHaveEqualTimes(from, to);
      continue;
    }
    const differenceNs = expected.mtimeNs - statSync(to, { bigint: true }).mtimeNs;
    if (differenceNs > 1000n || differenceNs < -1000n) throw new Error(`${from.toString()} is ${differenceNs} ns off`);
  }
}

async function plantSpecialFiles(root: string): Promise<void> {
  mkdirSync(join(root, 'directory'), { recursive: true });
  writeFileSync(join(root, 'file'), 'regular');
  symlinkSync('file', join(root, 'link'));
  symlinkSync('..', join(root, 'loop'));
  symlinkSync('nowhere', join(root, 'dangling'));
  symlinkSync('/etc', join(root, 'directory', 'outside'));
  await mustSucceed('mkfifo', [join(root, 'pipe')], { timeoutMs: 60_000 });
}

type MetadataOptions = protos.google.storagetransfer.v1.IMetadataOptions;

/** The stock client, with the two calls that are needed. */
class TransferClient {
  readonly #client: StorageTransferServiceClient;

  constructor(address: string) {
    const [apiEndpoint = '', port] = address.split(':');
    const sslCreds = credentials.createInsecure();
    this.#client = new StorageTransferServiceClient({ apiEndpoint, port: Number(port), sslCreds });
  }

  async createJob(source: string, sink: string, metadataOptions: MetadataOptions = {}): Promise<string> {
    const transferSpec = {
      posixDataSource: { rootDirectory: source },
      posixDataSink: { rootDirectory: sink },
      transferOptions: { metadataOptions },
    };
    const transferJob = { projectId: PROJECT, status: 'ENABLED' as const, transferSpec };
    const [job] = await this.#client.createTransferJob({ transferJob });
    return job.name ?? '';
  }

  /** Runs the job to its end. @returns its counters; one that is zero may be absent. */
  async run(jobName: string): Promise<Readonly<Record<string, unknown>>> {
    const [operation] = await this.#client.runTransferJob({ jobName, projectId: PROJECT });
    await operation.promise();
    const { counters } = operation.metadata as { readonly counters?: Readonly<Record<string, unknown>> };
    return counters ?? {};
  }
}
