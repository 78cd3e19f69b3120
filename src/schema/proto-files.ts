/**
 * Where the .proto files lie that this product speaks: Google's in the google-proto-files package, ours in protos/.
 */
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Relative to google-proto-files; what they import comes with them. */
const GOOGLE_PROTOS = [
  'google/longrunning/operations.proto',
  'google/protobuf/duration.proto',
  'google/protobuf/empty.proto',
  'google/protobuf/struct.proto',
  'google/protobuf/wrappers.proto',
  'google/rpc/code.proto',
  'google/rpc/error_details.proto',
  'google/rpc/status.proto',
  'google/storagetransfer/v1/transfer.proto',
];

/** Of services that are not spoken here; their messages come in Anys. */
const PROTOS_OF_ANYS = ['google/cloud/storagebatchoperations/v1/storage_batch_operations.proto'];
const PACKAGES_OF_ANYS = ['google.cloud.storagebatchoperations.v1'];

/** The directories that imports are relative to. */
export function protoDirectories(): readonly string[] {
  return [dirname(createRequire(import.meta.url).resolve('google-proto-files/package.json')), ours()];
}

/** The names of the files that are loaded, each relative to one of the directories; not those that they import. */
export function protoNames(): readonly string[] {
  const names = readdirSync(ours(), { recursive: true, encoding: 'utf8' });
  return [...GOOGLE_PROTOS, ...names.filter((name) => name.endsWith('.proto')).sort()];
}

/** As protoNames: files that are loaded only when what they define is asked for, as nobody should wait for them at the start. */
export function protoNamesOfAnys(): readonly string[] {
  return PROTOS_OF_ANYS;
}

/** Whether a full message name, or that of one nested in it, is of these files. */
export function isOfAnys(name: string): boolean {
  return PACKAGES_OF_ANYS.some((packageName) => name.startsWith(`${packageName}.`));
}

/**
 * The path of a file by its name.
 * @throws Error when there is none: an import that nobody ships is a bug.
 */
export function protoPath(name: string): string {
  const path = protoDirectories()
    .map((directory) => join(directory, name))
    .find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error(`${name} is in none of the directories of protos`);
  return path;
}

function ours(): string {
  // The same step up from src/schema/ and from dist/schema/.
  return fileURLToPath(new URL('../../protos', import.meta.url));
}
