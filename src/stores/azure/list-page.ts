import { toByteString, type ByteString } from '../../transfers/byte-string.ts';
import type { ObjectMetadata } from '../../transfers/object-metadata.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';
import { decodeHeaderText } from '../s3/header-text.ts';
import { percentDecode } from '../s3/percent-encode.ts';
import { scanXml, type ElementVisitor } from '../web/scan-xml.ts';
import { unquoted } from './azure-headers.ts';
import { decodeMetadataName } from './metadata-names.ts';

/** One answer of List Blobs. */
export interface AzureListPage {
  /** Whole names, not keys of a store. */
  readonly records: readonly ObjectRecord[];
  /** To go on with; undefined at the end. */
  readonly nextMarker?: string;
}

const FIXED: Readonly<Record<string, keyof ObjectMetadata>> = {
  'Content-Type': 'contentType',
  'Cache-Control': 'cacheControl',
  'Content-Disposition': 'contentDisposition',
  'Content-Encoding': 'contentEncoding',
  'Content-Language': 'contentLanguage',
  AccessTier: 'storageClass',
};

/** Elements of EnumerationResults: Blobs, Blob, then Name, Properties and Metadata with theirs. */
const DEPTH = { root: 2, blob: 3, name: 4, property: 5 } as const;

/**
 * Directories of accounts with hierarchical names are blobs to List Blobs, and none to us.
 *
 * @throws StatusError UNAVAILABLE (reason ANSWER_MALFORMED) for an answer that is cut off or no listing, whatever its status.
 */
export function readAzureListPage(bytes: Uint8Array, resource: string): AzureListPage {
  const records: ObjectRecord[] = [];
  let nextMarker: string | undefined;
  let properties = new Map<string, string>();
  let blob = new Map<string, string>();
  let name: ByteString = '';
  const visit: ElementVisitor = (element, text, depth, attributes) => {
    if (depth === DEPTH.property) properties.set(element, utf8(text));
    else if (depth === DEPTH.name && element === 'Name') {
      name = /Encoded\s*=\s*["']true["']/.test(attributes) ? percentDecode(text) : text;
    } else if (depth === DEPTH.name && element === 'Properties') {
      blob = properties;
      properties = new Map();
    } else if (depth === DEPTH.blob && element === 'Blob') {
      // Metadata has come behind the properties.
      if (!isDirectory(blob, properties)) records.push(recordOf(name, blob, properties));
      blob = new Map();
      properties = new Map();
    } else if (depth === DEPTH.root && element === 'NextMarker' && text !== '') nextMarker = utf8(text);
  };
  scanXml(toByteString(bytes), resource, visit, 'EnumerationResults');
  return { records, ...(nextMarker === undefined ? {} : { nextMarker }) };
}

function isDirectory(properties: ReadonlyMap<string, string>, metadata: ReadonlyMap<string, string>): boolean {
  return properties.get('ResourceType') === 'directory' || metadata.get('hdi_isfolder') === 'true';
}

function recordOf(
  name: ByteString,
  properties: ReadonlyMap<string, string>,
  metadata: ReadonlyMap<string, string>,
): ObjectRecord {
  const etag = properties.get('Etag') ?? '';
  const md5 = properties.get('Content-MD5') ?? '';
  const fixed = Object.entries(FIXED).flatMap(([element, field]) => {
    const value = properties.get(element) ?? '';
    return value === '' ? [] : [[field, decodeHeaderText(value)] as const];
  });
  const custom = [...metadata].map(([each, value]) => [decodeMetadataName(each), decodeHeaderText(value)]);
  return {
    key: name,
    sizeBytes: Number(properties.get('Content-Length')),
    modifyTimeMs: Date.parse(properties.get('Last-Modified') ?? ''),
    ...(etag === '' ? {} : { etag: unquoted(etag) }),
    ...(md5 === '' ? {} : { md5: Buffer.from(md5, 'base64').toString('hex') }),
    metadata: { ...Object.fromEntries(fixed), custom: Object.fromEntries(custom) as Record<string, string> },
  };
}

function utf8(text: ByteString): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}
