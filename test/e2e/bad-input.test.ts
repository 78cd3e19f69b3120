/**
 * What a sidecar is asked by mistake or by malice: each a clear error with its ErrorInfo, and nothing has changed. The requests
 * come from a client that sends what it is given, over the real transport.
 */
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { status as Code } from '@grpc/grpc-js';
import { hideOperation } from './support/database-file.ts';
import { RawClient, type Message, type Rpc } from './support/raw-client.ts';
import { PROJECT, TransferClient } from './support/transfer-client.ts';
import { writeTree } from './support/tree.ts';
import { until } from './support/until.ts';
import { Workspace, type LimitsSection } from './support/workspace.ts';

const MIB = 1024 * 1024;
const LONGRUNNING = 'longrunning.googleapis.com';
const TRANSFER = 'storagetransfer.googleapis.com';

/** So long before a caller's deadline a wait is answered, milliseconds: no busy machine takes that for an answer. */
const WAIT_MARGIN_MS = 60_000;

/** A server with some jobs, a finished operation and one that is paused. */
class Scene {
  readonly workspace: Workspace;
  readonly raw: RawClient;
  readonly finished: string;
  readonly paused: string;

  private constructor(workspace: Workspace, raw: RawClient, { finished, paused }: Pick<Scene, 'finished' | 'paused'>) {
    this.workspace = workspace;
    this.raw = raw;
    this.finished = finished;
    this.paused = paused;
  }

  static async open(limits: LimitsSection = {}): Promise<Scene> {
    const workspace = new Workspace();
    const [source, sink] = treesOf(workspace);
    writeTree(source, { seed: 3, smallCount: 20, largeNames: [], largeSizeBytes: 0 });
    const long = `${source}-long`;
    writeTree(long, { seed: 4, smallCount: 1500, largeNames: [], largeSizeBytes: 0 });
    const sidecar = await workspace.start({
      limits: {
        // In small steps, as a pause waits for those that are begun.
        transfers: { objectsPerSecondMax: 50, groupObjectCountInitial: 8, groupObjectCountMax: 8 },
        operations: { waitMarginMs: WAIT_MARGIN_MS },
        ...limits,
      },
    });
    const client = new TransferClient(sidecar.grpc);
    const finished = await client.transfer({ source, sink });
    await client.untilDone(finished);
    const paused = await client.transfer({ source: long, sink: `${sink}-paused` });
    await client.pause(paused);
    await client.untilStatus(paused, 'PAUSED');
    await client.close();
    return new Scene(workspace, new RawClient(sidecar.grpc), { finished, paused });
  }

  get source(): string {
    return treesOf(this.workspace)[0];
  }

  get sink(): string {
    return treesOf(this.workspace)[1];
  }

  /** All that clients can see. */
  async state(): Promise<readonly string[]> {
    const filter = JSON.stringify({ projectId: PROJECT });
    const jobs = await this.raw.bytes('StorageTransferService/ListTransferJobs', { filter });
    const operations = await this.raw.bytes('Operations/ListOperations', { name: 'transferOperations', filter });
    return [jobs.toString('base64'), operations.toString('base64')];
  }

  async close(): Promise<void> {
    this.raw.close();
    await this.workspace.remove();
  }
}

function treesOf({ files }: Workspace): readonly [source: string, sink: string] {
  return [join(files, 'from'), join(files, 'to')];
}

let scene: Scene;

beforeAll(async () => {
  scene = await Scene.open();
});

afterAll(() => scene.close());

/** What a request is, whatever the scene; and how it is refused. */
interface Row {
  readonly what: string;
  readonly rpc: Rpc;
  readonly request: () => Message;
  readonly code: number;
  readonly reason: string;
  readonly domain?: string;
  readonly metadata?: Message;
  readonly message?: RegExp;
}

/** Holds for every row. */
async function expectRefused({ rpc, request, code, reason, domain = TRANSFER, metadata, message }: Row): Promise<void> {
  const before = await scene.state();

  const refusal = await scene.raw.refusal(rpc, request());

  expect(refusal).toMatchObject({ code, reason, domain, ...(metadata === undefined ? {} : { metadata }) });
  if (message !== undefined) expect(refusal.message).toMatch(message);
  expect(refusal.message).not.toMatch(/[^.]\.$|\n|node_modules/);
  expect(await scene.state()).toEqual(before);
}

