import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/core/clock.ts';
import { conformanceLimits } from '../../src/conformance/limits.ts';
import { OperationsProbe, pageOf } from '../../src/conformance/operations-probe.ts';
import { TransferSource } from '../../src/conformance/sources/transfer-source.ts';
import { WireChannel } from '../../src/conformance/wire-channel.ts';
import { SidecarProcess } from '../support/sidecar-process.ts';
import { FAULTS } from './faults.ts';
import { FaultyProxy, type Fault } from './faulty-proxy.ts';
import { casesOf, runSuite, type ReportedCase, type SuiteRun } from './suite-run.ts';

const PROJECT = 'conformance';

/** So long before a caller's deadline a wait is answered, milliseconds: cases give a second, of which a busy machine may need most. */
const WAIT_MARGIN_MS = 800;

let root: string;
let sidecar: SidecarProcess;
let channel: WireChannel;
let source: TransferSource;
/** One done and one paused transfer, which cases only look at. */
let known: readonly string[];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'conformance-suite-'));
  await writeFile(configOf(root), JSON.stringify({ limits: { operations: { waitMarginMs: WAIT_MARGIN_MS } } }));
  sidecar = await SidecarProcess.start(['--database=memory:', `--posix-root=${root}`, `--config=${configOf(root)}`]);
  const limits = conformanceLimits();
  channel = new WireChannel(sidecar.grpc, limits.receiveSizeMaxBytes);
  const probe = new OperationsProbe(channel, { timeoutMs: limits.callTimeoutMs });
  const site = { probe, limits, clock: systemClock, collection: 'transferOperations' } as const;
  source = new TransferSource({ ...site, filter: '', language: 'transfer-json' }, root, PROJECT);
  const [done] = await source.find('made');
  known = [done, ...(await source.find('unfinished'))];
});

afterAll(async () => {
  await source.close();
  channel.close();
  await sidecar.stop();
  await rm(root, { recursive: true, force: true });
  await rm(configOf(root), { force: true });
});

/** Beside the directory, of which tests see whether anything is left in it. */
function configOf(directory: string): string {
  return `${directory}.yaml`;
}

function failedOf(cases: readonly ReportedCase[]): readonly string[] {
  return cases.filter(({ outcome }) => outcome === 'failed').map(({ id, finding = '' }) => `${id}: ${finding}`);
}

