/**
 * Text of any characters in the value of a header: S3 keeps metadata "as per RFC 2047", and other servers keep what they are sent,
 * so that encoded words come back from all of them.
 */
import { isUtf8 } from 'node:buffer';

/** What a header carries as it is: printable ASCII, nothing at the ends that is trimmed, nothing that looks encoded. */
const PLAIN = /^(?!.*=\?)(?! )[ -~]*(?<! )$/s;

export function encodeHeaderText(text: string): string {
  return PLAIN.test(text) ? text : `=?UTF-8?B?${Buffer.from(text, 'utf8').toString('base64')}?=`;
}

/** The text of a header, encoded or in raw UTF-8; what is neither stays as it came. */
export function decodeHeaderText(value: string): string {
  if (value.includes('=?')) return decodeWords(value);
  if (/^[\0-\x7f]*$/.test(value)) return value;
  const bytes = Buffer.from(value, 'latin1');
  return bytes.toString('latin1') === value && isUtf8(bytes) ? bytes.toString('utf8') : value;
}

/** RFC 2047: bytes of neighbouring words belong together, and the space between them does not count. */
function decodeWords(value: string): string {
  const joined = value.replace(/(=\?UTF-8\?[BQ]\?[^?]*\?=)\s+(?==\?UTF-8\?[BQ]\?)/gi, '$1');
  return joined.replace(/(?:=\?UTF-8\?[BQ]\?[^?]*\?=)+/gi, (words) => {
    const bytes = [...words.matchAll(/=\?UTF-8\?([BQ])\?([^?]*)\?=/gi)].map(([, kind = '', text = '']) =>
      kind.toUpperCase() === 'B' ? Buffer.from(text, 'base64') : quotedBytes(text),
    );
    return Buffer.concat(bytes).toString('utf8');
  });
}

function quotedBytes(text: string): Buffer {
  const plain = text.replaceAll('_', ' ');
  const bytes = plain.replace(/=([0-9A-F]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(bytes, 'latin1');
}
