/**
 * `gcloud transfer`, unmodified, on a sidecar of its own, which this program starts itself so that both can be shut off from every
 * network. Prints `ok` and `not ok` lines as client-checks.ts reads them. GROUND is an empty directory.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '../check.ts';
import type { CheckReport } from '../report.ts';
import { TransferGround } from '../transfer-ground.ts';
import { Gcloud } from './gcloud.ts';

interface Seen {
  readonly name?: string;
  readonly status?: string;
  readonly metadata?: { readonly status?: string; readonly counters?: Readonly<Record<string, string>> };
  readonly transferSpec?: unknown;
}

const report: CheckReport = {
  passed: (sentence) => {
    console.log(`ok ${sentence}`);
  },
  failed: (sentence, why) => {
    console.log(`not ok ${sentence}\n${why.replace(/^/gm, '  ')}`);
  },
};

const directory = process.env['GROUND'] ?? '';
const ground = await TransferGround.open(directory);
const gcloud = new Gcloud({ directory: join(directory, 'gcloud'), address: ground.httpAddress });
const place = (name: string): string => `posix://${join(ground.root, name)}`;
const filesIn = (name: string): number =>
  readdirSync(join(ground.root, name), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .length;

const DEFAULT_POOLS = ['--source-agent-pool', '--destination-agent-pool'].map(
  (flag) => `${flag}=transfer_service_default`,
);
/** What gcloud insists on between two file systems. */
const BETWEEN = [...DEFAULT_POOLS, '--intermediate-storage-path=gs://intermediate/folder/'];

await check(report, 'agent-pools create waits for the pool; update, list, describe and delete know it', async () => {
  const limit = ['--bandwidth-limit=10', '--no-async'];
  await gcloud.succeed('agent-pools', 'create', 'pool', '--display-name=Pool', ...limit);
  await gcloud.succeed('agent-pools', 'update', 'pool', '--clear-bandwidth-limit');
  const pool = { displayName: 'Pool', name: 'projects/p/agentPools/pool', state: 'CREATED' };
  assert.deepEqual(await gcloud.ask('agent-pools', 'list', '--names=pool,none'), [pool]);
  assert.deepEqual(await gcloud.ask('agent-pools', 'describe', 'pool'), pool);
  await gcloud.succeed('agent-pools', 'delete', 'pool');
  assert.match(await gcloud.fail('agent-pools', 'delete', 'pool'), /AGENT_POOL_NOT_FOUND/);
});

await check(
  report,
  'jobs create --no-async copies a directory, and nothing by way of the bucket it names',
  async () => {
    const job = await gcloud.ask('jobs', 'create', place('small'), place('to'), ...BETWEEN, '--name=one', '--no-async');
    const { bucketName, path } = (job as { transferSpec: { gcsIntermediateDataLocation: Record<string, string> } })
      .transferSpec.gcsIntermediateDataLocation;
    assert.deepEqual([bucketName, path], ['intermediate', 'folder/']);
    assert.equal(filesIn('to'), 30);
    assert.ok(!existsSync(join(ground.root, 'to', 'folder')));
  },
);

await check(report, 'jobs run --no-async copies what is new, and operations list finds both runs', async () => {
  await gcloud.succeed('jobs', 'run', 'one', '--no-async');
  const found = (await gcloud.ask('operations', 'list', '--job-names=one', '--operation-statuses=success')) as Seen[];
  const copied = found.map(({ metadata }) => metadata?.counters?.['objectsCopiedToSink'] ?? '0');
  assert.deepEqual(copied, ['0', '30']);
  const shown = JSON.parse(await gcloud.succeed('operations', 'describe', String(found[0]?.name))) as Seen;
  assert.equal(shown.metadata?.counters?.['objectsFromSourceSkippedBySync'], '30');
});

await check(report, 'a tree goes into a bucket and comes back', async () => {
  const [fromPool = '', toPool = ''] = DEFAULT_POOLS;
  await gcloud.succeed('jobs', 'create', place('small'), 'gs://bound/up/', fromPool, '--name=up', '--no-async');
  await gcloud.succeed('jobs', 'create', 'gs://bound/up/', place('down'), toPool, '--name=down', '--no-async');
  assert.equal(filesIn('down'), 30);
});

