/**
 * Runs `act` for every item, at most `countMax` at a time, in their order.
 *
 * Rejects with the first error, when all that had begun have ended; no more begin after it.
 */
export async function eachBounded<Item>(
  items: readonly Item[],
  countMax: number,
  act: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failure: { readonly error: unknown } | undefined;
  const work = async (): Promise<void> => {
    while (failure === undefined && next < items.length) {
      const index = next++;
      try {
        await act(items[index] as Item, index);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(countMax, items.length) }, work));
  if (failure !== undefined) throw failure.error;
}
