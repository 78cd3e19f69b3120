import type { BucketBinding, BucketBindings } from '../core/bucket-binding.ts';
import { absolutePathOf, choiceOf, membersOf, type Environment, type Members } from './binding-members.ts';
import { parseAzure, parseGcs, parseS3, type BindingPlace } from './remote-bindings.ts';
import { ConfigError } from './sources.ts';

const KINDS = ['directory', 'gcs', 's3', 'azure'] as const;
const MEMBERS: Readonly<Record<(typeof KINDS)[number], readonly string[]>> = {
  directory: ['kind', 'path'],
  gcs: ['kind', 'bucket', 'prefix', 'endpoint', 'credentials'],
  s3: [
    'kind',
    'bucket',
    'prefix',
    'endpoint',
    'region',
    'style',
    'insecure',
    'access-key-id',
    'secret-access-key',
    'session-token',
  ],
  azure: ['kind', 'account', 'container', 'prefix', 'endpoint', 'account-key', 'sas-token', 'credentials'],
};

/** A bucket's name, or one behind its account's or its endpoint's; `*` for all of them. */
const NAME = /^[^/\s]+(\/[^/\s]+)?$/;

/**
 * The `buckets` section of the file: what stands behind each bucket's name.
 *
 * @throws ConfigError naming the member that is wrong, or the secret that is not there. Never holds a secret.
 */
export function parseBuckets(given: unknown, environment: Environment): BucketBindings {
  if (given === undefined) return {};
  const section = membersOf(given, 'buckets');
  const bindings = Object.entries(section).map(([name, value]) => {
    const where = `buckets.${name}`;
    if (!NAME.test(name))
      throw new ConfigError(`${where}: is no name of a bucket, and no ACCOUNT/CONTAINER or HOST/BUCKET`);
    return [name, parseBinding(membersOf(value, where), { name, where, environment })] as const;
  });
  return Object.freeze(Object.fromEntries(bindings));
}

function parseBinding(members: Members, place: BindingPlace): BucketBinding {
  const { where } = place;
  const kind = choiceOf(members['kind'], KINDS, `${where}.kind`);
  for (const name of Object.keys(members)) {
    if (!MEMBERS[kind].includes(name))
      throw new ConfigError(`${where}: there is no ${name}; of kind ${kind} known are ${MEMBERS[kind].join(', ')}`);
  }
  switch (kind) {
    case 'directory':
      return { kind, path: absolutePathOf(members['path'], `${where}.path`) };
    case 'gcs':
      return parseGcs(members, place);
    case 's3':
      return parseS3(members, place);
    case 'azure':
      return parseAzure(members, place);
  }
}
