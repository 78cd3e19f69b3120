/** Credentials within messages of google.storagetransfer.v1, each INPUT_ONLY there: they come, and are never told. */
import { invalidArgument } from '../../core/status-error.ts';
import type { SourceCredentials } from '../source-credentials.ts';
import { isEmpty, snakeCase, type Message } from './field-rules.ts';

/** A member of TransferSpec's `data_source` that may hold credentials. */
interface Holder {
  readonly member: 'awsS3DataSource' | 'azureBlobStorageDataSource';
  /** Which of its members are the credentials. */
  readonly field: 'awsAccessKey' | 'azureCredentials';
  /** "do not specify" beside them. */
  readonly rivals: readonly string[];
  /** Which of its members say whose they are. */
  readonly identity: readonly string[];
  readonly read: (message: Message, field: string) => SourceCredentials;
}

const HOLDERS: readonly Holder[] = [
  {
    member: 'awsS3DataSource',
    field: 'awsAccessKey',
    rivals: ['roleArn', 'credentialsSecret'],
    identity: ['bucketName'],
    read: accessKeyOf,
  },
  {
    member: 'azureBlobStorageDataSource',
    field: 'azureCredentials',
    rivals: ['credentialsSecret', 'federatedIdentityConfig'],
    identity: ['storageAccount', 'container'],
    read: sasOf,
  },
];

/**
 * A TransferSpec without the credentials in it, and these.
 *
 * @param path  of the spec within the request, in the proto's spelling.
 * @throws StatusError INVALID_ARGUMENT for credentials that are not whole, or that exclude each other. What they are is in no message.
 */
export function splitCredentials(
  spec: Message,
  path: string,
): { readonly bare: Message; readonly given?: SourceCredentials } {
  for (const { member, field, rivals, read } of HOLDERS) {
    const source = spec[member] as Message | null | undefined;
    if (source === undefined || source === null || !Object.hasOwn(source, field)) continue;
    const { [field]: value, ...rest } = source;
    const bare = { ...spec, [member]: rest };
    if (isEmpty(value)) return { bare };
    const place = `${path}.${snakeCase(member)}`;
    const rival = rivals.find((each) => !isEmpty(source[each]));
    if (rival !== undefined)
      throw invalidArgument(place, `has ${snakeCase(field)} and ${snakeCase(rival)}, which exclude each other`);
    return { bare, given: read(value as Message, `${place}.${snakeCase(field)}`) };
  }
  return { bare: spec };
}

/**
 * Whether what was given for a spec's source holds for another spec: it is the same source, whatever is read below which path.
 * Credentials never go along to a source that they were not given for.
 */
export function isSameSource(a: Message, b: Message): boolean {
  return HOLDERS.some(({ member, identity }) => {
    const [one, other] = [a[member], b[member]] as readonly (Message | null | undefined)[];
    if (one === undefined || one === null || other === undefined || other === null) return false;
    return identity.every((each) => one[each] === other[each]);
  });
}

/** Whether a path of an update mask names credentials by themselves: what the body leaves out is then taken away. */
export function isCredentialsPath(path: readonly string[]): boolean {
  const [spec, member, field] = path;
  return spec === 'transferSpec' && HOLDERS.some((each) => each.member === member && each.field === field);
}

/** Any that servers of S3 give out; it becomes a part of a header. */
const ACCESS_KEY_ID = /^[\x21-\x7e]{1,128}$/;
const SECRET = /^[\x20-\x7e]{1,256}$/;

function accessKeyOf({ accessKeyId, secretAccessKey }: Message, field: string): SourceCredentials {
  if (typeof accessKeyId !== 'string' || !ACCESS_KEY_ID.test(accessKeyId)) {
    throw invalidArgument(`${field}.access_key_id`, 'is required: up to 128 characters of ASCII without spaces');
  }
  if (typeof secretAccessKey !== 'string' || !SECRET.test(secretAccessKey)) {
    throw invalidArgument(`${field}.secret_access_key`, 'is required: up to 256 characters of ASCII');
  }
  return { kind: 'aws-access-key', accessKeyId, secretAccessKey };
}

/** It becomes a part of a URL. */
const SAS_TOKEN = /^[\w\-.~%&=+:,/]{1,4096}$/;

function sasOf({ sasToken }: Message, field: string): SourceCredentials {
  // The portal shows it with the question mark that it follows in a URL.
  const token = typeof sasToken === 'string' ? sasToken.replace(/^\?/, '') : '';
  if (SAS_TOKEN.test(token) && new URLSearchParams(token).has('sig')) return { kind: 'azure-sas', token };
  throw invalidArgument(
    `${field}.sas_token`,
    'is required: the query of a shared access signature, such as sv=…&sig=…',
  );
}
