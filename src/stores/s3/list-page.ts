import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { ByteString } from '../../transfers/byte-string.ts';
import { toByteString } from '../../transfers/byte-string.ts';
import { scanXml, type ElementVisitor } from '../web/scan-xml.ts';
import { unquoted } from './s3-record.ts';

/** One answer of ListObjectsV2 as it came: `keys` are whole, and still encoded where `isEncoded`. */
export interface RawListPage {
  readonly keys: string[];
  readonly sizesBytes: number[];
  readonly modifyTimesMs: number[];
  readonly etags: (string | undefined)[];
  readonly isEncoded: boolean;
  /** The prefix as the service repeats it. */
  readonly prefixEcho: string;
  readonly isTruncated: boolean;
  readonly nextToken: ByteString | undefined;
}

/** @throws StatusError UNAVAILABLE (reason ANSWER_MALFORMED) for an answer that is cut off or no listing, whatever its status. */
export function readListPage(bytes: Uint8Array, resource: string): RawListPage {
  const keys: string[] = [];
  const sizesBytes: number[] = [];
  const modifyTimesMs: number[] = [];
  const etags: (string | undefined)[] = [];
  const facts: Record<string, string> = {};
  let key: string | undefined;
  let size = NaN;
  let modifyTimeMs = NaN;
  let etag: string | undefined;
  const visit: ElementVisitor = (name, text, depth) => {
    if (depth === 3) {
      if (name === 'Key') key = text;
      else if (name === 'Size') size = /^\d+$/.test(text) ? Number(text) : NaN;
      else if (name === 'LastModified') modifyTimeMs = Date.parse(text);
      else if (name === 'ETag') etag = unquoted(text);
      return;
    }
    if (depth !== 2) return;
    if (name !== 'Contents') {
      facts[name] = text;
      return;
    }
    if (key !== undefined) {
      keys.push(key);
      sizesBytes.push(size);
      modifyTimesMs.push(modifyTimeMs);
      etags.push(etag);
    }
    key = etag = undefined;
    size = modifyTimeMs = NaN;
  };
  scanXml(toByteString(bytes), resource, visit, 'ListBucketResult');
  return {
    keys,
    sizesBytes,
    modifyTimesMs,
    etags,
    isEncoded: facts['EncodingType'] === 'url',
    prefixEcho: facts['Prefix'] ?? '',
    isTruncated: isTruncated(facts['IsTruncated'], resource),
    nextToken: facts['NextContinuationToken'],
  };
}

/** All servers say it: one that does not is believed neither that its listing ends here, nor that it goes on. */
function isTruncated(text: string | undefined, resource: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  const message = `${resource}: the service's listing does not say whether it goes on`;
  throw new StatusError(Code.UNAVAILABLE, message, { reason: 'ANSWER_MALFORMED', metadata: { resource } });
}
