import { randomUUID } from 'node:crypto';
import type { ObjectMetadata } from '../../transfers/object-metadata.ts';

/**
 * The name of an upload, which Azure has none for: blocks belong to the name of their blob, and metadata comes with the list that
 * commits them. So the id tells which blocks are the upload's, and holds the metadata until then.
 */
export interface AzureUploadId {
  readonly token: string;
  readonly metadata?: ObjectMetadata;
}

export function newUploadId(metadata: ObjectMetadata | undefined): string {
  const token = randomUUID().replaceAll('-', '');
  return metadata === undefined ? token : `${token}.${Buffer.from(JSON.stringify(metadata)).toString('base64url')}`;
}

export function parseUploadId(id: string): AzureUploadId {
  const [token = '', encoded] = id.split('.');
  if (encoded === undefined) return { token };
  return { token, metadata: JSON.parse(Buffer.from(encoded, 'base64url').toString()) as ObjectMetadata };
}

/** "For a given blob, all block IDs must be the same length": base64 of 37 characters. */
export function blockId({ token }: AzureUploadId, index: number): string {
  return Buffer.from(`${token}${String(index).padStart(5, '0')}`).toString('base64');
}
