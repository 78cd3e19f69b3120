/** A command line that means nothing: its message is one line for the person who wrote it. Exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