describe('the suite', () => {
  test('finds nothing wrong with the sidecar, and leaves nothing behind', async () => {
    const before = await readdir(root);
    const what = ['--profile=longrunning', `--posix-directory=${root}`, '--json'];
    const run = await runSuite([sidecar.grpc, ...what]);

    expect(failedOf(casesOf(run))).toEqual([]);
    expect(run.status).toBe(0);
    expect(await readdir(root)).toEqual(before);
  });

  test('removes what it has made when it is stopped half-way', async () => {
    const stop = new AbortController();
    const collection = 'projects/stopped/locations/global';
    const proxy = await FaultyProxy.start(sidecar.grpc, async ({ rpc }) => {
      if (rpc === 'CompleteOperation') stop.abort(new Error('stopped by a test'));
      return undefined;
    });
    try {
      const run = await runSuite(
        [proxy.address, `--collection=${collection}`, '--only=get-done*', '--json'],
        stop.signal,
      );
      const left = await new OperationsProbe(channel, { timeoutMs: 10_000 }).list({ name: collection });

      expect(run.status).toBe(130);
      expect(casesOf(run)).toEqual([expect.objectContaining({ id: 'get-done-has-one-result' })]);
      expect(pageOf(left).operations).toEqual([]);
    } finally {
      proxy.close();
    }
  });

  test('cancels nothing that it may only look at', async () => {
    const cancelled: unknown[] = [];
    const proxy = await FaultyProxy.start(sidecar.grpc, async ({ rpc, message }) => {
      if (rpc === 'CancelOperation' || rpc === 'DeleteOperation') cancelled.push(message['name']);
      return undefined;
    });
    try {
      const operations = known.map((name) => `--operation=${name}`);
      const what = ['--collection=transferOperations', '--profile=longrunning', '--skip=wait-*'];
      await runSuite([proxy.address, ...what, ...operations]);

      expect(cancelled.filter((name) => known.includes(String(name)))).toEqual([]);
    } finally {
      proxy.close();
    }
  });

  test('says of each case that it skips what it would take', async () => {
    const run = await runSuite([sidecar.grpc, '--only=cancel-running*', '--collection=transferOperations', '--json']);

    expect(casesOf(run)).toEqual([
      expect.objectContaining({
        id: 'cancel-running-ends-cancelled',
        outcome: 'skipped',
        reason: expect.stringContaining('--expendable'),
      }),
    ]);
  });

  test('ends in time before a server that does not answer, and says what it did not come to', async () => {
    const proxy = await FaultyProxy.start(sidecar.grpc, ({ rpc }) =>
      rpc === 'ListOperations' ? new Promise(() => undefined) : Promise.resolve(undefined),
    );
    try {
      const which = ['--only=list-page-size-coerced', '--only=filter-open-*'];
      // The first case begins within the time of the run, and ends behind it.
      const run = await runSuite([proxy.address, ...which, '--timeout=6', '--run-timeout=5', '--json']);
      const [first, ...others] = casesOf(run);

      expect(first).toMatchObject({ outcome: 'failed', finding: expect.stringContaining('DEADLINE_EXCEEDED') });
      expect(others.at(-1)).toMatchObject({ outcome: 'skipped', reason: expect.stringContaining('--run-timeout') });
      expect(run.status).toBe(1);
    } finally {
      proxy.close();
    }
  });

  test('looks at what specifications ask for only, unless told otherwise', async () => {
    const run = await runSuite([sidecar.grpc, '--only=get-malformed*', '--json']);

    expect(casesOf(run)).toEqual([
      expect.objectContaining({ outcome: 'skipped', reason: expect.stringContaining('--profile') }),
    ]);
  });

  test('tells people what was found, and which sentence it breaks', async () => {
    const fault = FAULTS.find(({ foundBy }) => foundBy === 'list-page-size-negative-invalid');
    const proxy = await FaultyProxy.start(sidecar.grpc, fault?.fault() ?? (async () => undefined));
    try {
      const run = await runSuite([proxy.address, '--only=list-page-size-neg*']);

      expect(run.status).toBe(1);
      expect(run.stdout).toContain('failed  list-page-size-negative-invalid  (operations)');
      expect(run.stdout).toContain('found: List with page size -1 is OK, not INVALID_ARGUMENT');
      expect(run.stdout).toContain('AIP-158: "If the user specifies a negative value for `page_size`');
      expect(run.stdout).toContain('0 held, 1 failed, 0 skipped');
    } finally {
      proxy.close();
    }
  });
});

/** @param flags  such as the cases to run. */
async function runBehind(fault: Fault, collection: string, flags: readonly string[]): Promise<SuiteRun> {
  const proxy = await FaultyProxy.start(sidecar.grpc, fault);
  try {
    const names = [...known.map((name) => `--operation=${name}`), `--expendable=${known[0] ?? ''}`];
    const where = [`--collection=${collection}`, `--project=${PROJECT}`, ...names];
    return await runSuite([proxy.address, ...where, '--profile=longrunning', '--json', ...flags]);
  } finally {
    proxy.close();
  }
}

describe('a server that', () => {
  test.each(FAULTS)('$does is found by $foundBy', async (row) => {
    const { foundBy, collection = 'transferOperations', makesTransfers, fault } = row;
    const made = makesTransfers === undefined ? [] : [`--posix-directory=${root}`];
    const run = await runBehind(fault(), collection, [`--only=${foundBy}`, '--timeout=1', ...made]);

    expect(failedOf(casesOf(run))).toEqual([expect.stringContaining(foundBy)]);
    expect(run.status).toBe(1);
  });

  test('is right behind the proxy breaks no case', async () => {
    const collections = ['transferOperations', 'operations'];
    const runs = await Promise.all(collections.map((each) => runBehind(async () => undefined, each, [])));

    expect(runs.map(casesOf).flatMap(failedOf)).toEqual([]);
  });
});

describe('the command', () => {
  test.each([
    ['no address', []],
    ['an address that is none', ['nowhere']],
    ['an unknown option', ['127.0.0.1:1', '--conformance']],
    ['an unknown profile', ['127.0.0.1:1', '--profile=strict']],
    ['a timeout that is none', ['127.0.0.1:1', '--timeout=soon']],
    ['a server that is not there', ['127.0.0.1:1']],
  ])('ends with 2 and one line for %s', async (_what, args) => {
    const run = await runSuite(args);

    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(/^longrunning conformance: .+\n$/);
    expect(run.stdout).toBe('');
  });

  test('ends with 2 when no case has an id that was asked for', async () => {
    const run = await runSuite([sidecar.grpc, '--only=nothing']);

    expect(run.status).toBe(2);
  });
});