describe('the name of an operation', () => {
  const methods = ['Get', 'Cancel', 'Delete', 'Wait'].map((verb): Rpc => `Operations/${verb}Operation`);
  const badNames: readonly [string, string, string][] = [
    ['is empty', '', LONGRUNNING],
    ['is of no form', 'nonsense', LONGRUNNING],
    ['is a bare collection', 'transferOperations', TRANSFER],
    ['is a bare collection with a slash', 'transferOperations/', TRANSFER],
    ['has an empty segment', 'transferOperations//1', TRANSFER],
    ['begins with a slash', '/transferOperations/1', LONGRUNNING],
    ['is of another resource', 'transferJobs/1', LONGRUNNING],
    ['holds a control character', 'transferOperations/a\u0000b', TRANSFER],
    ['is longer than any name', `transferOperations/${'x'.repeat(2000)}`, TRANSFER],
  ];
  const rows = methods.flatMap((rpc) =>
    badNames.map(([what, name, domain]): Row => {
      return { what, rpc, request: () => ({ name }), code: Code.INVALID_ARGUMENT, reason: 'INVALID_NAME', domain };
    }),
  );

  test.each(rows)('$what, in $rpc', expectRefused);

  const foreign: readonly [string, string][] = [
    ['transferOperations/none', TRANSFER],
    ['operations/none', LONGRUNNING],
    ['projects/p/locations/global/operations/none', 'storagebatchoperations.googleapis.com'],
    ['accounts/1/apps/2/operations/none', 'checks.googleapis.com'],
  ];

  test.each(foreign)('%s is well formed and not found, nor can it be cancelled', async (name, domain) => {
    for (const rpc of ['Operations/GetOperation', 'Operations/CancelOperation', 'Operations/WaitOperation'] as const) {
      const metadata = { operation: name };
      const request = (): Message => ({ name });
      await expectRefused({
        what: '',
        rpc,
        request,
        code: Code.NOT_FOUND,
        reason: 'OPERATION_NOT_FOUND',
        domain,
        metadata,
      });
    }
  });

  test.each<Row>([
    {
      what: 'of a job',
      rpc: 'StorageTransferService/PauseTransferOperation',
      request: () => ({ name: 'transferJobs/1' }),
      code: Code.INVALID_ARGUMENT,
      reason: 'INVALID_NAME',
    },
    {
      what: 'of another surface',
      rpc: 'StorageTransferService/ResumeTransferOperation',
      request: () => ({ name: 'operations/1' }),
      code: Code.INVALID_ARGUMENT,
      reason: 'INVALID_NAME',
    },
    {
      what: 'of nothing',
      rpc: 'StorageTransferService/PauseTransferOperation',
      request: () => ({ name: 'transferOperations/none' }),
      code: Code.NOT_FOUND,
      reason: 'OPERATION_NOT_FOUND',
    },
    {
      what: 'that exists, to be deleted, which the API does not know',
      rpc: 'Operations/DeleteOperation',
      request: () => ({ name: scene.finished }),
      code: Code.UNIMPLEMENTED,
      reason: 'METHOD_NOT_SERVED',
    },
  ])('$what, in $rpc', expectRefused);
});

