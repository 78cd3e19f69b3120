import type { ByteString } from './byte-string.ts';
import { isLinkObject } from './link-objects.ts';
import type { ObjectMetadata } from './object-metadata.ts';
import { originalTimeMs, provenanceOf } from './provenance.ts';
import type { OverwriteWhen } from './spec.ts';

/** What a store shows of an object, as far as a delta needs it. */
export interface Comparable {
  readonly sizeBytes: number;
  readonly modifyTimeMs: number;
  readonly crc32c?: number | undefined;
  readonly md5?: string | undefined;
  readonly etag?: string | undefined;
  readonly metadata?: ObjectMetadata | undefined;
  /** Of a symbolic link; undefined for any other object. */
  readonly linkTarget?: ByteString | undefined;
}

/** What a store's columns mean. */
export interface DeltaSide {
  /** StoreCapabilities.assignsModifyTime: its times say nothing of what was copied. */
  readonly assignsModifyTime: boolean;
  /** A stat tells metadata that the listing does not. */
  readonly mayTellMore: boolean;
}

export interface DeltaRules {
  readonly overwriteWhen: OverwriteWhen;
  /** Two times are equal when they differ by no more: what the coarser of the two stores can hold. Milliseconds. */
  readonly grainMs: number;
  readonly source: DeltaSide;
  readonly sink: DeltaSide;
}

/** `unknown`: ask the sides that may tell more, and then again with rules in which none may. */
export type Verdict = 'copy' | 'skip' | 'unknown';

/** Stats pass through a double, which near 2^40 ms holds a quarter of a microsecond: two roundings. */
const ROUNDING_MS = 0.0005;

/**
 * Whether two modification times name the same instant.
 *
 * @param grainMs  what the coarser of the two stores can hold, at least a microsecond.
 */
export function isSameTime(aMs: number, bMs: number, grainMs: number): boolean {
  return Math.abs(aMs - bMs) <= grainMs + ROUNDING_MS;
}

/**
 * Whether a source object that the sink has, too, is to be copied. In this order: by size, by a hash that both have, by what the
 * sink remembers of its source, by time where both are the writer's. What nothing of this decides is copied.
 *
 * Where both are symbolic links of trees it goes by target alone, as with rsync; what stands for one in a bucket is compared by time.
 */
export function compareObjects(source: Comparable, sink: Comparable, rules: DeltaRules): Verdict {
  if (rules.overwriteWhen === 'NEVER') return 'skip';
  if (rules.overwriteWhen === 'ALWAYS') return 'copy';
  if (source.linkTarget !== undefined || sink.linkTarget !== undefined) {
    return compareLinks(source, sink, rules);
  }
  if (source.sizeBytes !== sink.sizeBytes) return 'copy';
  if (source.crc32c !== undefined && sink.crc32c !== undefined) return copyUnless(source.crc32c === sink.crc32c);
  if (source.md5 !== undefined && sink.md5 !== undefined) return copyUnless(source.md5 === sink.md5);
  const isCopyOf = remembers(source, sink, rules);
  if (isCopyOf !== undefined) return copyUnless(isCopyOf);
  if (rules.sink.mayTellMore && sink.metadata === undefined) return 'unknown';
  return rules.sink.assignsModifyTime ? 'copy' : compareTimes(source, sink, rules);
}

/** At least one is a link of a tree. An object of a bucket tells its target only when it is read. */
function compareLinks(source: Comparable, sink: Comparable, rules: DeltaRules): Verdict {
  if (source.linkTarget !== undefined && sink.linkTarget !== undefined) {
    return copyUnless(source.linkTarget === sink.linkTarget);
  }
  const [other, side] = source.linkTarget === undefined ? [source, rules.source] : [sink, rules.sink];
  if (source.sizeBytes !== sink.sizeBytes) return 'copy';
  if (side.mayTellMore && other.metadata === undefined) return 'unknown';
  if (!isLinkObject(other)) return 'copy';
  if (other === sink) return copyUnless(remembers(source, sink, rules) === true);
  return copyUnless(isSameTime(originalTimeMs(source), sink.modifyTimeMs, rules.grainMs));
}

/** With all that stats tell: nothing stays unknown. */
export function isToBeCopied(source: Comparable, sink: Comparable, rules: DeltaRules): boolean {
  const { source: from, sink: to } = rules;
  const settled = { ...rules, source: { ...from, mayTellMore: false }, sink: { ...to, mayTellMore: false } };
  return compareObjects(source, sink, settled) === 'copy';
}

/** Whether the sink is a copy of this very source, by what it says itself; undefined when it does not say. */
function remembers(source: Comparable, sink: Comparable, { grainMs, source: side }: DeltaRules): boolean | undefined {
  const known = provenanceOf(sink.metadata);
  if (known === undefined) return undefined;
  if (known.etag !== undefined && source.etag !== undefined) return known.etag === source.etag;
  if (known.modifyTimeMs === undefined || side.assignsModifyTime) return undefined;
  if (known.isWholeSeconds === true) return Math.floor(source.modifyTimeMs / 1000) * 1000 === known.modifyTimeMs;
  return isSameTime(source.modifyTimeMs, known.modifyTimeMs, grainMs);
}

/** A copy whose time is ours to set has the time of the file that its source was made of, where that is known. */
function compareTimes(source: Comparable, sink: Comparable, { grainMs, source: side }: DeltaRules): Verdict {
  if (isSameTime(originalTimeMs(source), sink.modifyTimeMs, grainMs)) return 'skip';
  return side.mayTellMore && source.metadata === undefined ? 'unknown' : 'copy';
}

function copyUnless(isEqual: boolean): Verdict {
  return isEqual ? 'skip' : 'copy';
}