await check(report, 'every setting of a job that create has, update changes and clears', async () => {
  const settings = ['--description=first', '--schedule-starts=2040-01-01T10:00:00Z', '--schedule-repeats-every=1d'];
  const conditions = ['--include-prefixes=a/', '--exclude-prefixes=a/b', '--include-modified-after-relative=10d'];
  const options = ['--overwrite-when=always', '--delete-from=source-after-transfer', '--preserve-metadata=mode,uid'];
  const told = ['--notification-pubsub-topic=projects/p/topics/t', '--log-actions=copy', '--log-action-states=failed'];
  const all = [...settings, ...conditions, ...options, ...told];
  const created = await gcloud.ask('jobs', 'create', place('small'), place('full'), ...BETWEEN, '--name=full', ...all);
  assert.deepEqual(await gcloud.ask('jobs', 'describe', 'full'), created);
  assert.deepEqual(keysOf(created, 'schedule'), ['repeatInterval', 'scheduleStartDate', 'startTimeOfDay']);
  const cleared = ['description', 'schedule', 'notification-config', 'log-config', 'include-prefixes', 'delete-from'];
  const more = ['exclude-prefixes', 'include-modified-after-relative', 'preserve-metadata'];
  const clears = [...cleared, ...more].map((name) => `--clear-${name}`);
  const bare = await gcloud.ask('jobs', 'update', 'full', '--status=disabled', ...clears);
  assert.deepEqual(keysOf(bare), [
    'creationTime',
    'lastModificationTime',
    'name',
    'projectId',
    'status',
    'transferSpec',
  ]);
  assert.deepEqual((bare as { transferSpec: Seen & { transferOptions: unknown } }).transferSpec.transferOptions, {
    overwriteWhen: 'ALWAYS',
  });
});

await check(report, 'a job moves its sink to a bucket once what is for file systems is cleared', async () => {
  const move = ['jobs', 'update', 'full', '--destination=gs://bound/x/'];
  assert.match(await gcloud.fail(...move), /gcs_intermediate_data_location: is for transfers between file systems/);
  const moved = await gcloud.ask(...move, '--clear-intermediate-storage-path', '--clear-destination-agent-pool');
  assert.deepEqual(keysOf(moved, 'transferSpec'), [
    'gcsDataSink',
    'posixDataSource',
    'sourceAgentPoolName',
    'transferOptions',
  ]);
});

await check(report, 'operations pause, resume, cancel and monitor a transfer that runs', async () => {
  // A minute and more of work: a command may take long on a busy machine. A hole costs no disk.
  truncateSync(join(ground.root, 'large', 'large-file'), 1024 ** 3);
  mkdirSync(join(ground.root, 'big'));
  await gcloud.succeed('jobs', 'create', place('large'), place('big'), ...BETWEEN, '--name=large', '--do-not-run');
  const { name = '' } = (await gcloud.ask('jobs', 'run', 'large')) as Seen;
  await gcloud.succeed('operations', 'pause', name);
  await statusIs(name, 'PAUSED');
  await gcloud.succeed('operations', 'resume', name);
  await gcloud.succeed('operations', 'cancel', name);
  const { stderr } = await gcloud.run('operations', 'monitor', name);
  assert.match(stderr, /Parent job: large/);
  assert.match(stderr, /ABORTED \| /);
  await statusIs(name, 'ABORTED');
  assert.deepEqual(
    readdirSync(join(ground.root, 'big')).filter((name) => !/^file-\d$/.test(name)),
    [],
  );
});

await check(report, 'jobs monitor ends with the latest run', async () => {
  const { status, stderr } = await gcloud.run('jobs', 'monitor', 'one');
  assert.equal(status, 0, stderr);
  assert.match(stderr, /SUCCESS \| .*Errors: 0/);
});

await check(report, 'jobs delete leaves a job that jobs list tells as deleted', async () => {
  await gcloud.succeed('jobs', 'delete', 'one');
  const deleted = (await gcloud.ask('jobs', 'list', '--job-statuses=deleted')) as Seen[];
  assert.deepEqual(
    deleted.map(({ name, status }) => [name, status]),
    [['transferJobs/one', 'DELETED']],
  );
  const table = await gcloud.succeed('jobs', 'list', '--page-size=2', '--expand-table');
  for (const name of ['one', 'up', 'down', 'full', 'large']) assert.match(table, new RegExp(`^${name} `, 'm'));
});

await check(report, 'refusals are told with their reason', async () => {
  assert.match(await gcloud.fail('jobs', 'run', 'none'), /TRANSFER_JOB_NOT_FOUND/);
  assert.match(await gcloud.fail('jobs', 'create', 'posix:///', place('x'), ...BETWEEN), /PATH_OUTSIDE_ROOTS/);
});

await ground.close(report);

/** A pause is durable when it is answered; the work comes to rest a moment later. */
async function statusIs(name: string, status: string): Promise<void> {
  let seen = await statusOf(name);
  while (seen === 'SUSPENDING') seen = await statusOf(name);
  assert.equal(seen, status);
}

async function statusOf(name: string): Promise<string | undefined> {
  return (JSON.parse(await gcloud.succeed('operations', 'describe', name)) as Seen).metadata?.status;
}

function keysOf(value: unknown, member?: string): readonly string[] {
  const whole = value as Readonly<Record<string, object>>;
  return Object.keys(member === undefined ? whole : (whole[member] ?? {})).sort();
}
