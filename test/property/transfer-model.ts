/** What a transfer should do, said in a few lines, and what holds of its counters at all times. */
import { COUNTER_NAMES, type TransferCounters } from '../../src/transfers/progress.ts';
import type { Deletes, OverwriteWhen } from '../../src/transfers/spec.ts';

export interface ModelObject {
  /** Its size at the source; undefined: not there. */
  readonly source: number | undefined;
  readonly sink: 'absent' | 'equal' | 'older';
  /** What fails of it, always. */
  readonly fault: 'read' | 'write' | 'delete-source' | 'delete-sink' | undefined;
}

export interface World {
  readonly objects: ReadonlyMap<string, ModelObject>;
  readonly overwriteWhen: OverwriteWhen;
  readonly deletes: Deletes;
}

/** Objects by key. */
interface Places {
  readonly source: ReadonlyMap<string, string>;
  readonly sink: ReadonlyMap<string, string>;
}

export interface Expected {
  readonly counters: TransferCounters;
  readonly after: Places;
  readonly failureCount: number;
}

/** The counters, the places and the failures of one operation from begin to end. */
export function modelOf(world: World, before: Places, sizeOf: (key: string, sizeBytes: number) => number): Expected {
  const source = new Map(before.source);
  const sink = new Map(before.sink);
  const counters: Partial<Record<(typeof COUNTER_NAMES)[number], number>> = {};
  let failureCount = 0;
  const count = (kind: string, sizeBytes: number): void => {
    for (const [name, value] of [
      [`objects${kind}`, 1],
      [`bytes${kind}`, sizeBytes],
    ] as const) {
      const counter = name as (typeof COUNTER_NAMES)[number];
      counters[counter] = (counters[counter] ?? 0) + value;
    }
  };
  const leave = (key: string, sizeBytes: number, fault: ModelObject['fault']): void => {
    if (world.deletes !== 'from-source') return;
    if (fault === 'delete-source') {
      count('FromSourceFailed', sizeBytes);
      failureCount += 1;
      return;
    }
    count('DeletedFromSource', sizeBytes);
    source.delete(key);
  };
  for (const [key, { sink: there, fault, source: size }] of world.objects) {
    const content = before.source.get(key);
    if (content === undefined) continue;
    const sizeBytes = sizeOf(key, size ?? 0);
    if (isSkipped(world.overwriteWhen, there)) {
      count('FromSourceSkippedBySync', sizeBytes);
      // With NEVER nobody has looked whether they are equal.
      if (world.overwriteWhen !== 'NEVER') leave(key, sizeBytes, fault);
      continue;
    }
    count('FoundFromSource', sizeBytes);
    if (fault === 'read' || fault === 'write') {
      count('FromSourceFailed', sizeBytes);
      failureCount += 1;
      continue;
    }
    count('CopiedToSink', sizeBytes);
    sink.set(key, content);
    leave(key, sizeBytes, fault);
  }
  for (const [key, content] of before.sink) {
    if (world.deletes !== 'unique-in-sink' || before.source.has(key)) continue;
    const sizeBytes = Buffer.from(content, 'base64').length;
    count('FoundOnlyFromSink', sizeBytes);
    if (world.objects.get(key)?.fault === 'delete-sink') {
      count('FailedToDeleteFromSink', sizeBytes);
      failureCount += 1;
      continue;
    }
    count('DeletedFromSink', sizeBytes);
    sink.delete(key);
  }
  return { counters: withoutZeros(counters), after: { source, sink }, failureCount };
}

function isSkipped(overwriteWhen: OverwriteWhen, there: ModelObject['sink']): boolean {
  if (overwriteWhen === 'ALWAYS' || there === 'absent') return false;
  return there === 'equal' || overwriteWhen === 'NEVER';
}

function withoutZeros(counters: TransferCounters): TransferCounters {
  return Object.fromEntries(Object.entries(counters).filter(([, value]) => value !== 0));
}

/** How many objects came, and went, between two looks at the places. */
export function changesOf(before: Places, after: Places): TransferCounters {
  const copied = [...after.sink].filter(
    ([key, content]) => before.sink.get(key) !== content && before.source.get(key) === content,
  );
  return withoutZeros({
    objectsCopiedToSink: copied.length,
    objectsDeletedFromSink: goneOf(before.sink, after.sink),
    objectsDeletedFromSource: goneOf(before.source, after.source),
  });
}

function goneOf(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): number {
  return [...before.keys()].filter((key) => !after.has(key)).length;
}

/** What is wrong with the counters that clients saw, one after the other. */
export function counterProblems(seen: readonly TransferCounters[], deletes: Deletes): readonly string[] {
  const problems: string[] = [];
  let before: TransferCounters = {};
  for (const counters of seen) {
    for (const name of COUNTER_NAMES) {
      if ((counters[name] ?? 0) < (before[name] ?? 0)) problems.push(`${name} fell`);
    }
    for (const unit of ['objects', 'bytes'] as const) {
      const { [`${unit}FoundFromSource` as const]: found = 0, [`${unit}CopiedToSink` as const]: copied = 0 } = counters;
      if (copied > found) problems.push(`more ${unit} copied than found`);
      // What cannot be removed from the source is copied, and failed: "failed to be transferred or failed to be deleted after".
      const failed = deletes === 'from-source' ? 0 : (counters[`${unit}FromSourceFailed`] ?? 0);
      if (copied + failed > found) problems.push(`more ${unit} copied and failed than found`);
      const skipped = counters[`${unit}FromSourceSkippedBySync`] ?? 0;
      if ((counters[`${unit}DeletedFromSource`] ?? 0) > copied + skipped) {
        problems.push(`more ${unit} deleted from the source than the sink has`);
      }
      const { [`${unit}FoundOnlyFromSink` as const]: only = 0 } = counters;
      const gone = counters[`${unit}DeletedFromSink`] ?? 0;
      const left = counters[`${unit}FailedToDeleteFromSink`] ?? 0;
      if (gone + left > only) problems.push(`more ${unit} deleted at the sink than found there`);
    }
    before = counters;
  }
  return problems;
}
