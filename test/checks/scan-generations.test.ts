import { beforeEach, describe, expect, test } from '@jest/globals';
import { CHECKS_TYPES } from '../../src/checks/checks-message.ts';
import { Code } from '../../src/core/code.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { decodeMessage, encodeMessage, type Message } from '../../src/schema/protos.ts';
import { ChecksHarness, REPO } from './checks-harness.ts';

const REQUEST_TYPE = 'google.checks.repo_scan.v1alpha.GenerateScanRequest';
const SCAN = CHECKS_TYPES.repoScan.typeName;

let checks: ChecksHarness;

beforeEach(() => {
  checks = new ChecksHarness();
});

const scmMetadata = { remoteUri: 'https://git.example.com/app.git', branch: 'main', revisionId: 'abc' };
const classification = { dataType: 'DATA_TYPE_EMAIL_ADDRESS', lineNumber: 3 };
const sourceCode = { code: 'a\nb', path: 'src/a.ts', startLine: 2, endLine: 3 };
const source = {
  dataType: 'DATA_TYPE_EMAIL_ADDRESS',
  codeAttribution: { path: 'src/a.ts', lineNumber: 3, codeExcerpt: 'a\nb', startLineNumber: 2 },
  falsePositive: true,
};
const least = { parent: REPO, cliVersion: '1.2', localScanPath: '/src', scmMetadata, cliAnalysis: {} };
const all = {
  ...least,
  scmMetadata: { ...scmMetadata, pullRequest: { prNumber: '7', baseBranch: 'main' } },
  cliAnalysis: { sources: [source], codeScans: [{ sourceCode, dataTypeClassifications: [classification] }] },
};

/** As a transport hands it over: absent is what the wire has no word for. */
function generate(request: Message): Promise<Operation> {
  return checks.scans.start(decodeMessage(REQUEST_TYPE, encodeMessage(REQUEST_TYPE, request)));
}

test('a request makes an operation that tells its worker what was asked for, and what the scan is called', async () => {
  const operation = await generate(all);

  expect(operation).toMatchObject({ name: `${REPO}/operations/s1`, kind: 'checks.generateScan', state: 'QUEUED' });
  expect(decodeMessage('longrunning.checks.v1.ScanGeneration', operation.request.value)).toEqual({
    request: all,
    scan: `${REPO}/scans/s1`,
  });
});

test('an analysis that has found nothing is one', async () => {
  expect(await generate(least)).toMatchObject({ state: 'QUEUED' });
});

