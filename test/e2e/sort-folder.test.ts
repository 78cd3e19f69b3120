/** Sorted runs of manifests in files: what kill -9 leaves of them goes when a sidecar starts, and nothing of others'. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { SidecarProcess } from '../support/sidecar-process.ts';
import { TransferClient } from './support/transfer-client.ts';
import { until } from './support/until.ts';
import { Workspace } from './support/workspace.ts';
import { PROJECT } from './support/transfer-client.ts';

/** A few rows are a run of their own, and the transfer of its objects takes longer than any test: it is killed or cancelled. */
const LIMITS = { storeCalls: { sortRunCountMax: 2 }, transfers: { bytesPerSecondMax: 1000 } };
const OBJECTS = ['a', 'b', 'c', 'd', 'e'];

let workspace: Workspace;
const clients: TransferClient[] = [];
beforeEach(() => {
  workspace = new Workspace();
  const source = workspace.directory('files', 'from');
  for (const name of OBJECTS) writeFileSync(join(source, name), Buffer.alloc(100_000));
  writeFileSync(join(source, 'm.csv'), OBJECTS.join('\n'));
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  await workspace.remove();
});

/** Starts a transfer whose manifest is sorted in files. @returns its name. */
async function transfer({ grpc }: SidecarProcess, sinkName: string): Promise<string> {
  const client = clientOf(grpc);
  const [job] = await client.stock.createTransferJob({
    transferJob: {
      projectId: PROJECT,
      status: 'ENABLED',
      transferSpec: {
        posixDataSource: { rootDirectory: join(workspace.files, 'from') },
        posixDataSink: { rootDirectory: workspace.directory('files', sinkName) },
        transferManifest: { location: 'source://m.csv' },
      },
    },
  });
  return client.run(job.name ?? '');
}

function clientOf(grpc: string): TransferClient {
  const client = new TransferClient(grpc);
  clients.push(client);
  return client;
}

/** Folders with sorted runs in them, below the folder of one process each. */
function foldersIn(parent: string): string[] {
  return existsSync(parent) ? readdirSync(parent).filter((name) => readdirSync(join(parent, name)).length > 0) : [];
}

async function untilSorted(parent: string, count: number): Promise<readonly string[]> {
  await until('runs to be in files', () => foldersIn(parent).length === count);
  return foldersIn(parent);
}

test('they lie beside the database, the next sidecar on it removes what a kill left, and one that ends leaves nothing', async () => {
  const parent = `${workspace.database}.sort`;
  const first = await workspace.start({ limits: LIMITS });
  await transfer(first, 'to');
  const left = await untilSorted(parent, 1);
  // As a container would have left it, whose processes nobody sees from here.
  writeFileSync(join(workspace.directory('longrunning.db.sort', 'longrunning-sort-1-1-1-abcdef'), 'run'), '');
  await first.kill();
  expect(foldersIn(parent)).toHaveLength(2);

  const second = await workspace.start({ limits: LIMITS });
  await until(
    'them to be removed',
    () => !foldersIn(parent).some((name) => left.includes(name) || name.endsWith('abcdef')),
  );
  // The transfer goes on, and sorts its manifest anew.
  await untilSorted(parent, 1);
  await second.stop();
  expect(readdirSync(parent)).toEqual([]);
});

test('in a directory that two sidecars share, each leaves alone what the other one uses', async () => {
  const parent = workspace.directory('scratch');
  const start = (database: string): Promise<SidecarProcess> =>
    workspace.startWith([
      `--database=sqlite:${workspace.path(database)}`,
      `--posix-root=${workspace.files}`,
      `--sort-directory=${parent}`,
      `--config=${workspace.config(LIMITS)}`,
    ]);
  const [killed, other] = [await start('a.db'), await start('b.db')];
  const name = await transfer(other, 'to-b');
  const [used = ''] = await untilSorted(parent, 1);
  await transfer(killed, 'to-a');
  const [left] = (await untilSorted(parent, 2)).filter((each) => each !== used);
  await killed.kill();

  await start('a.db');
  await until('what is left to be removed', () => !foldersIn(parent).includes(left ?? ''));
  expect(foldersIn(parent)).toContain(used);
  await clientOf(other.grpc).cancel(name);
  await until('what is used to be removed by who used it', () => !foldersIn(parent).includes(used));
});
