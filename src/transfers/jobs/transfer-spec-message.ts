import { invalidArgument } from '../../core/status-error.ts';
import { DEFAULT_BUCKET_METADATA, STORAGE_CLASSES, type BucketMetadata } from '../bucket-metadata.ts';
import type { PreservedMetadata } from '../posix-metadata.ts';
import { poolOfSpec } from '../pools/spec-pool.ts';
import type { ObjectConditions } from '../selection/object-conditions.ts';
import type { Deletes, OverwriteWhen, TransferLocation, TransferSpec } from '../spec.ts';
import { isEmpty, servedPart, type Message } from './field-rules.ts';
import { checkIntermediateLocation } from './intermediate-location.ts';
import { sinkOf, sourceOf } from './location-message.ts';
import { manifestLocationOf } from './manifest-message.ts';
import { isGiven, objectConditionsOf, TIME_CONDITIONS } from './object-conditions-message.ts';
import { TRANSFER_SPEC_FIELDS } from './transfer-job-fields.ts';

/**
 * The served part of a google.storagetransfer.v1.TransferSpec that a client sent.
 *
 * @param path  of the message within the request, in the proto's spelling.
 * @throws StatusError INVALID_ARGUMENT when it contradicts itself or lacks something; UNIMPLEMENTED naming a field that is not
 *   served.
 */
export function checkedTransferSpec(message: Message | undefined, path: string): Message {
  if (message === undefined) throw invalidArgument(path, 'is required');
  refuseContradictions(message, path);
  const served = servedPart(message, TRANSFER_SPEC_FIELDS, path);
  objectConditionsOf(served['objectConditions'] as Message | undefined, `${path}.object_conditions`);
  checkIntermediateLocation(served, transferSpecOf(served, path), path);
  poolOfSpec(served, path);
  return served;
}

/**
 * What a checked spec asks for.
 *
 * @throws StatusError INVALID_ARGUMENT when its source or sink is missing.
 */
export function transferSpecOf(message: Message, path = 'transfer_spec'): TransferSpec {
  const options = (message['transferOptions'] ?? {}) as Message;
  const metadataOptions = (options['metadataOptions'] ?? {}) as Message;
  const source = sourceOf(message, path);
  const sink = sinkOf(message, path);
  const conditions = conditionsOf(message, source, path);
  const { location = '' } = (message['transferManifest'] ?? {}) as { readonly location?: string };
  const manifest = manifestLocationOf(location, { source, sink }, `${path}.transfer_manifest`);
  return {
    source,
    sink,
    overwriteWhen: overwriteWhenOf(options),
    metadata: preservedMetadataOf(metadataOptions),
    bucketMetadata: bucketMetadataOf(metadataOptions),
    deletes: deletesOf(options),
    ...(conditions === undefined ? {} : { conditions }),
    ...(manifest === undefined ? {} : { manifest }),
  };
}

/** HttpData: "ObjectConditions have no effect when filtering objects to transfer." */
function conditionsOf(message: Message, source: TransferLocation, path: string): ObjectConditions | undefined {
  if (source.kind === 'url-list') return undefined;
  return objectConditionsOf(message['objectConditions'] as Message | undefined, `${path}.object_conditions`);
}

/** transfer_types.proto: "If not set, overwrite behavior is determined by overwrite_objects_already_existing_in_sink". */
function overwriteWhenOf(options: Message): OverwriteWhen {
  const { overwriteWhen, overwriteObjectsAlreadyExistingInSink } = options;
  if (!isEmpty(overwriteWhen)) return overwriteWhen as OverwriteWhen;
  return overwriteObjectsAlreadyExistingInSink === true ? 'ALWAYS' : 'DIFFERENT';
}

function deletesOf({ deleteObjectsUniqueInSink, deleteObjectsFromSourceAfterTransfer }: Message): Deletes {
  if (deleteObjectsUniqueInSink === true) return 'unique-in-sink';
  return deleteObjectsFromSourceAfterTransfer === true ? 'from-source' : 'nothing';
}

/** MetadataOptions: "By default, mode is not preserved", and so with the others. */
function preservedMetadataOf({ mode, uid, gid, symlink }: Message): PreservedMetadata {
  return {
    mode: mode === 'MODE_PRESERVE',
    uid: uid === 'UID_NUMBER',
    gid: gid === 'GID_NUMBER',
    symlinks: symlink === 'SYMLINK_PRESERVE',
  };
}

/** MetadataOptions: "If unspecified, the default behavior is the same as" the value that each comment names. */
function bucketMetadataOf({ acl, storageClass, temporaryHold, kmsKey, timeCreated }: Message): BucketMetadata {
  return {
    storageClass: storageClassOf(storageClass),
    temporaryHold: temporaryHold !== 'TEMPORARY_HOLD_SKIP',
    kmsKey: kmsKey === 'KMS_KEY_PRESERVE',
    createTime: timeCreated === 'TIME_CREATED_PRESERVE_AS_CUSTOM_TIME',
    acl: acl === 'ACL_PRESERVE',
  };
}

function storageClassOf(option: unknown): BucketMetadata['storageClass'] {
  if (option === 'STORAGE_CLASS_PRESERVE') return 'of-source';
  return STORAGE_CLASSES.find((name) => option === `STORAGE_CLASS_${name}`) ?? DEFAULT_BUCKET_METADATA.storageClass;
}

function refuseContradictions(message: Message, path: string): void {
  if (message['hdfsDataSource'] !== undefined && message['hdfsDataSource'] !== null) {
    throw invalidArgument(`${path}.hdfs_data_source`, 'HDFS is not served; copy it to a directory or a bucket first');
  }
  const options = (message['transferOptions'] ?? {}) as Message;
  if (options['deleteObjectsUniqueInSink'] !== true) return;
  // TransferOptions: "This option and delete_objects_from_source_after_transfer are mutually exclusive."
  if (options['deleteObjectsFromSourceAfterTransfer'] === true) {
    throw invalidArgument(
      `${path}.transfer_options`,
      'delete_objects_unique_in_sink and delete_objects_from_source_after_transfer exclude each other; set one of them',
    );
  }
  // What a manifest does not name it does not know: all of that would go.
  if (!isEmpty(message['transferManifest'])) {
    throw invalidArgument(`${path}.transfer_manifest`, 'excludes transfer_options.delete_objects_unique_in_sink');
  }
  // TransferSpec: with "time-based object conditions such as 'last modification time'" … "the request fails with an INVALID_ARGUMENT".
  const conditions = (message['objectConditions'] ?? {}) as Message;
  if (TIME_CONDITIONS.some((key) => isGiven(conditions[key]))) {
    throw invalidArgument(
      `${path}.object_conditions`,
      'has conditions on time, which exclude transfer_options.delete_objects_unique_in_sink',
    );
  }
}
