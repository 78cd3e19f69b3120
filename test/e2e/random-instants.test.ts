/**
 * Transfers of small and large objects that are cancelled, killed by kill -9, or both, at random instants: between directories,
 * and from and to a bucket. A third of the objects has an older version at the sink.
 *
 * A few instants of each kind, so that everybody can wait for them; `INSTANTS=200 npm test -- test/e2e/random-instants` is the whole.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { FAKE_CREDENTIALS, startFakeS3, type FakeS3 } from '../support/fake-s3/fake-s3.ts';
import { md5Of } from '../support/fake-s3/fake-bucket.ts';
import type { SidecarProcess } from '../support/sidecar-process.ts';
import { plantFile, plantTree, randomOf } from '../support/tree.ts';
import { histogramOf } from './instants/histogram.ts';
import { bindingOf, BucketPlace, DirectoryPlace, type Content, type SinkPlace } from './instants/places.ts';
import { tellFigures } from './support/figures.ts';
import { seedOfRun } from './support/random.ts';
import { PROJECT, TransferClient, type SeenOperation } from './support/transfer-client.ts';
import { until } from './support/until.ts';
import { Workspace } from './support/workspace.ts';

/** Of each kind, on each route. */
const INSTANTS = Number(process.env['INSTANTS'] ?? 2);

const MIB = 1024 * 1024;
const SMALL_COUNT = 150;
const LARGE_SIZE_BYTES = 20 * MIB;
/** Before and behind the small ones in the order of keys. */
const LARGE_NAMES = ['a-large', 'z-large'];
/** How long nothing may change behind the end of an operation. */
const WATCH_MS = 50;
/** From a cancel to the kill -9 behind it at most. */
const KILL_BEHIND_MS = 40;

/** Several parts to each large object, several groups of small ones. */
const LIMITS = { transfers: { sliceSizeBytes: 8 * MIB, groupObjectCountMax: 32 } };

let workspace: Workspace;
let s3: FakeS3;
let sidecar: SidecarProcess;
let client: TransferClient;
let wanted: Content;
let random: () => number;
const seed = seedOfRun();

beforeAll(async () => {
  random = randomOf(seed);
  workspace = new Workspace();
  s3 = await startFakeS3();
  const directory = workspace.directory('files', 'from');
  plantTree(directory, seed, { fileCount: SMALL_COUNT, sizeBytesMax: 30_000, hasOddNames: false });
  for (const name of LARGE_NAMES) plantFile(directory, name, { sizeBytes: LARGE_SIZE_BYTES, seed: name.length });
  wanted = new DirectoryPlace(directory).content();
  for (const path of wanted.keys()) {
    const bytes = readFileSync(join(directory, path));
    const key = `from/${path}`;
    s3.bucket.objects.set(key, { key, bytes, etag: md5Of(bytes), modifyTimeMs: 1.6e12, headers: {} });
  }
  writeConfig();
});
afterAll(async () => {
  await workspace.remove();
  await s3.close();
});

beforeEach(() => start());
afterEach(async () => {
  await client.close();
  await sidecar.stop();
});

function writeConfig(): void {
  const secret = (name: string): object => {
    const file = workspace.path(name);
    writeFileSync(file, FAKE_CREDENTIALS[name as keyof typeof FAKE_CREDENTIALS], { mode: 0o600 });
    return { file };
  };
  const egress = { 'allowed-hosts': [{ host: '127.0.0.1', private: true }] };
  const config = { buckets: { bound: bindingOf(s3, secret) }, egress, limits: LIMITS };
  writeFileSync(workspace.path('config.yaml'), JSON.stringify(config));
}

/** Always the same database. */
async function start(): Promise<void> {
  sidecar = await workspace.start({ flags: [`--config=${workspace.path('config.yaml')}`] });
  client = new TransferClient(sidecar.grpc);
}

async function startAnew(): Promise<void> {
  await client.close();
  await start();
}

interface Route {
  readonly source: () => object;
  /** Somewhere nothing was before. */
  readonly newSink: () => SinkPlace;
}

let sinkCount = 0;
const newDirectory = (): SinkPlace => new DirectoryPlace(join(workspace.files, `to-${(sinkCount += 1)}`));
const newPrefix = (): SinkPlace => new BucketPlace(s3, 'bound', `to-${(sinkCount += 1)}/`);
const fromDirectory = (): object => ({ posixDataSource: { rootDirectory: join(workspace.files, 'from') } });
const fromBucket = (): object => ({ awsS3DataSource: { bucketName: 'bound', path: 'from/' } });

const ROUTES: Readonly<Record<string, Route>> = {
  'POSIX to POSIX': { source: fromDirectory, newSink: newDirectory },
  'POSIX to S3': { source: fromDirectory, newSink: newPrefix },
  'S3 to POSIX': { source: fromBucket, newSink: newDirectory },
};

/** A job to a new sink, in which a third of the objects stands in an older version. */
async function newJob(
  route: Route,
): Promise<{ readonly job: string; readonly sink: SinkPlace; readonly old: Content }> {
  const sink = route.newSink();
  for (const [index, path] of [...wanted.keys()].toSorted().entries()) {
    if (index % 3 === 0) sink.plantOld(path, Buffer.from(`old ${path}`));
  }
  const old = sink.content();
  const transferSpec = { ...route.source(), ...sink.spec };
  const transferJob = { projectId: PROJECT, status: 'ENABLED' as const, transferSpec };
  const [{ name }] = await client.stock.createTransferJob({ transferJob });
  return { job: name ?? '', sink, old };
}

/** Of the objects there, which are neither the old nor the new version. */
function torn(content: Content, old: Content): readonly string[] {
  return [...content]
    .filter(([path, hash]) => hash !== old.get(path) && hash !== wanted.get(path))
    .map(([path]) => path);
}

