import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Code } from '../../../src/core/code.ts';
import { newCredentialsKey } from '../../../src/stores/credentials/credentials-keys.ts';
import { FileCredentialsKeys } from '../../../src/stores/credentials/file-credentials-keys.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keys-'));
  path = join(directory, 'a.db.credentials-key');
});
afterEach(() => {
  chmodSync(directory, 0o700);
  rmSync(directory, { recursive: true });
});

test('a key is made on first use, for its owner only, and stays the same', async () => {
  const made = await new FileCredentialsKeys(path).current();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(directory)).toEqual(['a.db.credentials-key']);
  expect(await new FileCredentialsKeys(path).current()).toEqual(made);
});

test('a look for keys makes none', async () => {
  expect(await new FileCredentialsKeys(path).all()).toEqual([]);
  expect(readdirSync(directory)).toEqual([]);
});

test('several processes that make the key at once all get the same', async () => {
  const made = await Promise.all(Array.from({ length: 20 }, () => new FileCredentialsKeys(path).current()));
  expect(new Set(made.map(({ key }) => key.toString('hex'))).size).toBe(1);
  expect(readdirSync(directory)).toEqual(['a.db.credentials-key']);
});

test('the first key of a file is the one in use, and a new one counts at once', async () => {
  const keys = new FileCredentialsKeys(path);
  const old = await keys.current();
  const next = newCredentialsKey();
  writeFileSync(path, `# rotated\n${next.key.toString('base64url')}\n\n${old.key.toString('base64url')}\n`);
  expect(await keys.current()).toEqual(next);
  expect(await keys.all()).toEqual([next, old]);
});

test.each([
  ['is empty', '', 'it holds no key'],
  ['is of another form', '# mine\nsecret-of-mine', 'line 2 is no key of 32 bytes'],
  ['is cut', newCredentialsKey().key.toString('base64url').slice(0, 40), 'line 1 is no key of 32 bytes'],
])('a file that %s is refused by its name, and nothing of it is told', async (_, text, why) => {
  writeFileSync(path, text);
  const refusal = new FileCredentialsKeys(path).current();
  await expect(refusal).rejects.toMatchObject({
    code: Code.FAILED_PRECONDITION,
    message: expect.stringContaining(
      `the key file a.db.credentials-key of this server cannot be used: ${why}`,
    ) as unknown,
    info: { reason: 'CREDENTIALS_KEY_UNUSABLE' },
  });
  await expect(refusal).rejects.not.toThrow('secret-of-mine');
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('a key that cannot be made is refused by the name of its file', async () => {
  const refusal = new FileCredentialsKeys(join(directory, 'nowhere', 'key')).current();
  await expect(refusal).rejects.toMatchObject({
    info: { reason: 'CREDENTIALS_KEY_UNUSABLE', metadata: { file: 'key' } },
  });
  await expect(refusal).rejects.toThrow('ENOENT');
});
