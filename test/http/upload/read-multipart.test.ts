import { describe, expect, test } from '@jest/globals';
import { readMultipart } from '../../../src/http/upload/read-multipart.ts';

const LIMITS = { partHeaderMaxBytes: 1000, surroundingsMaxBytes: 1000, metadataMaxBytes: 100, partCountMax: 4 };
const DISPOSITION = 'Content-Disposition: form-data;';

interface Whole {
  readonly metadata: string;
  readonly fields: readonly (readonly [string, string])[];
  readonly fileName: string;
  readonly contentType: string;
  readonly file: string;
}

/** All of an upload whose body arrives byte by byte. */
async function read(kind: 'related' | 'form-data', lines: readonly string[]): Promise<Whole> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    await Promise.resolve();
    for (const byte of Buffer.from(lines.join('\r\n'))) yield Buffer.from([byte]);
  }
  const { metadata, fields, file } = await readMultipart(chunks(), { kind, boundary: 'b' }, LIMITS);
  const bytes: Uint8Array[] = [];
  for await (const chunk of file.chunks) bytes.push(chunk);
  return {
    ...{ metadata: Buffer.from(metadata).toString(), fields, fileName: file.fileName },
    ...{ contentType: file.contentType, file: Buffer.concat(bytes).toString() },
  };
}

const json = ['--b', 'Content-Type: application/json; charset=UTF-8', '', '{"codeReferenceId":"c"}'];

test('of a related upload the first part is the metadata, the second the file', async () => {
  expect(await read('related', [...json, '--b', 'Content-Type: application/zip', '', 'PK', '--b--'])).toEqual({
    ...{ metadata: '{"codeReferenceId":"c"}', fields: [], fileName: '', contentType: 'application/zip', file: 'PK' },
  });
});

test('of a form the file comes behind its fields', async () => {
  const fields = ['--b', `${DISPOSITION} name="app_binary_file_type"`, '', 'ANDROID_APK'];
  const file = ['--b', `${DISPOSITION} name="app"; filename="a \\"b\\".apk"`, 'Content-Type: a/b', '', 'PK', '--b--'];
  expect(await read('form-data', [...fields, ...json, ...file])).toEqual({
    metadata: '{"codeReferenceId":"c"}',
    fields: [['app_binary_file_type', 'ANDROID_APK']],
    ...{ fileName: 'a "b".apk', contentType: 'a/b', file: 'PK' },
  });
});

describe('refuses', () => {
  test.each<[string, 'related' | 'form-data', readonly string[], string]>([
    ['metadata alone', 'related', [...json, '--b--'], 'UPLOAD_EMPTY'],
    ['a form without a file', 'form-data', ['--b', `${DISPOSITION} name="x"`, '', '1', '--b--'], 'UPLOAD_EMPTY'],
    [
      'a file before its metadata',
      'related',
      ['--b', 'Content-Type: a/b', '', 'PK', ...json, '--b--'],
      'MALFORMED_MULTIPART',
    ],
    ['a part behind the file', 'related', [...json, '--b', '', 'PK', '--b', '', 'x', '--b--'], 'MALFORMED_MULTIPART'],
    ['a file that is cut off', 'related', [...json, '--b', '', 'PK'], 'MALFORMED_MULTIPART'],
    [
      'metadata that is too large',
      'related',
      ['--b', '', 'x'.repeat(101), '--b', '', 'PK', '--b--'],
      'MALFORMED_MULTIPART',
    ],
    [
      'more parts than a form has, each without a byte',
      'form-data',
      [...Array.from({ length: 5 }, () => ['--b', `${DISPOSITION} name="x"`, '', '']).flat(), '--b--'],
      'MALFORMED_MULTIPART',
    ],
    [
      'a file in base64',
      'related',
      [...json, '--b', 'Content-Transfer-Encoding: base64', '', 'UEs=', '--b--'],
      'TRANSFER_ENCODING_NOT_SERVED',
    ],
  ])('%s', async (_, kind, lines, reason) => {
    await expect(read(kind, lines)).rejects.toMatchObject({ info: { reason } });
  });
});
