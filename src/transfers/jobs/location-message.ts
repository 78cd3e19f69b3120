import { invalidArgument } from '../../core/status-error.ts';
import type { AzureContainerLocation, BucketLocation, S3EndpointLocation } from '../remote-location.ts';
import type { TransferLocation } from '../spec.ts';
import { snakeCase, type Message } from './field-rules.ts';

/** A member of TransferSpec's `data_source` or `data_sink`, and what it says of a place. */
type Reader = (message: Message, field: string) => TransferLocation;

const SOURCES: Readonly<Record<string, Reader>> = {
  posixDataSource: posixLocation,
  gcsDataSource: (message, field) => bucketLocation('gs', message, field),
  awsS3DataSource: (message, field) => bucketLocation('s3', message, field),
  httpDataSource: urlListLocation,
  azureBlobStorageDataSource: azureLocation,
  awsS3CompatibleDataSource: s3EndpointLocation,
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
  const [first, second] = Object.entries(readers).filter(([member]) => message[member] !== undefined);
  // No message can hold two; what an update's mask puts beside what is there can.
  if (first !== undefined && second !== undefined) {
    const both = `${snakeCase(first[0])} and ${snakeCase(second[0])}`;
    throw invalidArgument(
      `${path}.${oneof}`,
      `has ${both}; to change it to another kind, replace all of transfer_spec`,
    );
  }
  if (first !== undefined) return first[1](message[first[0]] as Message, `${path}.${snakeCase(first[0])}`);
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

export function isBucketName(name: string): boolean {
  return BUCKET_NAME.test(name);
}

const PATH_BYTES_MAX = 1024;

function bucketLocation(scheme: BucketLocation['scheme'], message: Message, field: string): BucketLocation {
  return { kind: 'bucket', scheme, ...bucketAndPathOf(message, field) };
}

/** @throws StatusError INVALID_ARGUMENT for a name or path that no bucket has. */
export function bucketAndPathOf(message: Message, field: string): Pick<BucketLocation, 'bucket' | 'path'> {
  const { bucketName, path = '' } = message;
  if (typeof bucketName !== 'string' || !BUCKET_NAME.test(bucketName)) {
    throw invalidArgument(`${field}.bucket_name`, 'is required: 3 to 222 of a-z, 0-9, ".", "_" and "-"');
  }
  return { bucket: bucketName, path: pathOf(path as string, `${field}.path`) };
}

function s3EndpointLocation(message: Message, field: string): S3EndpointLocation {
  const { endpoint, region = '', s3Metadata = {} } = message;
  const { requestModel, protocol, listApi } = s3Metadata as Message;
  return {
    kind: 's3-endpoint',
    endpoint: endpointOf(endpoint, protocol, `${field}.endpoint`),
    region: regionOf(region, `${field}.region`),
    ...bucketAndPathOf(message, field),
    // "When not specified, the default value of RequestModel REQUEST_MODEL_VIRTUAL_HOSTED_STYLE is used."
    isVirtualHosted: requestModel !== 'REQUEST_MODEL_PATH_STYLE',
    listsByMarker: listApi === 'LIST_OBJECTS',
  };
}

/** With a scheme or without one; "When not specified, the default value of NetworkProtocol NETWORK_PROTOCOL_HTTPS is used." */
function endpointOf(endpoint: unknown, protocol: unknown, field: string): string {
  const scheme = SCHEMES.get(protocol as string);
  const given = typeof endpoint === 'string' && endpoint !== '' ? endpoint : ' ';
  const text = given.includes('://') ? given : `${scheme ?? 'https:'}//${given}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin = url?.pathname === '/' && url.search === '' && url.hash === '' && url.username + url.password === '';
  if (url === undefined || !isOrigin || !/^https?:$/.test(url.protocol)) {
    throw invalidArgument(field, 'is required: HOST or HOST:PORT, with nothing behind it');
  }
  if (scheme === undefined || url.protocol === scheme) return url.origin;
  throw invalidArgument(field, 'has another scheme than s3_metadata.protocol says; leave the scheme out');
}

const SCHEMES = new Map([
  ['NETWORK_PROTOCOL_HTTPS', 'https:'],
  ['NETWORK_PROTOCOL_HTTP', 'http:'],
]);

/** It becomes a part of a header: what no region has must not. */
function regionOf(region: unknown, field: string): string {
  if (typeof region === 'string' && /^[A-Za-z0-9_-]{0,64}$/.test(region)) return region;
  throw invalidArgument(field, 'must be empty or up to 64 letters, digits, "_" and "-"');
}

/** "Storage account names must be between 3 and 24 characters in length and may contain numbers and lowercase letters only." */
const ACCOUNT_NAME = /^[a-z0-9]{3,24}$/;
/** "Container names must start or end with a letter or number, and can contain only letters, numbers, and the hyphen"; and three special ones. */
const CONTAINER_NAME = /^(\$root|\$web|\$logs|(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9])$/;

function azureLocation(message: Message, field: string): AzureContainerLocation {
  const { storageAccount, container, path = '' } = message;
  if (typeof storageAccount !== 'string' || !ACCOUNT_NAME.test(storageAccount)) {
    throw invalidArgument(`${field}.storage_account`, 'is required: 3 to 24 of a-z and 0-9');
  }
  if (typeof container !== 'string' || !CONTAINER_NAME.test(container)) {
    throw invalidArgument(`${field}.container`, 'is required: 3 to 63 of a-z, 0-9 and single "-" between them');
  }
  const location = { account: storageAccount, container, path: pathOf(path as string, `${field}.path`) };
  return { kind: 'azure-container', ...location };
}

/** GcsData.path: "Must be an empty string or full path name that ends with a '/'", "should generally not begin with a '/'". */
function pathOf(path: string, field: string): string {
  if (path !== '' && !path.endsWith('/')) throw invalidArgument(field, 'must be empty or end with a "/"');
  if (path.startsWith('/')) throw invalidArgument(field, 'must not begin with a "/"');
  if (Buffer.byteLength(path) > PATH_BYTES_MAX) throw invalidArgument(field, `is longer than ${PATH_BYTES_MAX} bytes`);
  return path;
}
