import type { TransferLimits } from '../limits.ts';
import type { UploadPart, UploadRules } from '../object-uploads.ts';

/**
 * How long the parts of an upload are: as the limits say, unless the store has another idea, or would have too many.
 *
 * @param parts  those that an earlier attempt staged: the rest is like them.
 */
export function partSizeOf(
  sizeBytes: number,
  rules: UploadRules,
  limits: Pick<TransferLimits, 'partSizeBytes'>,
  parts: readonly UploadPart[],
): number {
  const [first] = parts;
  if (first !== undefined) return first.sizeBytes;
  const { partSizeBytesMin, partSizeBytesMax, partSizeGrainBytes, partCountMax } = rules;
  const wanted = Math.max(limits.partSizeBytes, partSizeBytesMin, Math.ceil(sizeBytes / partCountMax));
  const inGrains = Math.ceil(wanted / partSizeGrainBytes) * partSizeGrainBytes;
  return Math.min(inGrains, partSizeBytesMax);
}

/** Parts from `startBytes` up to at least `endBytes`, or the end of the object. */
export function partsBetween(
  {
    startBytes,
    endBytes,
    sizeBytes,
  }: { readonly startBytes: number; readonly endBytes: number; readonly sizeBytes: number },
  partSizeBytes: number,
): readonly { readonly index: number; readonly offsetBytes: number; readonly lengthBytes: number }[] {
  const parts: { index: number; offsetBytes: number; lengthBytes: number }[] = [];
  for (let offsetBytes = startBytes; offsetBytes < Math.min(endBytes, sizeBytes); offsetBytes += partSizeBytes) {
    const lengthBytes = Math.min(partSizeBytes, sizeBytes - offsetBytes);
    parts.push({ index: Math.floor(offsetBytes / partSizeBytes), offsetBytes, lengthBytes });
  }
  return parts;
}