describe('a list of operations', () => {
  const list = (what: string, request: Message, reason: string, row: Partial<Row> = {}): Row => {
    const whole = { name: 'transferOperations', filter: '{"projectId":"demo"}', ...request };
    return {
      what,
      rpc: 'Operations/ListOperations',
      request: () => whole,
      code: Code.INVALID_ARGUMENT,
      reason,
      ...row,
    };
  };

  test.each<Row>([
    list('of no collection', { name: '' }, 'INVALID_NAME', { domain: LONGRUNNING }),
    list('of one operation', { name: 'transferOperations/1' }, 'INVALID_NAME'),
    list('with a negative page size', { pageSize: -1 }, 'INVALID_FIELD', { metadata: { field: 'page_size' } }),
    list('with the least page size', { pageSize: -(2 ** 31) }, 'INVALID_FIELD'),
    list('with a token that was made up', { pageToken: 'bm9uc2Vuc2U' }, 'PAGE_TOKEN_INVALID'),
    list('with a token that is no base64url', { pageToken: '§§' }, 'PAGE_TOKEN_INVALID'),
    list('with a token of 100 KiB', { pageToken: 'A'.repeat(102_400) }, 'PAGE_TOKEN_INVALID'),
    list('without a filter', { filter: '' }, 'INVALID_FILTER'),
    list('with a filter that is no JSON', { filter: 'projectId=demo' }, 'INVALID_FILTER'),
    list('with a filter that is no object', { filter: '["demo"]' }, 'INVALID_FILTER'),
    list('with a filter that is cut off', { filter: '{"projectId":"demo"' }, 'INVALID_FILTER'),
    list('without a project', { filter: '{}' }, 'INVALID_FILTER', { message: /projectId/ }),
    list('with an unknown key', { filter: '{"projectId":"p","x":1}' }, 'INVALID_FILTER', { message: /filter\.x/ }),
    list('with a key twice', { filter: '{"projectId":"p","projectId":"q"}' }, 'INVALID_FILTER'),
    list('with a number for a project', { filter: '{"projectId":7}' }, 'INVALID_FILTER'),
    list('with an unknown status', { filter: '{"projectId":"p","transferStatuses":["GONE"]}' }, 'INVALID_FILTER'),
    list('with a time that is none', { filter: '{"projectId":"p","minCreationTime":"yesterday"}' }, 'INVALID_FILTER'),
    list('with a filter of 3 MiB', { filter: `{"projectId":"${'['.repeat(3 * MIB)}` }, 'INVALID_FILTER'),
    list('across collections', { returnPartialSuccess: true }, 'FIELD_NOT_IMPLEMENTED', { code: Code.UNIMPLEMENTED }),
    list('with a filter that ends too soon', { name: 'operations', filter: 'done=' }, 'INVALID_FILTER', {
      domain: LONGRUNNING,
    }),
  ])('$what', expectRefused);

  // AIP-158: "If the user specifies a page_size … greater than the maximum … the API should coerce down to the maximum".
  test('with a huge page size gets as much as there may be', async () => {
    const filter = JSON.stringify({ projectId: PROJECT });

    const page = await scene.raw.call('Operations/ListOperations', {
      name: 'transferOperations',
      filter,
      pageSize: 2 ** 31 - 1,
    });

    expect(page['operations']).toHaveLength(2);
  });

  // AIP-158: "If … any other arguments … are different … INVALID_ARGUMENT".
  test('refuses the token of another list, and one that was tampered with', async () => {
    const filter = JSON.stringify({ projectId: PROJECT });
    const operations = { name: 'transferOperations', filter, pageSize: 1 };
    const { nextPageToken } = await scene.raw.call('Operations/ListOperations', operations);
    const token = nextPageToken as string;
    const other = `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`;
    const continued = (what: string, request: Message, pageToken: string, reason: string): Row =>
      list(what, { ...operations, ...request, pageToken }, reason);

    await expectRefused(
      continued('of another filter', { filter: '{"projectId":"other"}' }, token, 'PAGE_TOKEN_MISMATCH'),
    );
    await expectRefused(continued('tampered with', {}, other, 'PAGE_TOKEN_INVALID'));
    await expectRefused({
      ...continued('of the jobs', {}, token, 'PAGE_TOKEN_MISMATCH'),
      rpc: 'StorageTransferService/ListTransferJobs',
      request: () => ({ filter, pageToken: token }),
    });
    await expect(
      scene.raw.call('Operations/ListOperations', { ...operations, pageToken: token }),
    ).resolves.toBeDefined();
  });
});

describe('a list of jobs', () => {
  const list = (what: string, request: Message, reason: string): Row => {
    const whole = { filter: '{"projectId":"demo"}', ...request };
    const rpc = 'StorageTransferService/ListTransferJobs';
    return { what, rpc, request: () => whole, code: Code.INVALID_ARGUMENT, reason };
  };

  test.each<Row>([
    list('without a filter', { filter: '' }, 'INVALID_FILTER'),
    list('with an unknown status', { filter: '{"projectId":"p","jobStatuses":["GONE"]}' }, 'INVALID_FILTER'),
    list('with a negative page size', { pageSize: -5 }, 'INVALID_FIELD'),
    list('with a token that was made up', { pageToken: 'AAAA' }, 'PAGE_TOKEN_INVALID'),
  ])('$what', expectRefused);
});

