/** Resolves in a later turn of the event loop, after those who wait for it to read and write have had theirs. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
