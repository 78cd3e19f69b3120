import type { BenchContext } from './bench-context.ts';

/** What is asked of a figure; one of the two. */
export interface Bound {
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** The same measured of somebody else, in the same run. */
export interface Reference {
  /** At most 24 characters, for the table. */
  readonly name: string;
  /** In the order of the row's own, with which they come in pairs. */
  readonly runs: readonly number[];
  /** Of the row's figure divided by this one. */
  readonly target?: Bound;
}

/** One thing measured, in several runs. */
export interface Row {
  /** What it is of: at most 46 characters, for the table. */
  readonly name: string;
  /** ` ms`, ` MB`, `/s`: written behind each figure. */
  readonly unit: string;
  readonly runs: readonly number[];
  readonly references?: readonly Reference[];
  readonly target?: Bound;
  /** A condition the reader must know. */
  readonly note?: string;
}

/** What could not be measured here, and why: a peer that is not installed. */
export interface Skipped {
  readonly name: string;
  readonly skipped: string;
}

export type Result = Row | Skipped;

/** One file of rows/. It fails by throwing, when an outcome was wrong; never for a figure. */
export interface Benchmark {
  /** What is typed to run it alone. */
  readonly name: string;
  /** DESIGN.md §8, in its words. */
  readonly target: string;
  run(context: BenchContext): Promise<readonly Result[]>;
}

export function isSkipped(result: Result): result is Skipped {
  return 'skipped' in result;
}

/** For figures that were measured so shortly that no verdict should be told. */
export function withoutTargets(result: Result): Result {
  if (isSkipped(result)) return result;
  const { target: _target, references = [], ...row } = result;
  return { ...row, references: references.map(({ name, runs }) => ({ name, runs })) };
}
