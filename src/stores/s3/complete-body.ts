import type { UploadPart } from '../../transfers/object-uploads.ts';
import { crc32cText, quoted } from './s3-record.ts';

/** The list of parts that completes an upload (API reference, CompleteMultipartUpload). */
export function completeBody(parts: readonly UploadPart[], hasChecksums: boolean): Buffer {
  const elements = parts.map(({ index, etag, crc32c }) => {
    const checksum =
      hasChecksums && !Number.isNaN(crc32c) ? `<ChecksumCRC32C>${crc32cText(crc32c)}</ChecksumCRC32C>` : '';
    return `<Part><PartNumber>${index + 1}</PartNumber><ETag>${escaped(quoted(etag))}</ETag>${checksum}</Part>`;
  });
  const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/';
  return Buffer.from(`<CompleteMultipartUpload xmlns="${namespace}">${elements.join('')}</CompleteMultipartUpload>`);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
