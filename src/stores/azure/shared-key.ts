import { createHmac } from 'node:crypto';

export interface SharedKey {
  readonly account: string;
  /** Base64, as the portal shows it. */
  readonly key: string;
}

export interface RequestToSign {
  readonly method: string;
  /** Encoded, as it is sent. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Names in lower case; x-ms-date and x-ms-version among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bodySizeBytes: number;
}

/** In the order that "Authorize with Shared Key" gives; Content-Length stands between them by itself. */
const BEFORE_LENGTH = ['content-encoding', 'content-language'];
const BEHIND_LENGTH = [
  'content-md5',
  'content-type',
  'date',
  'if-modified-since',
  'if-match',
  'if-none-match',
  'if-unmodified-since',
  'range',
];

/** The value of `Authorization` for Blob Storage, version 2015-02-21 and later: an empty body's length is left empty. */
export function sharedKeyAuthorization({ account, key }: SharedKey, request: RequestToSign): string {
  const signature = createHmac('sha256', Buffer.from(key, 'base64'))
    .update(stringToSign(account, request))
    .digest('base64');
  return `SharedKey ${account}:${signature}`;
}

export function stringToSign(account: string, { method, path, query, headers, bodySizeBytes }: RequestToSign): string {
  const value = (name: string): string => headers[name] ?? '';
  const own = Object.entries(headers)
    .filter(([name]) => name.startsWith('x-ms-'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, text]) => `${name}:${text.trim().replace(/\s+/g, ' ')}`);
  const parameters = Object.entries(query)
    .map(([name, text]) => [name.toLowerCase(), text] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, text]) => `${name}:${text}`);
  return [
    method,
    ...BEFORE_LENGTH.map(value),
    bodySizeBytes === 0 ? '' : String(bodySizeBytes),
    ...BEHIND_LENGTH.map(value),
    ...own,
    [`/${account}${path}`, ...parameters].join('\n'),
  ].join('\n');
}
