import { expect, test } from '@jest/globals';
import { Code } from '../../../src/core/code.ts';
import { AesCredentialsSeal } from '../../../src/stores/credentials/aes-credentials-seal.ts';
import {
  memoryCredentialsKeys,
  newCredentialsKey,
  type CredentialsKeys,
} from '../../../src/stores/credentials/credentials-keys.ts';
import type { SourceCredentials } from '../../../src/transfers/source-credentials.ts';

const GIVEN: SourceCredentials = { kind: 'azure-sas', token: 'sv=1&sig=a-secret' };
const HOLDER = 'projects/p/transferJobs/1';

const keysOf = (...keys: ReturnType<typeof newCredentialsKey>[]): CredentialsKeys => {
  const [first = newCredentialsKey()] = keys;
  return { place: 'the.key', current: () => Promise.resolve(first), all: () => Promise.resolve(keys) };
};

test('what is sealed is opened for the same holder, and can be read by nobody else', async () => {
  const seal = new AesCredentialsSeal(memoryCredentialsKeys());
  const sealed = Buffer.from(await seal.seal(GIVEN, HOLDER));
  expect(await seal.open(sealed, HOLDER)).toEqual(GIVEN);
  expect(sealed.includes('secret') || sealed.includes('azure-sas')).toBe(false);
});

test('the same credentials are never sealed to the same bytes', async () => {
  const seal = new AesCredentialsSeal(memoryCredentialsKeys());
  const [one, other] = [await seal.seal(GIVEN, HOLDER), await seal.seal(GIVEN, HOLDER)];
  expect(Buffer.from(one).equals(other)).toBe(false);
});

test('what was sealed for one holder is refused to another', async () => {
  const seal = new AesCredentialsSeal(memoryCredentialsKeys());
  const sealed = await seal.seal(GIVEN, HOLDER);
  await expect(seal.open(sealed, `${HOLDER}0`)).rejects.toMatchObject({
    code: Code.FAILED_PRECONDITION,
    info: { reason: 'CREDENTIALS_DAMAGED' },
  });
});

test('a bit that has changed anywhere is noticed', async () => {
  const seal = new AesCredentialsSeal(memoryCredentialsKeys());
  const sealed = await seal.seal(GIVEN, HOLDER);
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    await expect(seal.open(changed, HOLDER)).rejects.toMatchObject({
      info: { reason: expect.stringMatching(/^CREDENTIALS_(DAMAGED|KEY_LOST)$/) as unknown },
    });
  }
  await expect(seal.open(sealed.subarray(0, 20), HOLDER)).rejects.toMatchObject({
    info: { reason: 'CREDENTIALS_DAMAGED' },
  });
});

test('without the key the refusal names the file and the ways out', async () => {
  const [old, next] = [newCredentialsKey(), newCredentialsKey()];
  const sealed = await new AesCredentialsSeal(keysOf(old)).seal(GIVEN, HOLDER);
  const message =
    `${HOLDER}: its credentials were sealed with the key ${old.id.toString('hex')}, which the key file the.key of this server does ` +
    'not hold; restore that file from a backup (setting credentials-key), or give the credentials anew by UpdateTransferJob of ' +
    'transfer_spec';
  await expect(new AesCredentialsSeal(keysOf(next)).open(sealed, HOLDER)).rejects.toMatchObject({
    code: Code.FAILED_PRECONDITION,
    message,
    info: { reason: 'CREDENTIALS_KEY_LOST', metadata: { file: 'the.key', holder: HOLDER } },
  });
});

test('after a change of keys what was sealed before is still opened, and new things are sealed with the new one', async () => {
  const [old, next] = [newCredentialsKey(), newCredentialsKey()];
  const sealed = await new AesCredentialsSeal(keysOf(old)).seal(GIVEN, HOLDER);
  const both = new AesCredentialsSeal(keysOf(next, old));
  expect(await both.open(sealed, HOLDER)).toEqual(GIVEN);
  expect(await new AesCredentialsSeal(keysOf(next)).open(await both.seal(GIVEN, HOLDER), HOLDER)).toEqual(GIVEN);
});
