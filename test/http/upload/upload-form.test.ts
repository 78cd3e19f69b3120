import { describe, expect, test } from '@jest/globals';
import { Code } from '../../../src/core/code.ts';
import { uploadFormOf } from '../../../src/http/upload/upload-form.ts';

const RELATED = 'multipart/related; boundary=abc';
const FORM = 'Multipart/Form-Data; charset=utf-8; boundary="a b"';

test.each([
  ['the header of the documentation', ['raw'], 'application/octet-stream', { kind: 'raw' }],
  ['uploadType=media', ['media'], 'application/zip', { kind: 'raw' }],
  ['uploadType=media, whatever the type', ['media'], RELATED, { kind: 'raw' }],
  ['uploadType=multipart', ['multipart'], RELATED, { kind: 'related', boundary: 'abc' }],
  ['both, which agree', ['multipart', 'Multipart'], RELATED, { kind: 'related', boundary: 'abc' }],
  ['a form', ['multipart'], FORM, { kind: 'form-data', boundary: 'a b' }],
  ['no protocol', [], 'application/zip', { kind: 'raw' }],
  ['no protocol and no type', [''], undefined, { kind: 'raw' }],
  ['no protocol, by its type related', [], RELATED, { kind: 'related', boundary: 'abc' }],
  ['no protocol, by its type a form', [], FORM, { kind: 'form-data', boundary: 'a b' }],
])('%s is understood', (_, protocols, contentType, form) => {
  expect(uploadFormOf(protocols, contentType === undefined ? {} : { 'content-type': contentType })).toMatchObject(form);
});

describe('refuses', () => {
  test.each([
    ['a resumable upload', ['resumable'], RELATED, Code.UNIMPLEMENTED],
    ['another protocol', ['carrier-pigeon'], RELATED, Code.INVALID_ARGUMENT],
    ['two that differ', ['raw', 'multipart'], RELATED, Code.INVALID_ARGUMENT],
    ['a multipart upload that is none', ['multipart'], 'application/zip', Code.INVALID_ARGUMENT],
  ])('%s', (_, protocols, contentType, code) => {
    expect(() => uploadFormOf(protocols, { 'content-type': contentType })).toThrow(expect.objectContaining({ code }));
  });
});
