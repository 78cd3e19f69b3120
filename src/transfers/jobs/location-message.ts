import { invalidArgument } from '../../core/status-error.ts';
import type { BucketLocation, TransferLocation } from '../spec.ts';
import { snakeCase, type Message } from './field-rules.ts';

/** A member of TransferSpec's `data_source` or `data_sink`, and what it says of a place. */
type Reader = (message: Message, field: string) => TransferLocation;

const SOURCES: Readonly<Record<string, Reader>> = {
  posixDataSource: posixLocation,
  gcsDataSource: (message, field) => bucketLocation('gs', message, field),
  awsS3DataSource: (message, field) => bucketLocation('s3', message, field),
  httpDataSource: urlListLocation,
};
const SINKS: Readonly<Record<string, Reader>> = {
  posixDataSink: posixLocation,
  gcsDataSink: (message, field) => bucketLocation('gs', message, field),
};

/** @throws StatusError INVALID_ARGUMENT when there is none, or it is incomplete. */
export function sourceOf(message: Message, path: string): TransferLocation {
  return locationOf(message, SOURCES, { path, oneof: 'data_source' });
}

/** @throws StatusError as sourceOf. */
export function sinkOf(message: Message, path: string): TransferLocation {
  return locationOf(message, SINKS, { path, oneof: 'data_sink' });
}

function locationOf(
  message: Message,
  readers: Readonly<Record<string, Reader>>,
  { path, oneof }: { readonly path: string; readonly oneof: string },
): TransferLocation {
  for (const [member, read] of Object.entries(readers)) {
    const value = message[member];
    if (value !== undefined) return read(value as Message, `${path}.${snakeCase(member)}`);
  }
  const names = Object.keys(readers).map(snakeCase).join(', ');
  throw invalidArgument(`${path}.${oneof}`, `is required: one of ${names}`);
}

function posixLocation({ rootDirectory }: Message, field: string): TransferLocation {
  if (typeof rootDirectory === 'string' && rootDirectory !== '') return { kind: 'posix', rootDirectory };
  throw invalidArgument(`${field}.root_directory`, 'is required, as an absolute path');
}

/** HttpData.list_url: "This URL must point to" the list; with a user's name in it, it would be a credential in a job's record. */
function urlListLocation({ listUrl }: Message, field: string): TransferLocation {
  const url = typeof listUrl === 'string' && URL.canParse(listUrl) ? new URL(listUrl) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw invalidArgument(`${field}.list_url`, 'is required: a URL of http or https, without a user');
  }
  return { kind: 'url-list', listUrl: url.href };
}

/** Names of buckets of both services; what else they must be their service says. */
const BUCKET_NAME = /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/;
const PATH_BYTES_MAX = 1024;

function bucketLocation(scheme: BucketLocation['scheme'], message: Message, field: string): BucketLocation {
  const { bucketName, path = '' } = message;
  if (typeof bucketName !== 'string' || !BUCKET_NAME.test(bucketName)) {
    throw invalidArgument(`${field}.bucket_name`, 'is required: 3 to 222 of a-z, 0-9, ".", "_" and "-"');
  }
  return { kind: 'bucket', scheme, bucket: bucketName, path: pathOf(path as string, `${field}.path`) };
}

/** GcsData.path: "Must be an empty string or full path name that ends with a '/'", "should generally not begin with a '/'". */
function pathOf(path: string, field: string): string {
  if (path !== '' && !path.endsWith('/')) throw invalidArgument(field, 'must be empty or end with a "/"');
  if (path.startsWith('/')) throw invalidArgument(field, 'must not begin with a "/"');
  if (Buffer.byteLength(path) > PATH_BYTES_MAX) throw invalidArgument(field, `is longer than ${PATH_BYTES_MAX} bytes`);
  return path;
}
