import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSync } from '@grpc/proto-loader';

/** Google's protos, which the `longrunning` package brings along. */
const google = dirname(createRequire(import.meta.url).resolve('google-proto-files/package.json'));

export const definitions = loadSync('reports.proto', {
  includeDirs: [dirname(fileURLToPath(import.meta.url)), google],
  longs: String,
  enums: String,
});

/** The bytes of a message. */
export function encode(type, message) {
  return definitions[type].serialize(message);
}

/** The message of its bytes. */
export function decode(type, bytes) {
  return definitions[type].deserialize(Buffer.from(bytes));
}
