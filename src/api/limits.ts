export interface ApiLimits {
  /** Lists, of whatever records, that are read and answered at a time; further ones wait. */
  readonly listCountMax: number;
}

export const DEFAULT_API_LIMITS: ApiLimits = {
  // A page may be of 8 MiB while it is read, and some 50 MB while its messages are objects. One thread reads them, and one writes them: more at a
  // time are not answered sooner.
  listCountMax: 8,
};
