/**
 * Measures several subjects by turns, so that what else the machine does falls on all of them alike.
 *
 * Each goes first equally often, and comes after another one each time: who is measured after somebody that leaves the caches cold,
 * or much memory to be freed, must not always be the same.
 * @returns for each subject its runs; the n-th of one and the n-th of another were side by side.
 */
export async function interleave<T, Name extends string>(
  runCount: number,
  subjects: Readonly<Record<Name, () => Promise<T>>>,
): Promise<Readonly<Record<Name, readonly T[]>>> {
  const names = Object.keys(subjects) as Name[];
  const steps = coprimesOf(names.length);
  const runs = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, T[]>;
  for (let run = 0; run < runCount; run += 1) {
    const step = steps[run % steps.length] ?? 1;
    const order = names.map((_, turn) => names[(run + turn * step) % names.length]);
    for (const name of order) if (name !== undefined) runs[name].push(await subjects[name]());
  }
  return runs;
}

/** Steps that visit every place of a circle of so many, from 1. */
function coprimesOf(count: number): readonly number[] {
  const steps = Array.from({ length: Math.max(1, count - 1) }, (_, index) => index + 1);
  return steps.filter((step) => greatestCommonDivisor(step, count) === 1);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
