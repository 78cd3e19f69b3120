import { displayText, toByteString, type ByteString } from '../../transfers/byte-string.ts';
import type { Upload } from '../../transfers/object-uploads.ts';
import { scanXml, type ElementVisitor } from '../web/scan-xml.ts';

export interface UploadsPage {
  /** With whole keys. */
  readonly uploads: readonly Upload[];
  /** The parameters that ask for the next page; undefined at the end. */
  readonly next: Readonly<Record<string, ByteString>> | undefined;
}

/** One answer of ListMultipartUploads. @throws StatusError UNAVAILABLE (reason ANSWER_MALFORMED) for one that is cut off or no such list. */
export function uploadsPage(bytes: Uint8Array, resource: string): UploadsPage {
  const facts: Record<string, ByteString> = {};
  const found: Record<string, ByteString>[] = [];
  let upload: Record<string, ByteString> = {};
  const visit: ElementVisitor = (name, text, depth) => {
    if (depth === 3) upload[name] ??= text;
    if (depth !== 2) return;
    if (name === 'Upload') found.push(upload);
    else facts[name] = text;
    upload = {};
  };
  scanXml(toByteString(bytes), resource, visit, 'ListMultipartUploadsResult');
  const uploads = found.map(({ Key = '', UploadId = '', Initiated = '' }) => {
    const beginTimeMs = Date.parse(Initiated);
    return { key: Key, id: displayText(UploadId), ...(Number.isNaN(beginTimeMs) ? {} : { beginTimeMs }) };
  });
  const { IsTruncated, NextKeyMarker = '', NextUploadIdMarker = '' } = facts;
  if (IsTruncated !== 'true' || NextKeyMarker === '') return { uploads, next: undefined };
  return { uploads, next: { 'key-marker': NextKeyMarker, 'upload-id-marker': NextUploadIdMarker } };
}