describe('a wait', () => {
  const wait = (what: string, timeout: Message): Row => ({
    what,
    rpc: 'Operations/WaitOperation',
    request: () => ({ name: scene.paused, timeout }),
    code: Code.INVALID_ARGUMENT,
    reason: 'INVALID_FIELD',
    metadata: { field: 'timeout' },
  });

  test.each<Row>([
    wait('with a negative timeout', { seconds: -1 }),
    wait('with a timeout a nanosecond below zero', { nanos: -1 }),
    wait('with a timeout whose parts differ in sign', { seconds: 1, nanos: -1 }),
    wait('with a timeout beyond all durations', { seconds: 315_576_000_001 }),
  ])('$what is refused', expectRefused);

  // operations.proto: "Waits until the specified long-running operation is done or reaches at most a specified timeout,
  // returning the latest state."
  test.each<[string, Message, number]>([
    ['with a timeout of zero', { timeout: { seconds: 0 } }, WAIT_MARGIN_MS],
    ['with a short timeout', { timeout: { nanos: 50_000_000 } }, 2 * WAIT_MARGIN_MS],
    ['without a timeout, up to the caller’s deadline', {}, WAIT_MARGIN_MS + 1500],
    ['with a timeout longer than the caller’s deadline', { timeout: { seconds: 3600 } }, WAIT_MARGIN_MS + 1500],
  ])('%s answers the latest state, never an error for "not yet"', async (_what, request, deadlineMs) => {
    const answer = await scene.raw.call('Operations/WaitOperation', { name: scene.paused, ...request }, { deadlineMs });

    expect(answer).toMatchObject({ name: scene.paused, done: false });
  });

  test('for what is done answers at once', async () => {
    const answer = await scene.raw.call('Operations/WaitOperation', { name: scene.finished });

    expect(answer).toMatchObject({ name: scene.finished, done: true, result: 'response' });
  });
});

describe('a cancel', () => {
  test('of what is done is OK and changes nothing', async () => {
    const before = await scene.state();

    expect(await scene.raw.call('Operations/CancelOperation', { name: scene.finished })).toEqual({});

    expect(await scene.state()).toEqual(before);
  });

  test('of what was deleted is NOT_FOUND, and so is all else', async () => {
    const deleted = await Scene.open();
    try {
      await deleted.workspace.stop();
      hideOperation(deleted.workspace.database, deleted.paused);
      const sidecar = await deleted.workspace.start();
      const raw = new RawClient(sidecar.grpc);
      for (const verb of ['Get', 'Cancel', 'Wait'] as const) {
        const refusal = await raw.refusal(`Operations/${verb}Operation`, { name: deleted.paused });
        expect(refusal).toMatchObject({ code: Code.NOT_FOUND, reason: 'OPERATION_NOT_FOUND' });
      }
      raw.close();
    } finally {
      await deleted.close();
    }
  });
});

describe('a request of 5 MiB', () => {
  const huge = 'x'.repeat(5 * MIB);

  test.each<[Rpc, Message]>([
    ['Operations/GetOperation', { name: huge }],
    ['Operations/ListOperations', { name: 'transferOperations', filter: huge }],
    [
      'StorageTransferService/CreateTransferJob',
      { transferJob: { projectId: PROJECT, status: 'ENABLED', description: huge } },
    ],
  ])('to %s is too large, and the next one is served', async (rpc, request) => {
    const refusal = await scene.raw.refusal(rpc, request);

    expect(refusal).toMatchObject({ code: Code.RESOURCE_EXHAUSTED, reason: 'MESSAGE_TOO_LARGE' });
    expect(await scene.raw.call('Operations/GetOperation', { name: scene.finished })).toMatchObject({ done: true });
  });
});

/** A job of the scene's trees, with changes. */
function jobWith(changes: Message): Message {
  const transferSpec = {
    posixDataSource: { rootDirectory: scene.source },
    posixDataSink: { rootDirectory: scene.sink },
  };
  return { transferJob: { projectId: PROJECT, status: 'ENABLED', transferSpec, ...changes } };
}

function specWith(changes: Message): Message {
  const { transferSpec } = jobWith({})['transferJob'] as { readonly transferSpec: Message };
  return jobWith({ transferSpec: { ...transferSpec, ...changes } });
}

