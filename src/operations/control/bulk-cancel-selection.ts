import { invalidArgument, renamingField } from '../../core/status-error.ts';
import type { FilterLimits } from '../filter/parse-filter.ts';
import { selectionOf, type Selection } from '../list.ts';
import type { AnyResolver } from '../presenter.ts';
import type { SurfaceTable } from '../surface.ts';
import type { BulkCancelRequest } from './bulk-cancel.ts';
import type { ControlLimits } from './limits.ts';

export interface BulkCancelRules {
  readonly surfaces: SurfaceTable;
  readonly resolver: AnyResolver;
  readonly limits: ControlLimits;
  readonly filterLimits: FilterLimits;
}

/** What a bulk cancel is for. @throws StatusError INVALID_ARGUMENT for a parent or a filter that cannot be read. */
export function bulkCancelSelection({ parent, filter }: BulkCancelRequest, rules: BulkCancelRules): Selection {
  const { surfaces, resolver, limits, filterLimits } = rules;
  if (parent === '') throw invalidArgument('parent', 'is required');
  if (filter === '') throw invalidArgument('filter', 'is required; * is all operations of the parent');
  if (filter.length > limits.bulkCancelFilterLengthMax) {
    throw invalidArgument('filter', `has more than ${String(limits.bulkCancelFilterLengthMax)} characters`);
  }
  const surface = renamingField('name', 'parent', () => surfaces.ofCollection(parent));
  const isAll = filter === '*' && surface.filter === 'aip-160';
  return selectionOf({ name: parent, filter: isAll ? '' : filter }, surface, { resolver, limits: filterLimits });
}