const copiedIn = (content: Content): number => [...content].filter(([path, hash]) => hash === wanted.get(path)).length;

/** What one instant has shown; everything but the times and `met` is the same for each that is right. */
interface Outcome {
  /** The transfer was on its way. */
  readonly met: boolean;
  readonly quietMs?: number;
  readonly doneMs?: number;
}

type Instant = (route: Route, instantMs: number) => Promise<Outcome>;

/** The cancelled operation has left `sink` whole. @returns how many new objects are there. */
function expectStopped(seen: SeenOperation, sink: SinkPlace, old: Content): number {
  expect(seen.operation.error).toMatchObject({ code: 1 });
  expect(sink.leftovers()).toEqual([]);
  const content = sink.content();
  expect(torn(content, old)).toEqual([]);
  return copiedIn(content);
}

/** The next run copies exactly what `missing` counts, and then all is there. */
async function expectRepair(job: string, sink: SinkPlace, missing: number): Promise<void> {
  const seen = await client.untilDone(await client.run(job));
  expect(seen).toMatchObject({
    status: 'SUCCESS',
    counters: {
      objectsCopiedToSink: missing,
      objectsFoundFromSource: missing,
      objectsFromSourceSkippedBySync: wanted.size - missing,
    },
  });
  expect(sink.content()).toEqual(wanted);
  expect(sink.leftovers()).toEqual([]);
}

const cancelled: Instant = async (route, instantMs) => {
  const { job, sink, old } = await newJob(route);
  const name = await client.run(job);
  await delay(instantMs);
  const sentMs = Date.now();
  await client.cancel(name);
  const seen = await client.untilDone(name);
  const doneMs = Date.now() - sentMs;
  const quietMs = Math.max(0, sink.lastTouchMs() - sentMs);
  const met = seen.status !== 'SUCCESS';
  if (met) {
    expect(seen.counters['objectsCopiedToSink']).toBe(expectStopped(seen, sink, old));
    const state = sink.state();
    await delay(WATCH_MS);
    expect(sink.state()).toEqual(state);
  }
  await expectRepair(job, sink, wanted.size - copiedIn(sink.content()));
  sink.remove();
  return met ? { met, quietMs, doneMs } : { met };
};

const killed: Instant = async (route, instantMs) => {
  const { job, sink, old } = await newJob(route);
  const name = await client.run(job);
  await delay(instantMs);
  await sidecar.kill();
  const content = sink.content();
  expect(torn(content, old)).toEqual([]);
  await startAnew();
  expect(await client.untilDone(name)).toMatchObject({
    status: 'SUCCESS',
    counters: { objectsFoundFromSource: wanted.size, objectsCopiedToSink: wanted.size, objectsFromSourceFailed: 0 },
  });
  await until('the janitor', () => sink.leftovers().length === 0);
  expect(sink.content()).toEqual(wanted);
  await expectRepair(job, sink, 0);
  sink.remove();
  return { met: copiedIn(content) < wanted.size };
};

/** A cancel that was answered holds, whenever the process dies behind it; what is staged then is the janitor's. */
const cancelledAndKilled: Instant = async (route, instantMs) => {
  const { job, sink, old } = await newJob(route);
  const name = await client.run(job);
  await delay(instantMs);
  await client.cancel(name);
  await delay(random() * KILL_BEHIND_MS);
  await sidecar.kill();
  await startAnew();
  const seen = await client.untilDone(name);
  await until('the janitor', () => sink.leftovers().length === 0);
  const met = seen.status !== 'SUCCESS';
  // Nobody was left to count what its last moments copied.
  if (met) expect(seen.counters['objectsCopiedToSink']).toBeLessThanOrEqual(expectStopped(seen, sink, old));
  await expectRepair(job, sink, wanted.size - copiedIn(sink.content()));
  sink.remove();
  return { met };
};

/** How long the whole takes: instants are drawn from this. */
async function wholeMs(route: Route): Promise<number> {
  const { job, sink } = await newJob(route);
  const startMs = Date.now();
  await client.untilDone(await client.run(job));
  const ms = Date.now() - startMs;
  sink.remove();
  return ms;
}

const KINDS: readonly (readonly [string, Instant])[] = [
  ['a cancel', cancelled],
  ['a kill -9', killed],
  ['a kill -9 behind a cancel', cancelledAndKilled],
];

test.each(
  Object.entries(ROUTES).flatMap(([name, route]) => KINDS.map(([kind, instant]) => ({ name, route, kind, instant }))),
)(
  '$kind at any instant of $name tears nothing, leaves nothing over, and the next run is exact',
  async ({ name, route, kind, instant }) => {
    await wholeMs(route);
    let rangeMs = await wholeMs(route);
    const outcomes: Outcome[] = [];
    for (let count = 0; count < INSTANTS; count += 1) {
      const instantMs = random() * rangeMs;
      const outcome = await instant(route, instantMs);
      outcomes.push(outcome);
      // What came behind its end shows how long it takes at present.
      rangeMs = outcome.met ? rangeMs * 1.05 : (rangeMs + instantMs) / 2;
    }
    const times = (of: (outcome: Outcome) => number | undefined): object | undefined => {
      const known = outcomes.map(of).filter((ms) => ms !== undefined);
      return known.length === 0 ? undefined : histogramOf(known);
    };
    tellFigures({
      test: `random-instants: ${kind}, ${name}`,
      seed,
      rangeMs,
      instants: outcomes.length,
      metOnItsWay: outcomes.filter(({ met }) => met).length,
      quiet: times(({ quietMs }) => quietMs),
      done: times(({ doneMs }) => doneMs),
    });
    expect(outcomes).toHaveLength(INSTANTS);
  },
  240_000 + INSTANTS * 60_000,
);
