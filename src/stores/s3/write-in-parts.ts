import { crc32c } from '@node-rs/crc32';
import type { ByteString } from '../../transfers/byte-string.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';
import type { WriteOptions } from '../../transfers/object-store.ts';
import type { ObjectUploads, Upload, UploadPart } from '../../transfers/object-uploads.ts';

export interface PartsToWrite {
  readonly uploads: ObjectUploads;
  readonly key: ByteString;
  /** The body, of which two parts have been read to see that there are two. */
  readonly rest: { readonly first: Buffer; readonly second: Buffer; readonly parts: AsyncIterable<Buffer> };
  readonly options: WriteOptions;
  /** How long the removal of what failed may take, milliseconds. */
  readonly cleanUpTimeoutMs: number;
}

/** Writes a body too large for one request as an upload, part after part; what fails is removed. */
export async function writeInParts({
  uploads,
  key,
  rest,
  options,
  cleanUpTimeoutMs,
}: PartsToWrite): Promise<ObjectRecord> {
  const { modifyTimeMs, sizeBytes = 0, metadata, precondition, signal } = options;
  const more = {
    ...(metadata === undefined ? {} : { metadata }),
    ...(precondition === undefined ? {} : { precondition }),
  };
  const upload = await uploads.begin(key, { modifyTimeMs, sizeBytes, ...more, signal });
  try {
    const { parts, sum } = await putAll(uploads, upload, rest, signal);
    const record = await uploads.complete(upload, parts, { crc32c: sum, ...more, signal });
    return metadata === undefined ? record : { ...record, metadata };
  } catch (error) {
    // With a signal of its own: the one that was aborted would stop this, too. What remains is the janitor's.
    await uploads.abort(upload, AbortSignal.timeout(cleanUpTimeoutMs)).catch(() => undefined);
    throw error;
  }
}

async function putAll(
  uploads: ObjectUploads,
  upload: Upload,
  { first, second, parts: rest }: PartsToWrite['rest'],
  signal: AbortSignal,
): Promise<{ readonly parts: readonly UploadPart[]; readonly sum: number }> {
  const parts: UploadPart[] = [];
  let offsetBytes = 0;
  let sum = 0;
  const put = async (bytes: Buffer): Promise<void> => {
    parts.push(await uploads.putPart(upload, { index: parts.length, offsetBytes, bytes }, signal));
    offsetBytes += bytes.length;
    sum = crc32c(bytes, sum);
  };
  await put(first);
  await put(second);
  for await (const bytes of rest) await put(bytes);
  return { parts, sum };
}