describe('a job', () => {
  const rpc = 'StorageTransferService/CreateTransferJob';
  const invalid = (what: string, request: () => Message, field: string, reason = 'INVALID_FIELD'): Row => {
    return { what, rpc, request, code: Code.INVALID_ARGUMENT, reason, metadata: { field } };
  };
  const unserved = (field: string, request: () => Message): Row => {
    return {
      what: field,
      rpc,
      request,
      code: Code.UNIMPLEMENTED,
      reason: 'FIELD_NOT_IMPLEMENTED',
      metadata: { field },
    };
  };

  test.each<Row>([
    invalid('that is missing', () => ({}), 'transfer_job'),
    invalid('without a project', () => jobWith({ projectId: '' }), 'transfer_job.project_id'),
    invalid('without a status', () => jobWith({ status: 0 }), 'transfer_job.status'),
    invalid('that is born deleted', () => jobWith({ status: 'DELETED' }), 'transfer_job.status'),
    invalid('of a bad name', () => jobWith({ name: 'transferJobs/a b' }), 'transfer_job.name', 'INVALID_NAME'),
    invalid(
      'of a name too long',
      () => jobWith({ name: `transferJobs/${'x'.repeat(128)}` }),
      'transfer_job.name',
      'INVALID_NAME',
    ),
    invalid('with a long description', () => jobWith({ description: 'x'.repeat(1025) }), 'transfer_job.description'),
    invalid('without a spec', () => jobWith({ transferSpec: null }), 'transfer_job.transfer_spec'),
    invalid(
      'without a sink',
      () => jobWith({ transferSpec: { posixDataSource: { rootDirectory: '/a' } } }),
      'transfer_job.transfer_spec.data_sink',
    ),
    invalid(
      'without a directory',
      () => specWith({ posixDataSource: {} }),
      'transfer_job.transfer_spec.posix_data_source.root_directory',
    ),
  ])('$what is refused', expectRefused);

  const spec = 'transfer_job.transfer_spec';
  test.each<Row>([
    unserved('transfer_job.service_account', () => jobWith({ serviceAccount: 'projects/-/serviceAccounts/a' })),
    unserved(`${spec}.aws_s3_compatible_data_source.s3_metadata.auth_method`, () =>
      specWith({
        posixDataSource: null,
        awsS3CompatibleDataSource: {
          bucketName: 'bucket',
          endpoint: 'e',
          s3Metadata: { authMethod: 'AUTH_METHOD_AWS_SIGNATURE_V2' },
        },
      }),
    ),
    {
      what: 'an endpoint that no key is bound to',
      rpc,
      request: () =>
        specWith({ posixDataSource: null, awsS3CompatibleDataSource: { bucketName: 'bucket', endpoint: 'e' } }),
      code: Code.PERMISSION_DENIED,
      reason: 'BUCKET_NOT_BOUND',
      metadata: { bucket: 'e/bucket' },
    },
    {
      what: 'a list of URLs of a host that nobody allows',
      rpc,
      request: () => specWith({ posixDataSource: null, httpDataSource: { listUrl: 'https://e' } }),
      code: Code.PERMISSION_DENIED,
      reason: 'HOST_NOT_ALLOWED',
      metadata: { host: 'e' },
    },
    invalid(
      'whose manifest lies nowhere',
      () => specWith({ transferManifest: { location: 'm.csv' } }),
      `${spec}.transfer_manifest.location`,
    ),
    invalid(
      'with access control lists of files',
      () => specWith({ transferOptions: { metadataOptions: { acl: 'ACL_PRESERVE' } } }),
      `${spec}.transfer_options.metadata_options.acl`,
    ),
  ])('with $what is refused by the field’s name', expectRefused);

  test.each(['Get', 'Delete', 'Run', 'Update'])('that is unknown cannot be found: %sTransferJob', async (verb) => {
    const request = (): Message => ({
      jobName: 'transferJobs/none',
      projectId: PROJECT,
      transferJob: { description: 'd' },
    });
    const method: Rpc = `StorageTransferService/${verb}TransferJob`;
    await expectRefused({ what: '', rpc: method, request, code: Code.NOT_FOUND, reason: 'TRANSFER_JOB_NOT_FOUND' });
  });
});

