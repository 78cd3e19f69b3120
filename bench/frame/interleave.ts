/**
 * Measures several subjects by turns, so that what else the machine does falls on all of them alike: A B C, B C A, C A B, …
 *
 * Each goes first equally often, as the first after a pause may find the machine in another state.
 * @returns for each subject its runs; the n-th of one and the n-th of another were side by side.
 */
export async function interleave<T, Name extends string>(
  runCount: number,
  subjects: Readonly<Record<Name, () => Promise<T>>>,
): Promise<Readonly<Record<Name, readonly T[]>>> {
  const names = Object.keys(subjects) as Name[];
  const runs = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, T[]>;
  for (let run = 0; run < runCount; run += 1) {
    const first = run % names.length;
    for (const name of [...names.slice(first), ...names.slice(0, first)]) runs[name].push(await subjects[name]());
  }
  return runs;
}
