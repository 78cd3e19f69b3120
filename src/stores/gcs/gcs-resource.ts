/** Objects as Google Cloud Storage's JSON API writes them (its "Objects: resource representations"), and as the engine knows them. */
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { parseRfc3339 } from '../../operations/rfc3339.ts';
import type { ByteString } from '../../transfers/byte-string.ts';
import type { AclEntry, ObjectMetadata } from '../../transfers/object-metadata.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';

export interface GcsResource {
  readonly name?: string;
  readonly size?: string;
  readonly updated?: string;
  readonly timeCreated?: string;
  readonly generation?: string;
  readonly crc32c?: string;
  readonly md5Hash?: string;
  readonly contentType?: string;
  readonly cacheControl?: string;
  readonly contentDisposition?: string;
  readonly contentEncoding?: string;
  readonly contentLanguage?: string;
  readonly customTime?: string;
  readonly storageClass?: string;
  readonly temporaryHold?: boolean;
  readonly kmsKeyName?: string;
  readonly acl?: readonly AclEntry[];
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What `recordOf` reads, as a value of the parameter `fields`. */
export const RECORD_FIELDS =
  'name,size,updated,timeCreated,generation,crc32c,md5Hash,contentType,cacheControl,contentDisposition,contentEncoding,' +
  'contentLanguage,customTime,storageClass,temporaryHold,kmsKeyName,metadata';

/** The same with the access control list, which only `projection=full` tells. */
export const RECORD_FIELDS_WITH_ACL = `${RECORD_FIELDS},acl(entity,role)`;

const TEXT_FIELDS = [
  'contentType',
  'cacheControl',
  'contentDisposition',
  'contentEncoding',
  'contentLanguage',
  'storageClass',
] as const;

/**
 * The record of an object resource, its generation as the etag.
 *
 * @throws StatusError INTERNAL when it has no size, generation or time of update, or anything is of another kind than it should be.
 */
export function recordOf(resource: GcsResource, key: ByteString): ObjectRecord {
  if (!isReadable(resource)) throw unexpected(resource, 'in a way that it should not');
  const updated = momentMs(resource.updated);
  const created = momentMs(resource.timeCreated);
  const { generation, size } = resource;
  if (updated === undefined || generation === undefined || !isSize(size)) {
    throw unexpected(resource, 'without its size, generation or time of update');
  }
  return {
    key,
    sizeBytes: Number(size),
    modifyTimeMs: updated,
    etag: generation,
    ...(created === undefined ? {} : { createTimeMs: created }),
    ...(resource.crc32c === undefined ? {} : { crc32c: crc32cNumber(resource.crc32c) }),
    ...(resource.md5Hash === undefined ? {} : { md5: Buffer.from(resource.md5Hash, 'base64').toString('hex') }),
    metadata: metadataOf(resource),
  };
}

/** Members of GcsResource that are text where they are there. */
const READ_AS_TEXT = [
  ...TEXT_FIELDS,
  'size',
  'updated',
  'timeCreated',
  'generation',
  'crc32c',
  'md5Hash',
  'customTime',
  'kmsKeyName',
] as const;

/** It came from outside: what is read of it is of the types that it should have. */
function isReadable(resource: GcsResource): boolean {
  const { metadata } = resource;
  const acl: unknown = resource.acl ?? [];
  const texts = READ_AS_TEXT.map((name): unknown => resource[name]);
  const pairs: unknown = metadata ?? {};
  return (
    texts.every((value) => value === undefined || typeof value === 'string') &&
    Array.isArray(acl) &&
    acl.every(isAclEntry) &&
    typeof pairs === 'object' &&
    Object.values(pairs ?? {}).every((value) => typeof value === 'string')
  );
}

function isAclEntry(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { entity, role } = value as Partial<AclEntry>;
  return typeof entity === 'string' && typeof role === 'string';
}

function isSize(text: string | undefined): boolean {
  return /^\d+$/.test(text ?? '') && Number.isSafeInteger(Number(text));
}

function unexpected({ name }: GcsResource, how: string): StatusError {
  const message = `${typeof name === 'string' ? name.slice(0, 1024) : 'an object'}: the service describes it ${how}`;
  return new StatusError(Code.INTERNAL, message, { reason: 'ANSWER_UNEXPECTED' });
}

export function metadataOf(resource: GcsResource): ObjectMetadata {
  const texts = TEXT_FIELDS.flatMap((name) => {
    const value = resource[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const customTimeMs = momentMs(resource.customTime);
  const custom = Object.entries(resource.metadata ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    ...Object.fromEntries(texts),
    ...(customTimeMs === undefined ? {} : { customTimeMs }),
    ...(resource.temporaryHold === undefined ? {} : { temporaryHold: resource.temporaryHold }),
    // A resource names the version of the key that was used; a writer names the key.
    ...(resource.kmsKeyName === undefined
      ? {}
      : { kmsKey: resource.kmsKeyName.replace(/\/cryptoKeyVersions\/[^/]*$/, '') }),
    ...(resource.acl === undefined ? {} : { acl: resource.acl.map(({ entity, role }) => ({ entity, role })) }),
    custom: Object.fromEntries(custom) as Record<string, string>,
  };
}

/** What a writer sends of the metadata; a key of Cloud KMS goes into the query instead (`kmsKeyName`). */
export function resourceOf(metadata: ObjectMetadata | undefined): GcsResource {
  if (metadata === undefined) return {};
  const texts = TEXT_FIELDS.flatMap((name) => {
    const value = metadata[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const { customTimeMs, temporaryHold, acl, custom } = metadata;
  return {
    ...Object.fromEntries(texts),
    ...(customTimeMs === undefined ? {} : { customTime: new Date(customTimeMs).toISOString() }),
    ...(temporaryHold === undefined ? {} : { temporaryHold }),
    ...(acl === undefined ? {} : { acl }),
    ...(Object.keys(custom).length === 0 ? {} : { metadata: custom }),
  };
}

/** Base64 of the four bytes, the highest first. */
export function crc32cText(sum: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(sum);
  return bytes.toString('base64');
}

function crc32cNumber(text: string): number {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === 4 ? bytes.readUInt32BE() : Number.NaN;
}

function momentMs(text: string | undefined): number | undefined {
  const moment = text === undefined ? undefined : parseRfc3339(text);
  return moment === undefined ? undefined : moment.timeMs + Math.floor(moment.restNs / 1000) / 1000;
}
