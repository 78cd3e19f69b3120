/** Bytes copied at a moment. */
export interface RateSample {
  readonly timeMs: number;
  readonly bytes: number;
}

/** Time over which a rate is taken: long enough to be calm, short enough to follow a change. Milliseconds. */
const WINDOW_MS = 10_000;

/** Samples kept at most: one for each fifth of a second of the window. */
const SAMPLE_COUNT_MAX = 50;

/** The samples of the window, the new one last; the oldest is the last one before the window, so that it is always covered. */
export function withSample(samples: readonly RateSample[], sample: RateSample): readonly RateSample[] {
  const kept = [...samples, sample];
  const start = kept.findLastIndex(({ timeMs }) => timeMs <= sample.timeMs - WINDOW_MS);
  return kept.slice(Math.max(0, start)).slice(-SAMPLE_COUNT_MAX);
}

/** Bytes in a second over the window; undefined while there is nothing to tell it from. */
export function bytesPerSecond(samples: readonly RateSample[]): number | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || last.timeMs - first.timeMs < 500) return undefined;
  return Math.max(0, (last.bytes - first.bytes) / ((last.timeMs - first.timeMs) / 1000));
}
