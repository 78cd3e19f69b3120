import { invalidArgument } from '../core/status-error.ts';

/** Records on one page of a list. */
export interface PageSizes {
  readonly defaultPageSize: number;
  readonly maxPageSize: number;
}

/**
 * The page size to serve (AIP-158): 0 or absent is the default, more than the most is the most.
 *
 * @throws StatusError INVALID_ARGUMENT when it is negative or no integer.
 */
export function pageSizeOf(asked: number | undefined, defaults: PageSizes): number {
  const size = asked ?? 0;
  if (!Number.isInteger(size) || size < 0)
    throw invalidArgument('page_size', `is ${String(size)}; it must not be negative`, {
      metadata: { pageSize: String(size) },
    });
  return size === 0 ? defaults.defaultPageSize : Math.min(size, defaults.maxPageSize);
}
