import type { Holder } from '../operations/operation-index.ts';
import type { Row } from './sqlite-protocol.ts';

/** A holder as its first operation tells of it. */
export interface StoredHolder extends Omit<Holder, 'leftMs'> {
  /** How long the lease of an owner lasts, milliseconds; absent for a worker, and where the record is damaged. */
  readonly leaseDurationMs?: number;
}

/** A text that is no JSON makes a NULL: one damaged record must not keep the others. */
const detail = (path: string): string => `CASE WHEN json_valid(detail) THEN json_extract(detail, '$.${path}') END`;

export const HOLDER_COLUMNS = `session, name, CAST(fence AS TEXT),
  coalesce(${detail('attemptStartTimeMs')}, create_time_ms), ${detail('owner.leaseDurationMs')}`;

export function holderOf([session, name, fence, sinceMs, leaseDurationMs]: Row): StoredHolder {
  return {
    session: session as string,
    lease: { name: name as string, fence: BigInt(fence as string) },
    sinceMs: sinceMs as number,
    ...(typeof leaseDurationMs === 'number' ? { leaseDurationMs } : {}),
  };
}