describe('what is refused names its field', () => {
  const withSource = (changes: object) => ({ ...least, cliAnalysis: { sources: [source, { ...source, ...changes }] } });
  const withCode = (changes: object) => ({ ...least, cliAnalysis: { codeScans: [{ sourceCode, ...changes }] } });
  const withScm = (changes: object) => ({ ...least, scmMetadata: { ...scmMetadata, ...changes } });
  test.each<[string, Message]>([
    ['parent', { ...least, parent: 'accounts/1/repos/-' }],
    ['parent', { ...least, parent: 'accounts/1/apps/2' }],
    ['cli_version', { ...least, cliVersion: '' }],
    ['cli_version', { ...least, cliVersion: 'v'.repeat(257) }],
    ['local_scan_path', { ...least, localScanPath: '' }],
    ['local_scan_path', { ...least, localScanPath: '/src\n' }],
    ['cli_analysis', { ...least, cliAnalysis: undefined }],
    ['scm_metadata', { ...least, scmMetadata: undefined }],
    ['scm_metadata.remote_uri', withScm({ remoteUri: '' })],
    ['scm_metadata.branch', withScm({ branch: '' })],
    ['scm_metadata.revision_id', withScm({ revisionId: '' })],
    ['scm_metadata.pull_request.pr_number', withScm({ pullRequest: { baseBranch: 'main' } })],
    ['scm_metadata.pull_request.base_branch', withScm({ pullRequest: { prNumber: '7' } })],
    ['cli_analysis.sources[1].data_type', withSource({ dataType: 'DATA_TYPE_UNSPECIFIED' })],
    ['cli_analysis.sources[1].data_type', withSource({ dataType: 999 })],
    ['cli_analysis.sources[1].code_attribution.path', withSource({ codeAttribution: { lineNumber: 1 } })],
    ['cli_analysis.sources[1].code_attribution.line_number', withSource({ codeAttribution: { path: 'a' } })],
    [
      'cli_analysis.sources[1].code_attribution.start_line_number',
      withSource({ codeAttribution: { path: 'a', lineNumber: 1, startLineNumber: -1 } }),
    ],
    ['cli_analysis.code_scans[0].source_code', withCode({ sourceCode: undefined })],
    ['cli_analysis.code_scans[0].source_code.code', withCode({ sourceCode: { ...sourceCode, code: '' } })],
    ['cli_analysis.code_scans[0].source_code.path', withCode({ sourceCode: { ...sourceCode, path: '' } })],
    ['cli_analysis.code_scans[0].source_code.start_line', withCode({ sourceCode: { ...sourceCode, startLine: 0 } })],
    ['cli_analysis.code_scans[0].source_code.end_line', withCode({ sourceCode: { ...sourceCode, endLine: -1 } })],
    [
      'cli_analysis.code_scans[0].data_type_classifications[0].line_number',
      withCode({ dataTypeClassifications: [{ ...classification, lineNumber: 0 }] }),
    ],
    [
      'cli_analysis.code_scans[0].data_type_classifications[0].data_type',
      withCode({ dataTypeClassifications: [{ lineNumber: 1 }] }),
    ],
  ])('%s', async (field, request) => {
    await expect(generate(request)).rejects.toMatchObject({
      code: Code.INVALID_ARGUMENT,
      info: { metadata: { field } },
    });
  });

  test.each([
    ['cli_analysis.sources', { sources: [source, source, source] }],
    ['cli_analysis.code_scans', { codeScans: [{ sourceCode }, { sourceCode }, { sourceCode }] }],
  ])('and %s with too many says how many there may be', async (field, cliAnalysis) => {
    checks = new ChecksHarness({ scanFindingCountMax: 2 });
    await expect(generate({ ...least, cliAnalysis })).rejects.toMatchObject({
      info: { reason: 'TOO_MANY_ITEMS', metadata: { field, count: '3', countMax: '2' } },
    });
  });

  test('and one that is too large says how large it may be', async () => {
    checks = new ChecksHarness({ scanRequestSizeMaxBytes: 1000 });
    const request = withSource({ codeAttribution: { path: 'a', lineNumber: 1, codeExcerpt: 'x'.repeat(1000) } });
    await expect(generate(request)).rejects.toMatchObject({
      info: { reason: 'FIELD_TOO_LARGE', metadata: { field: 'cli_analysis', sizeMaxBytes: '1000' } },
    });
  });
});

describe('its worker', () => {
  test('publishes the scan by ending the operation with it', async () => {
    const { name } = await generate(least);
    const scan = { name: `${REPO}/scans/s1`, cliVersion: '1.2', sources: [source] };
    await expect(checks.published.getRepoScan(scan.name)).rejects.toMatchObject({ code: Code.NOT_FOUND });

    expect(await checks.complete(name, scan, SCAN)).toMatchObject({ name, done: true });

    expect(await checks.published.getRepoScan(scan.name)).toEqual(scan);
    expect((await checks.published.listRepoScans({ parent: REPO })).messages).toEqual([scan]);
  });

  test.each<[string, Message, string]>([
    ['of another name', { name: `${REPO}/scans/other` }, SCAN],
    ['that is a report', { name: 'accounts/1/apps/2/reports/s1' }, CHECKS_TYPES.report.typeName],
  ])('cannot end it with one %s', async (_, message, typeName) => {
    const { name } = await generate(least);
    await expect(checks.complete(name, message, typeName)).rejects.toMatchObject({ code: Code.INVALID_ARGUMENT });
    expect(await checks.control.stateOf(name)).toBe('RUNNING');
  });

  test('learns of it by watching the source tree, which the API itself does not list', async () => {
    const { name } = await generate(least);
    for await (const { changed } of checks.control.watch({ parent: REPO, filter: 'kind = "checks.generateScan"' })) {
      expect(changed?.operation.name).toBe(name);
      break;
    }
    const list = { name: REPO, filter: '', pageToken: '', returnPartialSuccess: false };
    await expect(checks.control.operations.list(list)).rejects.toMatchObject({ info: { reason: 'INVALID_NAME' } });
  });
});

test('a scan that nobody makes in time has failed', async () => {
  const { name } = await generate(least);
  await checks.control.clock.advance(60_001);
  await checks.control.sweep();
  expect(await checks.control.get(name)).toMatchObject({ done: true, error: { code: Code.UNAVAILABLE } });
});
