import type { WritePrecondition } from '../../transfers/object-record.ts';

/** "Setting to 0 makes the operation succeed only if there are no live versions of the object." */
export function generationQuery(precondition: WritePrecondition | undefined): { readonly ifGenerationMatch?: string } {
  if (precondition === undefined) return {};
  return { ifGenerationMatch: precondition.kind === 'absent' ? '0' : precondition.etag };
}
