import { beforeEach, describe, expect, test } from '@jest/globals';
import { Code } from '../../src/core/code.ts';
import { CHECKS_TYPES, type ChecksType } from '../../src/checks/checks-message.ts';
import { checksCodec } from '../../src/schema/checks-codec.ts';
import type { Message } from '../../src/schema/protos.ts';
import { APP, ChecksHarness } from './checks-harness.ts';

let checks: ChecksHarness;

beforeEach(() => {
  checks = new ChecksHarness();
});

async function store(type: ChecksType, collection: string, message: Message & { readonly name: string }) {
  const next = {
    collection,
    value: checksCodec.encode(type.typeName, message),
    createTimeMs: checks.control.clock.now(),
  };
  await checks.control.memory.resources.write([{ kind: type.kind, name: message.name, revision: 0, next }]);
  await checks.control.clock.advance(1);
}

const versions = async (count: number): Promise<void> => {
  for (let version = 0; version < count; version += 1)
    await checks.publish({ appBundle: { version: String(version) } });
};

const versionOf = (report: Message): string => (report['appBundle'] as { readonly version: string }).version;

describe('reports', () => {
  test('are listed the newest first, page by page, each once', async () => {
    await versions(7);
    const found: string[] = [];
    let pageToken = '';
    do {
      const page = await checks.published.listReports({ parent: APP, pageSize: 3, pageToken });
      found.push(...page.messages.map(versionOf));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(found).toEqual(['6', '5', '4', '3', '2', '1', '0']);
  });

  // ListReports: "If unspecified, at most 10 reports will be returned. The maximum value is 50; values above 50 will be coerced to 50."
  test.each([
    [undefined, 10],
    [0, 10],
    [12, 12],
    [51, 50],
  ])('come %p to a page as %i', async (pageSize, count) => {
    await versions(52);
    const page = await checks.published.listReports({ parent: APP, ...(pageSize === undefined ? {} : { pageSize }) });
    expect(page.messages).toHaveLength(count);
  });

  // The discovery document's example: `appBundle.releaseType = PRE_RELEASE`.
  test('are chosen by a filter', async () => {
    const name = await checks.publish({ appBundle: { releaseType: 'PRE_RELEASE' } });
    await checks.publish({ appBundle: { releaseType: 'PUBLIC' } });
    const filter = 'appBundle.releaseType = PRE_RELEASE';
    expect((await checks.published.listReports({ parent: APP, filter })).messages).toEqual([
      { name, appBundle: { releaseType: 'PRE_RELEASE' } },
    ]);
  });

  test('that match little make short pages, and the list still ends', async () => {
    checks = new ChecksHarness({ listScanCountMax: 4, listReadSize: 2 });
    await versions(9);
    const request = { parent: APP, filter: 'app_bundle.version = "0"' };
    let page = await checks.published.listReports(request);
    expect(page).toMatchObject({ messages: [], nextPageToken: expect.stringMatching(/./) });
    while (page.nextPageToken !== '') {
      page = await checks.published.listReports({ ...request, pageToken: page.nextPageToken });
    }
    expect(page.messages.map(versionOf)).toEqual(['0']);
  });

  test('end a page before it is larger than a message may be', async () => {
    checks = new ChecksHarness({ listBytesMax: 100 });
    await versions(3);
    const page = await checks.published.listReports({ parent: APP });
    expect(page.messages).toHaveLength(1);
    expect(page.nextPageToken).not.toBe('');
  });

  // "Only checks that match the filter string are included in the response. Example: `state = FAILED`"
  test('show the checks that a filter chooses', async () => {
    const failed = { type: 'DATA_MONITORING_ENCRYPTION', state: 'FAILED' };
    const name = await checks.publish({ checks: [failed, { type: 'DATA_MONITORING_NEW_SDK', state: 'PASSED' }] });
    const checksFilter = 'state = FAILED';
    expect(await checks.published.getReport({ name, checksFilter })).toEqual({ name, checks: [failed] });
    const page = await checks.published.listReports({ parent: APP, checksFilter });
    expect(page.messages).toEqual([{ name, checks: [failed] }]);
  });

  test.each([
    ['filter', 'releaseType = PUBLIC'],
    ['filter', 'appBundle.releaseType = NOBODY'],
    ['filter', 'a ='],
    ['checks_filter', 'status = FAILED'],
    ['checks_filter', 'state > '],
  ])('%s %p is refused', async (field, text) => {
    const member = field === 'filter' ? { filter: text } : { checksFilter: text };
    await expect(checks.published.listReports({ parent: APP, ...member })).rejects.toMatchObject({
      code: Code.INVALID_ARGUMENT,
      info: { reason: 'INVALID_FILTER', metadata: { field } },
    });
  });

  test('a page token of another filter is refused', async () => {
    await versions(2);
    const { nextPageToken } = await checks.published.listReports({ parent: APP, pageSize: 1 });
    const other = { parent: APP, pageToken: nextPageToken, checksFilter: 'state = FAILED' };
    await expect(checks.published.listReports(other)).rejects.toMatchObject({
      info: { reason: 'PAGE_TOKEN_MISMATCH' },
    });
  });
});

describe('apps and scans', () => {
  test('are read and listed by their parents', async () => {
    const app = { name: APP, title: 'Mail' };
    const scan = { name: 'accounts/1/repos/3/scans/4', cliVersion: '1.0', scmMetadata: { branch: 'main' } };
    await store(CHECKS_TYPES.app, 'accounts/1', app);
    await store(CHECKS_TYPES.repoScan, 'accounts/1/repos/3', scan);

    expect(await checks.published.getApp(APP)).toEqual(app);
    expect(await checks.published.listApps({ parent: 'accounts/1' })).toEqual({ messages: [app], nextPageToken: '' });
    expect(await checks.published.listApps({ parent: 'accounts/2' })).toEqual({ messages: [], nextPageToken: '' });
    expect(await checks.published.getRepoScan(scan.name)).toEqual(scan);
    const chosen = { parent: 'accounts/1/repos/3', filter: 'scmMetadata.branch = "main"' };
    expect((await checks.published.listRepoScans(chosen)).messages).toEqual([scan]);
    const left = { ...chosen, filter: 'scmMetadata.branch = "other"' };
    expect((await checks.published.listRepoScans(left)).messages).toEqual([]);
  });
});

describe('a name', () => {
  const malformed = [
    '',
    'accounts/1',
    'accounts//apps/2',
    'accounts/1/apps/2/reports/',
    'projects/1/apps/2',
    '/accounts/1',
  ];
  test.each(malformed)('%p is refused wherever it is no name', async (name) => {
    const calls = {
      name: [checks.published.getReport.bind(checks.published, { name }), () => checks.published.getRepoScan(name)],
      parent: [
        () => checks.published.listReports({ parent: name }),
        () => checks.published.listRepoScans({ parent: name }),
      ],
    };
    for (const [field, reads] of Object.entries(calls)) {
      for (const read of reads) {
        const refused = (async () => read())();
        await expect(refused).rejects.toMatchObject({ code: Code.INVALID_ARGUMENT, info: { metadata: { field } } });
      }
    }
  });

  test.each([
    ['getApp', APP, 'APP_NOT_FOUND'],
    ['getRepoScan', 'accounts/1/repos/2/scans/3', 'REPO_SCAN_NOT_FOUND'],
  ] as const)('that %s does not know is NOT_FOUND', async (method, name, reason) => {
    await expect(checks.published[method](name)).rejects.toMatchObject({
      code: Code.NOT_FOUND,
      info: { reason, metadata: { name } },
    });
  });
});
