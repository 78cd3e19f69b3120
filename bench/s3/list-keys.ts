/** What a listing asks for. */
export interface ListQuery {
  readonly prefix: string;
  /** '' = none. */
  readonly delimiter: string;
  /** A key or a common prefix: what comes behind it; '' = all. */
  readonly after: string;
  readonly countMax: number;
}

export interface KeyPage {
  readonly keys: readonly string[];
  readonly commonPrefixes: readonly string[];
  /** Of which the next page comes behind; undefined at the end. */
  readonly next: string | undefined;
}

/**
 * One page of a bucket's keys. "Keys that contain the same string between the prefix and the first occurrence of the delimiter [are]
 * rolled up into a single result element in the CommonPrefixes collection" (S3 API reference, ListObjectsV2).
 *
 * @param sortedKeys  all keys of the bucket, in the order of their bytes.
 */
export function listKeys(sortedKeys: readonly string[], { prefix, delimiter, after, countMax }: ListQuery): KeyPage {
  const keys: string[] = [];
  const commonPrefixes: string[] = [];
  let last = after;
  for (const key of sortedKeys) {
    if (!key.startsWith(prefix) || key <= last) continue;
    const common = commonPrefixOf(key, prefix, delimiter);
    if (common !== undefined && common === last) continue;
    if (keys.length + commonPrefixes.length === countMax) return { keys, commonPrefixes, next: last };
    if (common === undefined) keys.push(key);
    else commonPrefixes.push(common);
    last = common ?? key;
  }
  return { keys, commonPrefixes, next: undefined };
}

function commonPrefixOf(key: string, prefix: string, delimiter: string): string | undefined {
  const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
  return end === -1 ? undefined : key.slice(0, end + delimiter.length);
}
