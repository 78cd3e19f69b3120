import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { install, isNetworkFault } from './install.ts';
import { MissingToolError } from './suite.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'install-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** A command that notes that it was run, says `text`, and ends with 1 for its first `failureCount` runs. */
function failing(text: string, failureCount: number): [string, ...string[]] {
  const program = `
    const fs = require('node:fs');
    fs.appendFileSync('runs', '.');
    if (fs.readFileSync('runs').length > ${failureCount}) process.exit(0);
    console.error(${JSON.stringify(text)});
    process.exit(1);`;
  return [process.execPath, '-e', program];
}

const runCount = (): number => readFileSync(join(directory, 'runs'), 'utf8').length;

test('what the network has failed is tried again', async () => {
  await install('it', failing('npm error code ECONNRESET', 1), { directory });

  expect(runCount()).toBe(2);
});

test('what the network fails again and again is skipped, with what was said', async () => {
  const text = 'dial tcp: lookup proxy.example: no such host';

  await expect(install('it', failing(text, 9), { directory })).rejects.toThrow(
    new MissingToolError(`it cannot be downloaded: ${text}`),
  );
  expect(runCount()).toBe(3);
});

test('what fails by itself is a failure at once', async () => {
  const error: unknown = await install('it', failing('undefined: x', 9), { directory }).catch(
    (reason: unknown) => reason,
  );

  expect(error).toMatchObject({
    name: 'Error',
    message: expect.stringContaining('it cannot be installed: undefined: x'),
  });
  expect(runCount()).toBe(1);
});

test.each([
  'npm error code E503',
  'npm error network request to https://registry.example/x failed, reason: read ETIMEDOUT',
  'go: example.com/x@v1: Get "https://proxy.example/x": dial tcp 192.0.2.1:443: i/o timeout',
  'go: example.com/x@v1: reading https://proxy.example/x: 502 Bad Gateway',
  "WARNING: Retrying after connection broken by 'NewConnectionError'",
  "ReadTimeoutError: HTTPSConnectionPool(host='x', port=443): Read timed out.",
  "E: Failed to fetch http://deb.example/x  Temporary failure resolving 'deb.example'",
])('%j is a fault of the network', (output) => {
  expect(isNetworkFault(output)).toBe(true);
});

test.each([
  'npm error code E404',
  'npm error code EINTEGRITY',
  'go: example.com/x@v9: invalid version: unknown revision v9',
  'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.',
  'E: Unable to locate package x',
  './main.go:3:2: undefined: x',
])('%j is none', (output) => {
  expect(isNetworkFault(output)).toBe(false);
});
