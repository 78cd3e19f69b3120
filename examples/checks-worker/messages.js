import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSync } from '@grpc/proto-loader';

/** The package has the protos of the Checks API, and depends on Google's. */
const longrunning = createRequire(import.meta.url).resolve('longrunning/package.json');
const google = dirname(createRequire(longrunning).resolve('google-proto-files/package.json'));
const here = dirname(fileURLToPath(import.meta.url));

const definitions = loadSync(
  ['longrunning/checks/v1/upload_analysis.proto', 'google/protobuf/struct.proto', 'xml_node.proto'],
  { includeDirs: [join(dirname(longrunning), 'protos'), google, here], longs: Number, enums: String, defaults: true },
);

/** The bytes of a message. */
export function encode(type, message) {
  return definitions[type].serialize(message);
}

/** The message of its bytes. */
export function decode(type, bytes) {
  return definitions[type].deserialize(Buffer.from(bytes));
}
