import type { ByteString } from '../../transfers/byte-string.ts';

const PLAIN = /^[A-Za-z0-9\-._~]*$/;
const PLAIN_PATH = /^[A-Za-z0-9\-._~/]*$/;
const UNRESERVED = /[A-Za-z0-9\-._~]/;

/** What each byte becomes, by its value. */
const ENCODED = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return UNRESERVED.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
});

/** As signatures of AWS want it: all bytes but unreserved ones (RFC 3986, section 2.3), hexadecimal digits in upper case. */
export function percentEncode(value: ByteString): string {
  if (PLAIN.test(value)) return value;
  let encoded = '';
  for (let index = 0; index < value.length; index += 1) encoded += ENCODED[value.charCodeAt(index)] ?? '';
  return encoded;
}

/** The same for a path, whose slashes stay. */
export function percentEncodePath(value: ByteString): string {
  return PLAIN_PATH.test(value) ? value : value.split('/').map(percentEncode).join('/');
}

/** The bytes that a percent-encoded text stands for; what is no escape stands for itself. */
export function percentDecode(text: string): ByteString {
  if (!text.includes('%')) return text;
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
