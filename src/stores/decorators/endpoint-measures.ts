import { codeName, type Code } from '../../core/code.ts';

/** What was seen of one endpoint since it was opened. */
export interface MeasuredCalls {
  readonly count: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  /** By the name of their code; UNKNOWN for what is no StatusError. */
  readonly failureCounts: Readonly<Record<string, number>>;
  /** Calls by how long they took: the n-th holds those below 2^n milliseconds that the one before does not. */
  readonly durationCounts: readonly number[];
}

/** Up to 2^17 ms, over two minutes; what takes longer is in the last. */
const DURATION_COUNT = 18;

/** Counts calls of one kind to one endpoint; bounded in size whatever it counts. */
export class EndpointMeasures {
  #count = 0;
  #readBytes = 0;
  #writtenBytes = 0;
  readonly #failures = new Map<string, number>();
  readonly #durations = new Array<number>(DURATION_COUNT).fill(0);

  read(bytes: number): void {
    this.#readBytes += bytes;
  }

  wrote(bytes: number): void {
    this.#writtenBytes += bytes;
  }

  ended(durationMs: number, failure?: Code): void {
    this.#count += 1;
    const index = Math.min(DURATION_COUNT - 1, Math.max(0, Math.ceil(Math.log2(Math.max(1, durationMs) + 1e-9))));
    this.#durations[index] = (this.#durations[index] ?? 0) + 1;
    if (failure === undefined) return;
    const name = codeName(failure);
    this.#failures.set(name, (this.#failures.get(name) ?? 0) + 1);
  }

  snapshot(): MeasuredCalls {
    return {
      count: this.#count,
      readBytes: this.#readBytes,
      writtenBytes: this.#writtenBytes,
      failureCounts: Object.fromEntries(this.#failures),
      durationCounts: [...this.#durations],
    };
  }
}
