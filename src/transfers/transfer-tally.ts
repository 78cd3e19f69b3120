import type { Code } from '../core/code.ts';
import { displayText } from './byte-string.ts';
import type { ObjectFailure } from './object-failure.ts';
import type { CounterName, ErrorBreakdown, ErrorSample, TransferProgress } from './progress.ts';

export const EMPTY_PROGRESS: TransferProgress = { counters: {}, errorBreakdowns: [] };

type Counts = Partial<Record<CounterName, number>>;
interface Breakdown {
  count: number;
  readonly samples: ErrorSample[];
}

/** Counts one part of a transfer, or all of it; tallies of parts add up. */
export class TransferTally {
  readonly #counts: Counts = {};
  readonly #breakdowns = new Map<Code, Breakdown>();
  readonly #sampleCountMax: number;

  constructor(sampleCountMax: number, start: TransferProgress = EMPTY_PROGRESS) {
    this.#sampleCountMax = sampleCountMax;
    this.#addProgress(start);
  }

  count(name: CounterName): number {
    return this.#counts[name] ?? 0;
  }

  add(name: CounterName, amount: number): void {
    if (amount !== 0) this.#counts[name] = this.count(name) + amount;
  }

  found(sizeBytes: number): void {
    this.add('objectsFoundFromSource', 1);
    this.add('bytesFoundFromSource', sizeBytes);
  }

  skipped(sizeBytes: number): void {
    this.add('objectsFromSourceSkippedBySync', 1);
    this.add('bytesFromSourceSkippedBySync', sizeBytes);
  }

  copied(sizeBytes: number): void {
    this.add('objectsCopiedToSink', 1);
    this.add('bytesCopiedToSink', sizeBytes);
  }

  /** @param rootUrl  of the side that failed, without a '/' at its end. */
  failed(failure: ObjectFailure, rootUrl: string): void {
    this.add('objectsFromSourceFailed', 1);
    this.add('bytesFromSourceFailed', failure.sizeBytes);
    this.sample(failure.code, { url: objectUrl(rootUrl, failure.key), details: [failure.detail] });
  }

  foundOnlyAtSink(sizeBytes: number): void {
    this.add('objectsFoundOnlyFromSink', 1);
    this.add('bytesFoundOnlyFromSink', sizeBytes);
  }

  /** @param rootUrl  as with failed(). */
  failedToDeleteFromSink(failure: ObjectFailure, rootUrl: string): void {
    this.add('objectsFailedToDeleteFromSink', 1);
    this.add('bytesFailedToDeleteFromSink', failure.sizeBytes);
    this.sample(failure.code, { url: objectUrl(rootUrl, failure.key), details: [failure.detail] });
  }

  /** Adds to the breakdown only. */
  sample(code: Code, sample: ErrorSample): void {
    const breakdown = this.#breakdown(code);
    breakdown.count += 1;
    if (breakdown.samples.length < this.#sampleCountMax) breakdown.samples.push(sample);
  }

  addAll(other: TransferTally): void {
    this.#addProgress(other.progress());
  }

  /** The code that most failures have; undefined when nothing failed. */
  dominantCode(): Code | undefined {
    return [...this.#breakdowns].sort((a, b) => b[1].count - a[1].count)[0]?.[0];
  }

  failureCount(): number {
    let sum = 0;
    for (const breakdown of this.#breakdowns.values()) sum += breakdown.count;
    return sum;
  }

  progress(): TransferProgress {
    return {
      counters: { ...this.#counts },
      errorBreakdowns: [...this.#breakdowns].map(([code, { count, samples }]) => ({
        code,
        count,
        samples: [...samples],
      })),
    };
  }

  #addProgress({ counters, errorBreakdowns }: TransferProgress): void {
    for (const [name, amount] of Object.entries(counters)) this.add(name as CounterName, amount);
    for (const breakdown of errorBreakdowns) this.#addBreakdown(breakdown);
  }

  #addBreakdown({ code, count, samples }: ErrorBreakdown): void {
    const breakdown = this.#breakdown(code);
    breakdown.count += count;
    breakdown.samples.push(...samples.slice(0, this.#sampleCountMax - breakdown.samples.length));
  }

  #breakdown(code: Code): Breakdown {
    const known = this.#breakdowns.get(code);
    if (known !== undefined) return known;
    const fresh = { count: 0, samples: [] };
    this.#breakdowns.set(code, fresh);
    return fresh;
  }
}

/** The canonical URL of an object below `rootUrl`; bytes that are not UTF-8 show as U+FFFD, percent-encoded like the rest. */
export function objectUrl(rootUrl: string, key: string): string {
  return `${rootUrl}/${displayText(key).split('/').map(encodeURIComponent).join('/')}`;
}
