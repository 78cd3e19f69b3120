import { codeName } from '../core/code.ts';
import { activityCode, type Activity } from '../transfers/activity-log.ts';
import { displayText } from '../transfers/byte-string.ts';

/** What every line of one transfer says. */
export interface ActivityFrame {
  readonly operationName: string;
  /** Without a '/' at the end, as in TransferEnds. */
  readonly sourceUrl: string;
  readonly sinkUrl: string;
  /** Of the list itself, where the source is one of URLs. */
  readonly listUrl?: string;
}

/**
 * An activity as a google.storagetransfer.logging.TransferActivityLog in JSON, without a line end.
 *
 * The message has no word for an object that was skipped: its code is ALREADY_EXISTS and its error type SKIPPED.
 * @param completeTimeMs  since the epoch.
 */
export function activityLine(frame: ActivityFrame, activity: Activity, completeTimeMs: number): string {
  return JSON.stringify({
    operation: frame.operationName,
    action: activity.action,
    status: statusOf(activity),
    ...subjectOf(frame, activity),
    completeTime: new Date(completeTimeMs).toISOString(),
  });
}

function statusOf(activity: Activity): Readonly<Record<string, string>> {
  const statusCode = codeName(activityCode(activity));
  if (activity.state === 'SUCCEEDED') return { statusCode };
  if (activity.state === 'SKIPPED') return { statusCode, errorType: 'SKIPPED' };
  return { statusCode, errorType: statusCode, errorMessage: activity.cause?.detail ?? '' };
}

/** Containers are what is searched, objects what is copied or deleted. */
function subjectOf(
  { sourceUrl, sinkUrl, listUrl }: ActivityFrame,
  activity: Activity,
): Readonly<Record<string, unknown>> {
  const { action, side } = activity;
  const place = placeOf(side === 'source' ? sourceUrl : sinkUrl, listUrl);
  const name = side === 'source' ? 'source' : 'destination';
  return action === 'FIND'
    ? { [`${name}Container`]: place.container(displayText(activity.key)) }
    : { [`${name}Object`]: place.object(displayText(activity.key), attributesOf(activity)) };
}

interface Attributes {
  readonly lastModifiedTime?: string;
  readonly size?: string;
}

function attributesOf({ sizeBytes, modifyTimeMs }: Activity): Attributes {
  return {
    ...(modifyTimeMs === undefined ? {} : { lastModifiedTime: new Date(modifyTimeMs).toISOString() }),
    ...(sizeBytes === undefined ? {} : { size: String(sizeBytes) }),
  };
}

interface Place {
  container(path: string): Readonly<Record<string, unknown>>;
  object(key: string, attributes: Attributes): Readonly<Record<string, unknown>>;
}

/**
 * Stores are told apart by the canonical URLs of TransferEnds. Only those of directories are encoded: a path in a bucket may hold anything
 * that means something in a URL.
 */
function placeOf(url: string, listUrl = ''): Place {
  const [, scheme = '', host = '', root = ''] = /^([a-z0-9]+):\/\/?([^/]*)(.*)$/s.exec(url) ?? [];
  if (scheme === 'file') return posixPlace(decodeURIComponent(root));
  if (scheme === 's3')
    return bucketPlace({ type: 'AWS_S3', object: 'awsS3Object', container: 'awsS3Bucket' }, host, root);
  if (scheme === 'gs') return bucketPlace({ type: 'GCS', object: 'gcsObject', container: 'gcsBucket' }, host, root);
  if (host.endsWith('.blob.core.windows.net')) return azurePlace(host.split('.')[0] ?? '', root);
  return httpPlace(scheme, listUrl);
}

function posixPlace(root: string): Place {
  const within = (key: string): string => (root.endsWith('/') ? root + key : `${root}/${key}`);
  return {
    container: (path) => ({ type: 'POSIX_FS', posixDirectory: { path: within(path).replace(/(?<=.)\/$/, '') } }),
    object: (key, attributes) => ({ type: 'POSIX_FS', posixFile: { path: within(key), ...attributes } }),
  };
}

interface BucketNames {
  readonly type: string;
  readonly object: string;
  readonly container: string;
}

function bucketPlace(names: BucketNames, bucket: string, root: string): Place {
  const prefix = prefixOf(root);
  return {
    container: (path) => ({ type: names.type, [names.container]: { bucket, path: prefix + path } }),
    object: (key, attributes) => ({
      type: names.type,
      [names.object]: { bucket, objectKey: prefix + key, ...attributes },
    }),
  };
}

function azurePlace(account: string, root: string): Place {
  const [container = '', ...rest] = root.slice(1).split('/');
  const prefix = prefixOf(`/${rest.join('/')}`);
  return {
    container: (path) => ({ type: 'AZURE_BLOB', azureBlobContainer: { account, container, path: prefix + path } }),
    object: (key, attributes) => ({
      type: 'AZURE_BLOB',
      azureBlob: { account, container, blobName: prefix + key, ...attributes },
    }),
  };
}

/** Its objects' keys are their URLs without the scheme. HttpFileMetadata has no time. */
function httpPlace(scheme: string, listUrl: string): Place {
  return {
    container: () => ({ type: 'HTTP', httpManifest: { url: listUrl } }),
    object: (key, { size }) => ({
      type: 'HTTP',
      httpFile: { url: `${scheme}://${key}`, ...(size === undefined ? {} : { size }) },
    }),
  };
}

/** '' or a path that ends in '/'. */
function prefixOf(root: string): string {
  const path = root.replace(/^\//, '');
  return path === '' || path.endsWith('/') ? path : `${path}/`;
}
