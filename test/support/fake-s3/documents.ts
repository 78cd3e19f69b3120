import type { FakeObject, FakeUpload } from './fake-bucket.ts';

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
const NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

/** Keys and texts are byte strings; so is the document. */
export function escaped(text: string): string {
  return text.replace(/[&<>"]|[^ -\xff]/g, (character) => `&#${character.charCodeAt(0)};`);
}

export function element(name: string, text: string | number | boolean): string {
  return `<${name}>${escaped(String(text))}</${name}>`;
}

export function document(root: string, ...children: readonly string[]): string {
  return `${DECLARATION}<${root} ${NAMESPACE}>${children.join('')}</${root}>`;
}

export function errorDocument(code: string, message: string): string {
  return `${DECLARATION}<Error>${element('Code', code)}${element('Message', message)}</Error>`;
}

export interface Listing {
  readonly bucket: string;
  readonly objects: readonly FakeObject[];
  readonly isTruncated: boolean;
  readonly pageCountMax: number;
  readonly nextToken: string | undefined;
  readonly prefix: string;
  readonly startAfter: string | undefined;
  /** How keys are written; undefined where they stand as they are. */
  readonly encode: ((key: string) => string) | undefined;
}

export function listDocument(listing: Listing): string {
  const encode = listing.encode ?? ((key: string) => key);
  return document(
    'ListBucketResult',
    element('Name', listing.bucket),
    element('Prefix', encode(listing.prefix)),
    ...(listing.startAfter === undefined ? [] : [element('StartAfter', encode(listing.startAfter))]),
    element('KeyCount', listing.objects.length),
    element('MaxKeys', listing.pageCountMax),
    ...(listing.encode === undefined ? [] : [element('EncodingType', 'url')]),
    element('IsTruncated', listing.isTruncated),
    ...(listing.nextToken === undefined ? [] : [element('NextContinuationToken', listing.nextToken)]),
    ...listing.objects.map(
      ({ key, modifyTimeMs, etag, bytes }) =>
        `<Contents>${element('Key', encode(key))}${element('LastModified', new Date(modifyTimeMs).toISOString())}` +
        `${element('ETag', `"${etag}"`)}${element('Size', bytes.length)}${element('StorageClass', 'STANDARD')}</Contents>`,
    ),
  );
}

export function uploadsDocument(bucket: string, uploads: readonly FakeUpload[], next: FakeUpload | undefined): string {
  return document(
    'ListMultipartUploadsResult',
    element('Bucket', bucket),
    element('IsTruncated', next !== undefined),
    ...(next === undefined ? [] : [element('NextKeyMarker', next.key), element('NextUploadIdMarker', next.id)]),
    ...uploads.map(
      ({ key, id, beginTimeMs }) =>
        `<Upload>${element('Key', key)}${element('UploadId', id)}<Initiator>${element('ID', 'x')}</Initiator>` +
        `${element('Initiated', new Date(beginTimeMs).toISOString())}</Upload>`,
    ),
  );
}
