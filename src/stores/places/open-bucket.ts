import type { AzureBinding, GcsBinding, S3Binding } from '../../core/bucket-binding.ts';
import type { Clock } from '../../core/clock.ts';
import { byteStringOf } from '../../transfers/byte-string.ts';
import type { ObjectStore } from '../../transfers/object-store.ts';
import type { AnnounceStaged } from '../../transfers/transfer-environment.ts';
import { AzureService, type AzureCredentials } from '../azure/azure-service.ts';
import { AzureStore } from '../azure/azure-store.ts';
import { NO_ACCESS_TOKEN, type AccessTokens } from '../gcs/access-tokens.ts';
import { checkObjectAcls } from '../gcs/check-object-acls.ts';
import { GcsPlace } from '../gcs/gcs-place.ts';
import { GcsService } from '../gcs/gcs-service.ts';
import { GcsStore } from '../gcs/gcs-store.ts';
import { GOOGLE_ENDPOINT } from '../gcs/google-endpoint.ts';
import { metadataServerTokens } from '../gcs/metadata-server-tokens.ts';
import { serviceAccountTokens } from '../gcs/service-account-tokens.ts';
import { AWS_ENDPOINT, findAwsPlace } from '../s3/find-aws-place.ts';
import { openS3Store } from '../s3/open-s3-store.ts';
import { S3AbilityCache } from '../s3/s3-ability-cache.ts';
import type { EgressPolicy } from '../web/egress.ts';
import { WebClient } from '../web/web-client.ts';
import { steadied } from './decorated.ts';
import type { StoreLimits } from './limits.ts';
import { within, type BucketPlace } from './place-of.ts';
import { readSecret } from './read-secret.ts';

/** A store, and how to let go of it and of its connections. */
export interface OpenedStore {
  readonly store: ObjectStore;
  close(): Promise<void>;
}

export interface OpenBucketOptions {
  readonly role: 'source' | 'sink';
  readonly clock: Clock;
  readonly stores: StoreLimits;
  /** Where listings out of order are kept while they are sorted. */
  readonly sortDirectory: string;
  /** What threads remember together of S3 servers, see S3AbilityCache; absent: nothing. */
  readonly s3Abilities?: SharedArrayBuffer;
  /** See OpenS3StoreOptions. */
  readonly announce?: AnnounceStaged;
  readonly signal: AbortSignal;
  /** Whom callers may name; nobody unless given. */
  readonly egress?: EgressPolicy;
  /** Access control lists are to be copied; only between buckets of Google Cloud Storage. Default false. */
  readonly copiesAcls?: boolean;
}

/** The operator named these hosts, wherever they are. */
const OPERATORS_HOSTS: EgressPolicy = [{ host: '*', isPrivateAllowed: true }];

/**
 * Opens what stands behind a bucket's name.
 *
 * @throws StatusError FAILED_PRECONDITION when a secret of its binding cannot be read; as openS3Store.
 */
export async function openBucket(place: BucketPlace, options: OpenBucketOptions): Promise<OpenedStore> {
  const policy = place.isGuarded ? (options.egress ?? []) : OPERATORS_HOSTS;
  const web = new WebClient({ limits: options.stores.web, policy });
  try {
    const store = await openStore(place, web, options);
    return {
      store: steadied(store, options),
      close: async () => {
        await store.close();
        await web.close();
      },
    };
  } catch (error) {
    await web.close();
    throw error;
  }
}

function openStore(place: BucketPlace, web: WebClient, options: OpenBucketOptions): ObjectStore | Promise<ObjectStore> {
  const { binding } = place;
  switch (binding.kind) {
    case 'gcs':
      return openGcs(place, binding, web, options);
    case 's3':
      return openS3(place, binding, web, options);
    case 'azure':
      return openAzure(place, binding, web, options);
  }
}

async function openGcs(
  place: BucketPlace,
  binding: GcsBinding,
  client: WebClient,
  options: OpenBucketOptions,
): Promise<GcsStore> {
  const { copiesAcls = false, role, signal } = options;
  const endpoint = binding.endpoint ?? GOOGLE_ENDPOINT;
  const { bucket, prefix } = within(place);
  const service = new GcsService(client, gcsTokens(binding, client, options), endpoint);
  const location = { bucket, path: prefix, endpoint };
  if (copiesAcls) await checkObjectAcls(service, new GcsPlace(location), signal);
  return new GcsStore({ service, location, limits: options.stores.gcs, tellsAcl: copiesAcls && role === 'source' });
}

function gcsTokens({ credentials }: GcsBinding, client: WebClient, { clock, stores }: OpenBucketOptions): AccessTokens {
  const { tokenMarginMs: marginMs } = stores.gcs;
  const source = { client, clock, marginMs, fetchTimeoutMs: stores.web.responseTimeoutMs };
  if (credentials.kind === 'none') return NO_ACCESS_TOKEN;
  if (credentials.kind === 'metadata-server') return metadataServerTokens(source);
  return serviceAccountTokens(readSecret(credentials.key), source);
}

async function openS3(
  place: BucketPlace,
  binding: S3Binding,
  web: WebClient,
  { role, clock, stores, s3Abilities, announce, signal }: OpenBucketOptions,
): Promise<ObjectStore> {
  const { bucket, prefix } = within(place);
  const listsByMarker = place.location.kind === 's3-endpoint' && place.location.listsByMarker;
  const { endpoint, region, isVirtualHosted, accessKeyId, secretAccessKey, sessionToken } = binding;
  const found =
    region === '' && endpoint === AWS_ENDPOINT ? await findAwsPlace(bucket, web, signal) : { endpoint, region };
  return openS3Store({
    place: { ...found, bucket, prefix: byteStringOf(prefix), isVirtualHosted, listsByMarker },
    credentials: {
      accessKeyId: readSecret(accessKeyId),
      secretAccessKey: readSecret(secretAccessKey),
      ...(sessionToken === undefined ? {} : { sessionToken: readSecret(sessionToken) }),
    },
    role,
    web,
    clock,
    limits: stores.s3,
    abilities: new S3AbilityCache(clock, stores.s3.abilityAgeMaxMs, s3Abilities),
    ...(announce === undefined ? {} : { announce }),
    signal,
  });
}

function openAzure(
  place: BucketPlace,
  binding: AzureBinding,
  web: WebClient,
  { clock, stores }: OpenBucketOptions,
): AzureStore {
  const { bucket: container, prefix: path } = within(place);
  const { endpoint } = binding;
  const service = new AzureService(web, clock, azureCredentialsOf(binding), new URL(endpoint).origin);
  return new AzureStore({ service, location: { endpoint, container, path }, limits: stores.azure });
}

function azureCredentialsOf({ account, credentials }: AzureBinding): AzureCredentials {
  switch (credentials.kind) {
    case 'none':
      return credentials;
    case 'account-key':
      return { kind: 'sharedKey', account, key: readSecret(credentials.key) };
    case 'sas':
      // The portal shows it with the question mark that it follows in a URL.
      return { kind: 'sas', token: readSecret(credentials.token).replace(/^\?/, '') };
  }
}
