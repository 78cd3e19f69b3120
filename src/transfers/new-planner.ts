import type { ActivityLog } from './activity-log.ts';
import type { ByteString } from './byte-string.ts';
import { deltaRulesOf } from './delta-rules.ts';
import type { TransferLimits } from './limits.ts';
import type { ListCursor } from './list-cursor.ts';
import { Planner } from './planner.ts';
import type { Recovery } from './recovery.ts';
import { hasTimeConditions, isSelectedByTime } from './selection/object-conditions.ts';
import type { TransferRequest } from './spec.ts';
import type { TransferEnds } from './transfer-environment.ts';

export interface NewPlannerOptions {
  readonly request: TransferRequest;
  readonly ends: TransferEnds;
  readonly source: ListCursor;
  readonly sink: ListCursor;
  readonly recovery: Recovery;
  readonly cursor: ByteString | undefined;
  readonly log: ActivityLog;
  readonly limits: TransferLimits;
  readonly signal: AbortSignal;
  readonly isStopped: () => boolean;
}

/** The planner of an attempt, from what its request, its ends and its recovery say. */
export function newPlanner(options: NewPlannerOptions): Planner {
  const { request, ends, source, sink, recovery, cursor, log, limits, signal, isStopped } = options;
  const { startTimeMs, spec } = request;
  const { conditions } = spec;
  const { published, removed, begun } = recovery;
  return new Planner({
    source,
    sink,
    published,
    begun,
    isPublished: (object) => ends.copier.isPublished(object),
    removed,
    deletes: spec.deletes,
    logs: (action, state) => log.accepts(action, state),
    cursor,
    rules: deltaRulesOf(spec.overwriteWhen, ends),
    metadata: spec.metadata,
    hasSinkDirectories: ends.sink.capabilities.hasDirectories,
    ...(conditions === undefined || !hasTimeConditions(conditions)
      ? {}
      : { isSelected: (modifyTimeMs) => isSelectedByTime(modifyTimeMs, startTimeMs, conditions) }),
    stat: (side, key) => ends[side].stat(key, signal),
    sourceUrl: ends.sourceUrl,
    sinkUrl: ends.sinkUrl,
    limits,
    isStopped,
    now: () => performance.now(),
  });
}
