/** Upper ends of the classes, milliseconds; what is above the last is in a class of its own. */
const ENDS_MS = [5, 10, 20, 50, 100, 200, 500, 1000];

export interface Histogram {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** How many were at most so long, and longer than the class before: `<= 20 ms`. */
  readonly classes: Readonly<Record<string, number>>;
}

/** Of times in milliseconds. */
export function histogramOf(times: readonly number[]): Histogram {
  const sorted = times.map(Math.round).toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  const classOf = (ms: number): string => {
    const end = ENDS_MS.find((each) => ms <= each);
    return end === undefined ? `> ${ENDS_MS.at(-1) ?? 0} ms` : `<= ${end} ms`;
  };
  const classes = new Map<string, number>();
  for (const ms of sorted) classes.set(classOf(ms), (classes.get(classOf(ms)) ?? 0) + 1);
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1), classes: Object.fromEntries(classes) };
}
