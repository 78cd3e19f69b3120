import { createHash } from 'node:crypto';
import type { FakeBlob } from './fake-azure.ts';

/** What List Blobs answers. */
export function listDocument(blobs: readonly (readonly [string, FakeBlob])[], next: string | undefined): string {
  const elements = blobs.map(
    ([name, blob]) => `<Blob><Name>${escaped(name)}</Name>${propertiesOf(blob)}${metadataOf(blob)}</Blob>`,
  );
  return (
    '<?xml version="1.0" encoding="utf-8"?><EnumerationResults ContainerName="c">' +
    `<Blobs>${elements.join('')}</Blobs><NextMarker>${escaped(next ?? '')}</NextMarker></EnumerationResults>`
  );
}

function propertiesOf({ bytes, etag, modifyTime, headers, blockIds }: FakeBlob): string {
  const md5 = blockIds.length === 0 ? createHash('md5').update(bytes).digest('base64') : '';
  const properties = {
    'Last-Modified': modifyTime,
    Etag: etag,
    'Content-Length': String(bytes.length),
    'Content-Type': headers['x-ms-blob-content-type'] ?? 'application/octet-stream',
    'Cache-Control': headers['x-ms-blob-cache-control'] ?? '',
    'Content-MD5': md5,
    BlobType: 'BlockBlob',
    AccessTier: headers['x-ms-access-tier'] ?? 'Hot',
  };
  return `<Properties>${elementsOf(Object.entries(properties))}</Properties>`;
}

function metadataOf({ headers }: FakeBlob): string {
  const pairs = Object.entries(headers).filter(([name]) => name.startsWith('x-ms-meta-'));
  return `<Metadata>${elementsOf(pairs.map(([name, value]) => [name.slice('x-ms-meta-'.length), value]))}</Metadata>`;
}

function elementsOf(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([name, value]) => `<${name}>${escaped(value)}</${name}>`).join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
