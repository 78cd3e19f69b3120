import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openCredentialsSeal } from '../src/open-credentials-seal.ts';
import { newCredentialsKey } from '../src/stores/credentials/credentials-keys.ts';
import { RecordingLogger } from './support/recording-logger.ts';

let directory: string;
let path: string;
let logger: RecordingLogger;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'seal-'));
  path = join(directory, 'key');
  logger = new RecordingLogger();
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('a start makes no key, and minds nothing where there is none', async () => {
  await openCredentialsSeal(path, logger);
  expect(readdirSync(directory)).toEqual([]);
  expect(logger.records).toEqual([]);
});

test('a key file that cannot be used ends the start, by its path and as a setting', async () => {
  writeFileSync(path, 'not a key', { mode: 0o600 });
  const refusal = openCredentialsSeal(path, logger);
  await expect(refusal).rejects.toMatchObject({ info: { reason: 'INVALID_SETTING' } });
  await expect(refusal).rejects.toThrow(
    `--credentials-key ${path}: the key file key of this server cannot be used: line 1`,
  );
});

test('a key file that others can read is used, and the log says so', async () => {
  writeFileSync(path, newCredentialsKey().key.toString('base64url'));
  chmodSync(path, 0o640);
  await openCredentialsSeal(path, logger);
  expect(logger.records).toMatchObject([{ level: 'warn', fields: { file: path } }]);
  chmodSync(path, 0o600);
  await openCredentialsSeal(path, logger);
  expect(logger.records).toHaveLength(1);
});