describe('the directories of a job', () => {
  const directories = (what: string, paths: () => readonly [string, string], code: number, reason: string): Row => ({
    what,
    rpc: 'StorageTransferService/CreateTransferJob',
    request: () => {
      const [source, sink] = paths();
      return specWith({ posixDataSource: { rootDirectory: source }, posixDataSink: { rootDirectory: sink } });
    },
    code,
    reason,
  });

  test.each<Row>([
    directories('source is relative', () => ['from', scene.sink], Code.INVALID_ARGUMENT, 'INVALID_FIELD'),
    directories('sink is relative', () => [scene.source, './to'], Code.INVALID_ARGUMENT, 'INVALID_FIELD'),
    directories('source climbs', () => [`${scene.source}/../from`, scene.sink], Code.INVALID_ARGUMENT, 'INVALID_FIELD'),
    directories('sink climbs', () => [scene.source, `${scene.sink}/..`], Code.INVALID_ARGUMENT, 'INVALID_FIELD'),
    directories('source is outside', () => ['/etc', scene.sink], Code.PERMISSION_DENIED, 'PATH_OUTSIDE_ROOTS'),
    directories('sink is outside', () => [scene.source, '/etc/x'], Code.PERMISSION_DENIED, 'PATH_OUTSIDE_ROOTS'),
    directories(
      'sink only begins like a root',
      () => [scene.source, `${scene.workspace.files}-x`],
      Code.PERMISSION_DENIED,
      'PATH_OUTSIDE_ROOTS',
    ),
    directories(
      'sink is within the source',
      () => [scene.source, `${scene.source}/to`],
      Code.INVALID_ARGUMENT,
      'SINK_WITHIN_SOURCE',
    ),
    directories(
      'source is within the sink',
      () => [`${scene.sink}/m`, scene.sink],
      Code.INVALID_ARGUMENT,
      'SINK_WITHIN_SOURCE',
    ),
    directories('source is the sink', () => [scene.source, scene.source], Code.INVALID_ARGUMENT, 'SINK_WITHIN_SOURCE'),
    directories(
      'sink is the source by a link',
      () => [scene.source, link('same', scene.source)],
      Code.INVALID_ARGUMENT,
      'SINK_WITHIN_SOURCE',
    ),
    directories(
      'sink leads outside by a link',
      () => [scene.source, `${link('out', '/etc')}/x`],
      Code.PERMISSION_DENIED,
      'PATH_OUTSIDE_ROOTS',
    ),
  ])('whose $what are refused', expectRefused);

  test('outside of the roots are refused with the name of the flag', async () => {
    const request = specWith({ posixDataSink: { rootDirectory: '/etc/x' } });

    const refusal = await scene.raw.refusal('StorageTransferService/CreateTransferJob', request);

    expect(refusal.message).toContain('--posix-root');
    expect(refusal.metadata).toMatchObject({ flag: '--posix-root' });
  });

  function link(name: string, target: string): string {
    const path = join(scene.workspace.files, name);
    if (!existsSync(path)) symlinkSync(target, path);
    return path;
  }
});

describe('a server with small limits', () => {
  test('refuses a token that has expired', async () => {
    const brief = await Scene.open({ operations: { pageTokenLifetimeMs: 1 } });
    try {
      const filter = JSON.stringify({ projectId: PROJECT });
      const request = { name: 'transferOperations', filter, pageSize: 1 };
      const { nextPageToken: pageToken } = await brief.raw.call('Operations/ListOperations', request);

      // A token outlives its making by a millisecond.
      await until('the token to expire', () =>
        brief.raw.call('Operations/ListOperations', { ...request, pageToken }).then(
          () => false,
          () => true,
        ),
      );
      const refusal = await brief.raw.refusal('Operations/ListOperations', { ...request, pageToken });

      expect(refusal).toMatchObject({ code: Code.INVALID_ARGUMENT, reason: 'PAGE_TOKEN_EXPIRED', domain: TRANSFER });
    } finally {
      await brief.close();
    }
  });

  test('whose database is full says so, and still answers what it has', async () => {
    const workspace = new Workspace();
    const sidecar = await workspace.start({ limits: { sqlite: { filePagesMax: 80 } } });
    const raw = new RawClient(sidecar.grpc);
    try {
      const { transferJob } = specWith({}) as { readonly transferJob: Message };
      const transferSpec = {
        posixDataSource: { rootDirectory: join(workspace.files, 'a') },
        posixDataSink: { rootDirectory: join(workspace.files, 'b') },
      };
      const create = (): Promise<Message> =>
        raw.call('StorageTransferService/CreateTransferJob', {
          transferJob: { ...transferJob, transferSpec, description: 'x'.repeat(1000) },
        });
      const names: unknown[] = [];
      const error = await until('the database to be full', () =>
        create().then(
          (job) => {
            names.push(job['name']);
            return undefined;
          },
          (thrown: unknown) => thrown as { readonly code: number },
        ),
      );

      expect(error.code).toBe(Code.RESOURCE_EXHAUSTED);
      const jobName = names.at(-1);
      expect(await raw.call('StorageTransferService/GetTransferJob', { jobName, projectId: PROJECT })).toMatchObject({
        name: jobName,
      });
      expect((await raw.call('Health/Check', {}))['status']).toBe('SERVING');
    } finally {
      raw.close();
      await workspace.remove();
    }
  });
});
