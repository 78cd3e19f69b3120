import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { generateKeyPairSync, verify } from 'node:crypto';
import { Code } from '../../../src/core/code.ts';
import type { AccessTokens } from '../../../src/stores/gcs/access-tokens.ts';
import { metadataServerTokens } from '../../../src/stores/gcs/metadata-server-tokens.ts';
import { serviceAccountTokens, STORAGE_SCOPE } from '../../../src/stores/gcs/service-account-tokens.ts';
import { DEFAULT_WEB_LIMITS } from '../../../src/stores/web/limits.ts';
import { WebClient } from '../../../src/stores/web/web-client.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { ScriptedServer, type FakeAnswer, type FakeRequest } from '../../support/scripted-server.ts';

const never = new AbortController().signal;
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const partsOf = (jwt: string): readonly string[] => jwt.split('.');
const decode = (part = ''): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());

describe('tokens of a service account', () => {
  let count = 0;
  let endpoint: ScriptedServer;
  let client: WebClient;
  let clock: FakeClock;
  let tokens: AccessTokens;

  const answer = (_: FakeRequest): FakeAnswer => ({
    status: 200,
    body: JSON.stringify({ access_token: `token-${(count += 1)}`, expires_in: 3600, token_type: 'Bearer' }),
  });
  const keyFile = (changes: object = {}): string =>
    JSON.stringify({
      type: 'service_account',
      client_email: 'copier@p.iam.gserviceaccount.com',
      private_key_id: 'key-1',
      private_key: PEM,
      token_uri: `${endpoint.origin}/token`,
      ...changes,
    });
  const options = () => ({ client, clock, marginMs: 300_000, fetchTimeoutMs: 60_000 });

  beforeEach(async () => {
    count = 0;
    endpoint = await ScriptedServer.start(answer);
    const policy = [{ host: '127.0.0.1', isPrivateAllowed: true }];
    client = new WebClient({ limits: DEFAULT_WEB_LIMITS, policy });
    clock = new FakeClock();
    tokens = serviceAccountTokens(keyFile(), options());
  });
  afterEach(async () => {
    await client.close();
    await endpoint.close();
  });

  test('are asked for with a claim that the key has signed', async () => {
    expect(await tokens.get(never)).toBe('token-1');
    const form = new URLSearchParams(endpoint.requests[0]?.body.toString());
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    const [header, claims, signature = ''] = partsOf(form.get('assertion') ?? '');
    expect(decode(header)).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'key-1' });
    const issuedS = Math.floor(clock.now() / 1000);
    expect(decode(claims)).toEqual({
      iss: 'copier@p.iam.gserviceaccount.com',
      scope: STORAGE_SCOPE,
      aud: `${endpoint.origin}/token`,
      iat: issuedS,
      exp: issuedS + 3600,
    });
    const signed = Buffer.from(`${header ?? ''}.${claims ?? ''}`);
    expect(verify('RSA-SHA256', signed, publicKey, Buffer.from(signature, 'base64url'))).toBe(true);
  });

  test('are fetched once for all who wait, and kept until shortly before their end', async () => {
    expect(await Promise.all([tokens.get(never), tokens.get(never)])).toEqual(['token-1', 'token-1']);
    await clock.advance(3_299_000);
    expect(await tokens.get(never)).toBe('token-1');
    await clock.advance(2000);
    expect(await tokens.get(never)).toBe('token-2');
  });

  test('are fetched anew when the service refuses one, but not for each who was refused', async () => {
    const first = await tokens.get(never);
    tokens.refuse(first ?? '');
    const second = await tokens.get(never);
    tokens.refuse(first ?? '');
    expect([second, await tokens.get(never)]).toEqual(['token-2', 'token-2']);
  });

  test('leave one who stops waiting to himself, and come for the others', async () => {
    const abort = new AbortController();
    const impatient = tokens.get(abort.signal);
    const patient = tokens.get(never);
    abort.abort(new Error('enough'));
    await expect(impatient).rejects.toThrow('enough');
    expect(await patient).toBe('token-1');
  });

  test('that are refused name the reason, and come when asked again', async () => {
    const body = JSON.stringify({ error: 'invalid_grant', error_description: 'Invalid JWT Signature.' });
    endpoint.fail(() => true, { kind: 'answer', answer: { status: 400, body } });
    await expect(tokens.get(never)).rejects.toMatchObject({
      code: Code.UNAUTHENTICATED,
      message: expect.stringMatching(/invalid_grant/),
    });
    expect(await tokens.get(never)).toBe('token-1');
  });

  test('that cannot be had for now are UNAVAILABLE', async () => {
    endpoint.fail(() => true, { kind: 'answer', answer: { status: 503 } });
    await expect(tokens.get(never)).rejects.toMatchObject({ code: Code.UNAVAILABLE });
  });

  test('an answer without a token is none', async () => {
    endpoint.fail(() => true, { kind: 'answer', answer: { status: 200, body: '{}' } });
    await expect(tokens.get(never)).rejects.toMatchObject({ code: Code.UNAUTHENTICATED });
  });

  test.each([
    ['no JSON', () => PEM],
    ['of another type', () => keyFile({ type: 'authorized_user' })],
    ['without a key', () => keyFile({ private_key: undefined })],
    ['with a broken key', () => keyFile({ private_key: PEM.slice(0, 300) })],
    ['without an endpoint', () => keyFile({ token_uri: 'nowhere' })],
  ])('a key file %s is refused without a word of it', (_, text) => {
    const refusal = (() => {
      try {
        return serviceAccountTokens(text(), options());
      } catch (error) {
        return error as Error;
      }
    })();
    expect(refusal).toMatchObject({ code: Code.INVALID_ARGUMENT });
    expect((refusal as Error).message + JSON.stringify(refusal)).not.toMatch(/PRIVATE|copier|MII/);
    expect((refusal as Error).cause).toBeUndefined();
  });

  test('a metadata server gives tokens of the machine, to those who say that they mean it', async () => {
    const machine = metadataServerTokens({ ...options(), origin: endpoint.origin });
    expect(await machine.get(never)).toBe('token-1');
    const [asked] = endpoint.requests;
    expect(asked?.path).toBe('/computeMetadata/v1/instance/service-accounts/default/token');
    expect(asked?.headers['metadata-flavor']).toBe('Google');
  });
});
